"""Texts of objects that are not ours: guarded, cut, and never asked twice when slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from enum import Enum
from os import PathLike
from typing import Any

from lineage_kit.lifecycle.outcome.exceptions import (
    Untouched,
    arguments_of,
    full_name,
    method_of,
    type_name,
)

SLOW_SECONDS = 0.005
MAX_ITEMS = 20

Question = Callable[[object], str]  # str or repr

_STR = BaseException.__str__
_STR_OF_KEY_ERROR = KeyError.__str__
_COLLECTIONS = (list, tuple, dict, set, frozenset, bytes, bytearray)

_slow_types: set[str] = set()  # names, not types: holding a type would keep a reloaded module alive


def safe_text(value: object, limit: int) -> str:
    """``str(value)`` in at most `limit` characters; a text naming the type when that fails or was slow before.

    Nothing that ``__str__`` does gets out, not even a BaseException.
    """
    return _asked(value, str, limit)


def error_text(error: BaseException, limit: int) -> str:
    """``str(error)`` in at most `limit` characters, whatever its methods do; the exception stays as it was.

    Exceptions that print their arguments are read argument by argument, so that it is the type of a slow argument that
    is not asked again, and not ``ValueError``.
    """
    untouched = Untouched(error)
    method = method_of(type(error), "__str__")
    arguments = arguments_of(error)
    if method is not _STR and method is not _STR_OF_KEY_ERROR:
        text = safe_text(error, limit)
    elif len(arguments) == 1:
        text = _part(arguments[0], str if method is _STR else repr, limit)
    else:
        shown = ", ".join(_part(one, repr, limit) for one in arguments[:MAX_ITEMS])
        text = cut(f"({shown})" if arguments else "", limit)
    untouched.restore()
    return text


def _part(value: object, question: Question, limit: int) -> str:
    """One argument of an exception; of collections only what `argument_text` shows."""
    if type(value) in _COLLECTIONS:
        return argument_text(value, limit, 1000)
    return _asked(value, question, limit)


def _asked(value: object, question: Question, limit: int) -> str:
    kind = full_name(type(value))
    if kind in _slow_types:
        return f"<{kind}>"
    more = 0
    if issubclass(type(value), str):
        text = str.__str__(value)
        value, more = text[:limit], max(0, len(text) - limit)  # the repr of megabytes takes milliseconds
    begun = time.perf_counter()
    try:
        text = question(value)
        text = text if type(text) is str else str.__str__(text)
    except BaseException as error:  # door: the user's __str__ may do anything
        text = f"<{kind} whose text cannot be made: {type_name(type(error))}>"
    is_slow = time.perf_counter() - begun > SLOW_SECONDS and not kind.startswith("builtins.")
    if is_slow and len(_slow_types) < 1000:
        _slow_types.add(kind)
    return cut(text, limit, more)


def cut(text: str, limit: int, more: int = 0) -> str:
    """At most `limit` characters, with a mark that says how many were left out; NUL and half characters replaced.

    more: how many characters were left out before.
    """
    more += max(0, len(text) - limit)
    if more:
        text = f"{text[:limit]}… [{more} characters left out]"
    return replace_unsendable(text)


def replace_unsendable(text: str) -> str:
    """The text with what JSON in UTF-8 or a database cannot hold, half characters and NUL, replaced."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def argument_text(value: Any, limit: int = 1024, items: int = MAX_ITEMS) -> str:
    """What an ``executionParameters`` facet shows of an argument.

    Plain values as Python writes them, small collections of plain values too; of everything else the type only: ETL
    arguments are frames, connections and generators that must not be looked into.
    """
    if _is_plain(value):
        return safe_text(value, limit)
    if type(value) in (list, tuple, set, frozenset) and len(value) <= items and all(map(_is_plain, value)):
        return cut(repr(value), limit)
    if type(value) is dict and len(value) <= items and all(map(_is_plain, [*value, *value.values()])):
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
