"""Settings → rows of path, value and where the value came from, with every secret hidden. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from lineage_kit.config.model import Sections, Settings
from lineage_kit.config.problems import HIDDEN, fold, hide_credentials, is_hidden
from lineage_kit.config.tree import masked

LONGEST = 60

_ABSENT = object()
_INDEX = re.compile(r"\[(\d+)\]")
_FIRST = re.compile(r"[^.\[]*")


class Row(NamedTuple):
    """One setting that somebody set; `path` is how it is written, without ``$.``."""

    path: str
    value: str
    source: str


def rows(settings: Settings) -> list[Row]:
    """Every value that was set, in the order it was read."""
    tree = _plain(settings)
    found = []
    for path, source in settings.sources.items():
        value = _look_up(tree, path)
        if _is_shown(path, value):
            found.append(Row(path.removeprefix("$."), _text(path, value), _short(source, settings.file)))
    return found


def unused(names: Iterable[str], settings: Settings) -> list[str]:
    """Of these variables, those that no value in force came from."""
    used = set(settings.sources.values())
    return [name for name in names if name not in used]


def _plain(settings: Settings) -> dict[str, Any]:
    """The settings as plain values; the transport as it was written."""
    tree = {
        field.name: msgspec.to_builtins(getattr(settings, field.name), enc_hook=_unusual)
        for field in msgspec.structs.fields(Sections)
        if field.name != "transport"
    }
    return tree | {"transport": masked(settings.transport, "$.transport")}


def _unusual(value: Any) -> Any:
    return value.pattern if isinstance(value, re.Pattern) else str(value)


def _look_up(tree: Any, path: str) -> Any:
    """The value at a path such as ``$.facets.environmentVariables[0]``, whatever the spelling of its keys.

    Keys may hold dots themselves (``$.transport.config.bootstrap.servers``): the longest that fits is taken.
    """
    rest = path.removeprefix("$")
    while rest:
        if isinstance(tree, Mapping):
            key = _key(tree, rest[1:])
            if key is None:
                return _ABSENT
            tree, rest = tree[key], rest[1 + len(_written(key, rest[1:])) :]
        else:
            index = _INDEX.match(rest)
            if index is None or not isinstance(tree, (list, tuple)) or int(index[1]) >= len(tree):
                return _ABSENT
            tree, rest = tree[int(index[1])], rest[index.end() :]
    return tree


def _key(tree: Mapping[str, Any], rest: str) -> str | None:
    """The key that `rest` begins with: as it is written, else in another spelling."""
    exact = [key for key in tree if rest == key or rest.startswith((f"{key}.", f"{key}["))]
    if exact:
        return max(exact, key=len)
    wanted = fold(_FIRST.match(rest)[0])  # type: ignore[index]
    return next((key for key in tree if fold(key) == wanted), None)


def _written(key: str, rest: str) -> str:
    """How the key is spelt at the beginning of `rest`."""
    return key if rest.startswith(key) else _FIRST.match(rest)[0]  # type: ignore[index]


def _is_shown(path: str, value: Any) -> bool:
    """Leaves only: single values, and lists of single values as a whole."""
    if value is _ABSENT or isinstance(value, Mapping):
        return False
    if isinstance(value, (list, tuple)):
        return not any(isinstance(item, (Mapping, list, tuple)) for item in value)
    return not path.endswith("]")


def _text(path: str, value: Any) -> str:
    if value is not None and is_hidden(path):
        return HIDDEN
    text = hide_credentials(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    )
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _short(source: str, file: str | None) -> str:
    """``line 3`` for the file that is named above the table; variables and ``code`` as they are."""
    return source.removeprefix(f"{file} ") if file and source.startswith(f"{file} ") else source
