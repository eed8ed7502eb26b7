"""The line ``%%lineage [--name N] [--in X]… [--out Y]…`` → what it asks for."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn

from lineage_kit.errors import LineageError, UsageError
from lineage_kit.event.model import Dataset
from lineage_kit.lifecycle.arguments.declared import literal
from lineage_kit.lifecycle.arguments.template import has_fields
from lineage_kit.lifecycle.spec import check_name
from lineage_kit.strangers import told

USAGE = "%%lineage [--name N] [--in X]... [--out Y]..."
WORDS = ("--name", "--in", "--out")

Fill = Callable[[str], str]


class Asked(NamedTuple):
    """What one line asks for: the name of the job, datasets read and written."""

    name: str | None = None
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%%lineage", add_help=False, allow_abbrev=False)
    parser.add_argument("--name")
    parser.add_argument("--in", dest="inputs", nargs="+", action="extend", default=[])
    parser.add_argument("--out", dest="outputs", nargs="+", action="extend", default=[])
    return parser


def read_options(line: str, names: Mapping[str, Any], fill: Fill) -> Asked:
    """What `line` asks for. names: variables of the notebook, which may hold a Dataset. fill: fills ``{braces}``.

    Raises `UsageError`, whose text ends in the usage.
    """
    try:
        words = shlex.split(line)
        for option in (word.partition("=")[0] for word in words if word.startswith("--")):
            if option not in WORDS:
                raise UsageError(f"there is no option {option!r}{_near(option)}")
        given = _parser().parse_args(words)
        name = given.name if given.name is None else _name(given.name, fill)
        return Asked(name, _datasets(given.inputs, names, fill), _datasets(given.outputs, names, fill))
    except (LineageError, ValueError) as error:  # shlex's, for a quotation that has no end
        why = told(error) if isinstance(error, LineageError) else str(error)
    except KeyboardInterrupt:
        why = "interrupted while its braces were filled"
    except SystemExit:
        why = "what stands in its braces ends the program"
    raise UsageError(f"%%lineage: {why}\nusage: {USAGE}")


def _name(name: str, fill: Fill) -> str:
    name = fill(name)
    if has_fields(name):
        raise UsageError(f"the name {name!r} holds braces that could not be filled")
    check_name(name)
    return name


def _datasets(words: Iterable[str], names: Mapping[str, Any], fill: Fill) -> tuple[Dataset, ...]:
    """Variables that hold a Dataset as they are, else paths and URLs."""
    held = ((word, names.get(word) if word.isidentifier() else None) for word in words)
    return tuple(one if isinstance(one, Dataset) else literal(fill(word)) for word, one in held)


def _near(word: str) -> str:
    near = get_close_matches(word, WORDS, 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
