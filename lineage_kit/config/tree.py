"""A configuration before it is typed: mappings, lists and scalars that remember their text and their place.

YAML turns ``0012`` into a number and ``yes`` into a boolean before anybody knows which type the setting has. So a
scalar stays the text that was written, beside what YAML makes of it; the setting's type decides later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

from lineage_kit.config.problems import HIDDEN, hide_credentials, is_hidden, is_token, shown_key
from lineage_kit.errors import ConfigError

CODE = "code"
"""Origin of what was given in Python."""

MAX_DEPTH = 100

_SAME: Any = object()


class Scalar(str):
    """The text of one value, with the value YAML or JSON gives it and the place it was read from."""

    __slots__ = ("expands", "origin", "value")

    value: Any
    origin: str
    expands: bool

    def __new__(cls, text: str, value: Any = _SAME, origin: str = "", expands: bool = False) -> Self:
        """`value` is what the text means where no type is known; `expands` says that ``${NAME}`` is replaced in it."""
        scalar = super().__new__(cls, text)
        scalar.value = text if value is _SAME else value
        scalar.origin = origin
        scalar.expands = expands
        return scalar


class Section(dict[str, Any]):
    """A mapping that knows where it was read from, and whose repr hides the values of secret-looking keys."""

    __slots__ = ("origin",)

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), origin: str = "") -> None:
        super().__init__(items)
        self.origin = origin

    def without(self, *keys: str) -> Section:
        """A copy that lacks `keys`."""
        return Section(((key, value) for key, value in self.items() if key not in keys), self.origin)

    def __repr__(self) -> str:
        return repr(masked(self))


class Items(list[Any]):
    """A list that knows where it was read from."""

    __slots__ = ("origin",)

    def __init__(self, items: Iterable[Any] = (), origin: str = "") -> None:
        super().__init__(items)
        self.origin = origin

    def __repr__(self) -> str:
        return repr(masked(self))


def origin_of(value: object, default: str = "") -> str:
    """Where a value was read from: file and line, variable, or ``code``."""
    return getattr(value, "origin", "") or default


def is_null(value: object) -> bool:
    """Whether nothing was written: None, an empty YAML value, ``null``."""
    return value is None or (isinstance(value, Scalar) and value.value is None)


def plain(value: Any) -> Any:
    """Ordinary Python values, for code that knows nothing of this tree.

    A scalar from YAML becomes what YAML says it is (``5`` an int, ``yes`` True); one from a variable stays text.
    """
    if isinstance(value, Scalar):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def from_code(value: Any, origin: str = CODE, depth: int = 0) -> Any:
    """A tree of its own from what a caller gave, so that nobody's dictionaries are ever changed.

    Raises `ConfigError` for a mapping or list that holds itself.
    """
    if depth > MAX_DEPTH:
        raise ConfigError(f"{origin}: nested more than {MAX_DEPTH} deep, or a mapping that holds itself")
    if isinstance(value, (Section, Items)):
        origin = value.origin or origin
    if isinstance(value, Mapping):
        return Section(
            ((str(key), from_code(item, origin, depth + 1)) for key, item in value.items()), origin
        )
    if isinstance(value, (list, tuple)):
        return Items((from_code(item, origin, depth + 1) for item in value), origin)
    return _scalar(value, origin)


def _scalar(value: Any, origin: str) -> Any:
    if value is None or type(value) in (bool, int, float):
        return Scalar(json.dumps(value), value, origin)
    return Scalar(value, value, origin) if type(value) is str else value


def from_text(text: str, origin: str) -> Any:
    """A variable's text as a tree: a JSON object or list when it is one, else the text itself."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _placed(json.loads(text, parse_int=_number(int), parse_float=_number(float)), origin)
        except (ValueError, RecursionError):
            pass  # a text that merely begins like JSON
    return Scalar(text, None if text == "null" else text, origin)


def as_type(value: Any) -> Any:
    """What stands under a key ``type`` is a name, whatever it looks like: ``null`` is the transport of that name."""
    if isinstance(value, Scalar) and not isinstance(value.value, str):
        return Scalar(value, origin=value.origin, expands=value.expands)
    return value


def masked(value: Any, path: str = "$") -> Any:
    """The tree as plain values with every secret replaced, fit to be printed; `path` is where it stands."""
    if is_null(value):
        return None
    if isinstance(value, Mapping):
        return {shown_key(str(key), path): masked(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item, path) for item in value]
    shown = _as_written(value)
    if is_hidden(path, shown) or (isinstance(shown, str) and is_token(shown)):
        return HIDDEN
    return hide_credentials(shown) if isinstance(shown, str) else shown


def _as_written(value: Any) -> Any:
    """A plain value; a number that its setting reads otherwise than YAML (010 is 10, not 8) as its text."""
    shown = plain(value)
    if type(shown) in (int, float) and isinstance(value, Scalar) and str(shown) != value:
        return str(value)
    return shown


def _number(kind: type) -> Any:
    return lambda text: Scalar(text, kind(text))


def _placed(value: Any, origin: str) -> Any:
    if isinstance(value, Scalar):
        return Scalar(value, value.value, origin)
    if isinstance(value, dict):
        return Section(((key, _placed(item, origin)) for key, item in value.items()), origin)
    if isinstance(value, list):
        return Items((_placed(item, origin) for item in value), origin)
    if value is None or isinstance(value, bool):
        return Scalar(json.dumps(value), value, origin)
    return Scalar(value, value, origin)
