"""Texts of objects that are not ours: guarded, cut, and never asked twice when slow."""

from __future__ import annotations

import time
from datetime import date
from enum import Enum
from os import PathLike
from typing import Any

SLOW_SECONDS = 0.005
MAX_ITEMS = 20

_slow_types: set[str] = set()  # names, not types: holding a type would keep a reloaded module alive


def safe_text(value: object, limit: int) -> str:
    """``str(value)`` in at most `limit` characters; a text naming the type when that fails or was slow before.

    Nothing that ``__str__`` does gets out, not even a BaseException.
    """
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if kind in _slow_types:
        return f"<{kind}>"
    begun = time.perf_counter()
    try:
        text = str.__str__(value) if issubclass(type(value), str) else str(value)
        text = text if type(text) is str else str.__str__(text)
    except BaseException as error:  # door: the user's __str__ may do anything
        text = f"<{kind} whose text cannot be made: {type(error).__name__}>"
    if time.perf_counter() - begun > SLOW_SECONDS and len(_slow_types) < 1000:
        _slow_types.add(kind)
    return cut(text, limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with a mark that says how many were left out; NUL and half characters replaced."""
    if len(text) > limit:
        text = f"{text[:limit]}… [{len(text) - limit} characters left out]"
    return replace_unsendable(text)


def replace_unsendable(text: str) -> str:
    """The text with what JSON in UTF-8 or a database cannot hold, half characters and NUL, replaced."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def argument_text(value: Any, limit: int = 1024) -> str:
    """What an ``executionParameters`` facet shows of an argument.

    Plain values as Python writes them, small collections of plain values too; of everything else the type only: ETL
    arguments are frames, connections and generators that must not be looked into.
    """
    if _is_plain(value):
        return safe_text(value, limit)
    if (
        type(value) in (list, tuple, set, frozenset)
        and len(value) <= MAX_ITEMS
        and all(map(_is_plain, value))
    ):
        return cut(repr(value), limit)
    if type(value) is dict and len(value) <= MAX_ITEMS and all(map(_is_plain, [*value, *value.values()])):
        return cut(repr(value), limit)
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if kind in (list, tuple, set, frozenset, dict, bytes, bytearray):
        return f"<{name} of {len(value)}>"
    return f"<{name}>"


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind in (str, int, float, bool, type(None), complex) or issubclass(kind, (date, Enum, PathLike)):
        return True
    return kind.__module__ in ("decimal", "uuid", "datetime", "fractions")
