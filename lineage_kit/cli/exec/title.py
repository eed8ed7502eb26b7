"""What a command is called when nobody names it: the program, or the script that an interpreter is given."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

_INTERPRETERS = re.compile(
    r"(python|pypy|ipython|(ba|da|z|k|c|tc|fi|a)?sh|rscript|r|perl|ruby|node|deno|bun|php|lua|julia|pwsh|groovy|tclsh"
    r"|spark-submit|papermill)[\d.]*w?"
)
_SUFFIX = re.compile(r"\.[A-Za-z]\w*$")  # not the .11 of python3.11
FALLBACK = "command"


class Title(NamedTuple):
    """A job's name by default, and the file the job is written in where that is a script."""

    name: str
    script: str | None


def title_of(command: Sequence[str]) -> Title:
    """``load`` for ``./load.sh`` and ``python -u etl/load.py``; ``etl.load`` for ``python -m etl.load``."""
    program = _stem(command[0])
    script = command[0] if os.path.isfile(command[0]) else None
    if _INTERPRETERS.fullmatch(program.lower()):
        module, script = _given(command[1:])
        program = module or (_stem(script) if script else program)
    return Title(_usable(program[:200]), os.path.abspath(script) if script else None)


def _usable(name: str) -> str:
    from lineage_kit.errors import UsageError
    from lineage_kit.lifecycle.spec import check_name

    try:
        check_name(name)
    except UsageError:
        return FALLBACK
    return name


def _given(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """The module or the script among the arguments of an interpreter; neither for ``-c "code"``."""
    for index, argument in enumerate(arguments):
        if argument == "-m":
            return (
                arguments[index + 1].removesuffix(".__main__") if index + 1 < len(arguments) else None
            ), None
        if argument in ("-c", "-e", "-"):
            break
        if not argument.startswith("-") and (_SUFFIX.search(argument) or os.path.isfile(argument)):
            return None, argument
    return None, None


def _stem(path: str) -> str:
    return _SUFFIX.sub("", re.split(r"[\\/]" if os.name == "nt" else "/", path.rstrip("/"))[-1])
