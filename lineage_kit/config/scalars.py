"""Text to one typed value: what counts as true, as a number, as one of a list of words."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import inspect as kinds

from lineage_kit.config.env import FALSE, TRUE
from lineage_kit.config.tree import is_null


class Wrong(Exception):  # noqa: N818 - never leaves this station
    """A value that is not what the setting wants; its text completes "expected …"."""


def read_bool(value: Any, kind: kinds.BoolType) -> bool:
    """True and False, and their spellings in variables: true, yes, on, 1 and false, no, off, 0 in any case."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise Wrong("true or false")


def read_int(value: Any, kind: kinds.IntType) -> int:
    """A whole number, decimal, within the bounds of its type."""
    number: int | None = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str):
        try:
            number = int(value, 10)
        except ValueError:
            read = getattr(value, "value", None)  # 0x10 and other forms that YAML knows
            number = read if isinstance(read, int) and not isinstance(read, bool) else None
    if number is None or not _within(number, kind):
        raise Wrong("a whole number" + _bounds(kind))
    return number


def read_float(value: Any, kind: kinds.FloatType) -> float:
    """A finite number within the bounds of its type."""
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            pass
    if not math.isfinite(number) or not _within(number, kind):
        raise Wrong("a number" + _bounds(kind))
    return number


def read_text(value: Any, kind: kinds.StrType) -> str:
    """The text as it was written: never taken for a number or a boolean."""
    if is_null(value):
        raise Wrong("a text (in quotes, if the text itself is 'null' or '~')")
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (str, int, float)):
        text = str(value)
    elif isinstance(value, os.PathLike):
        text = os.fsdecode(value)
    else:
        raise Wrong("a text")
    if kind.min_length and len(text.strip()) < kind.min_length:
        raise Wrong("a text that is not empty")
    return text


def read_word(value: Any, kind: kinds.LiteralType | kinds.EnumType) -> Any:
    """One of the listed words, in any case."""
    if isinstance(kind, kinds.EnumType) and isinstance(value, kind.cls):
        return value
    words = {str(word).lower(): word for word in _words(kind)}
    text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if text not in words:
        raise Wrong(expected(kind))
    return kind.cls(words[text]) if isinstance(kind, kinds.EnumType) else words[text]


def read_custom(value: Any, kind: kinds.CustomType) -> Any:
    """A regular expression or a path from text; anything else has to be an object of its class already."""
    if isinstance(value, kind.cls):
        return value
    if kind.cls is re.Pattern and isinstance(value, str) and not is_null(value):
        try:
            return re.compile(str(value))
        except (re.error, RecursionError, OverflowError) as error:
            why = f"{error.msg} at position {error.pos}" if isinstance(error, re.error) else "too large"
            raise Wrong(f"a regular expression that compiles ({why})") from None
    if issubclass(kind.cls, Path) and isinstance(value, (str, os.PathLike)) and not is_null(value):
        return Path(os.fspath(value))
    raise Wrong(expected(kind))


def expected(kind: kinds.Type) -> str:
    """What the type wants, in words that follow "expected"."""
    if isinstance(kind, kinds.Metadata):
        return expected(kind.type)
    if isinstance(kind, (kinds.LiteralType, kinds.EnumType)):
        words = [repr(word) for word in _words(kind)]
        return words[0] if len(words) == 1 else "one of " + ", ".join(words)
    if isinstance(kind, (kinds.IntType, kinds.FloatType)):
        return _NAMES[type(kind)] + _bounds(kind)
    if isinstance(kind, kinds.UnionType):
        return " or ".join(
            dict.fromkeys(expected(part) for part in kind.types if type(part) is not kinds.NoneType)
        )
    if isinstance(kind, kinds.CustomType):
        known = {re.Pattern: "a regular expression", Path: "a path"}
        return known.get(kind.cls, f"an object of type {kind.cls.__name__}")
    return _NAMES.get(type(kind), "a value")


def _words(kind: kinds.LiteralType | kinds.EnumType) -> list[Any]:
    return [member.value for member in kind.cls] if isinstance(kind, kinds.EnumType) else list(kind.values)


def _within(number: float, kind: kinds.IntType | kinds.FloatType) -> bool:
    return (
        (kind.ge is None or number >= kind.ge)
        and (kind.gt is None or number > kind.gt)
        and (kind.le is None or number <= kind.le)
        and (kind.lt is None or number < kind.lt)
    )


def _bounds(kind: kinds.IntType | kinds.FloatType) -> str:
    limits = (("of at least", kind.ge), ("above", kind.gt), ("of at most", kind.le), ("below", kind.lt))
    return "".join(f" {word} {limit:g}" for word, limit in limits if limit is not None)


_NAMES: dict[type[kinds.Type], str] = {
    kinds.BoolType: "true or false",
    kinds.IntType: "a whole number",
    kinds.FloatType: "a number",
    kinds.StrType: "a text",
    kinds.ListType: "a list",
    kinds.VarTupleType: "a list",
    kinds.SetType: "a list",
    kinds.FrozenSetType: "a list",
    kinds.DictType: "a mapping",
    kinds.StructType: "a mapping",
}

READERS: dict[type[kinds.Type], Callable[[Any, Any], Any]] = {
    kinds.IntType: read_int,
    kinds.FloatType: read_float,
    kinds.BoolType: read_bool,
    kinds.LiteralType: read_word,
    kinds.EnumType: read_word,
    kinds.CustomType: read_custom,
    kinds.StrType: read_text,
}
"""Readers of scalar types, in the order in which a union tries them."""
