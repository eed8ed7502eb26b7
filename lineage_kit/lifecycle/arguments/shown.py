"""What an ``executionParameters`` facet shows of an argument: plain values as they are, of everything else its type.

ETL arguments are frames, connections, secrets and generators: nothing of them is looked into, counted or consumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Number
from typing import Any

from lineage_kit.errors import LineageError
from lineage_kit.lifecycle.arguments.template import MAX_BITS, is_path, path_text
from lineage_kit.strangers import (
    ask,
    ask_always,
    full_type_name,
    is_a,
    is_kind_of,
    is_plain_kind,
    module_of,
    plain_text,
)

MAX_ITEMS = 20
MAX_TEXT = 4096  # characters, of which the facet keeps 1 KiB: redaction sees more than is kept

_BRACES = ("{", "}")
_COLLECTIONS = {list: ("[", "]"), tuple: ("(", ")"), set: _BRACES, frozenset: _BRACES, dict: _BRACES}
_SIZED = frozenset({*_COLLECTIONS, bytes, bytearray})
_PLAIN: frozenset[type] = frozenset({float, bool, type(None), complex})
_ASKED = (date, time, timedelta, Decimal, Enum)


def shown(value: Any, items: int = MAX_ITEMS) -> str:
    """The text for one argument. Never raises, and takes microseconds whatever the value.

    Collections of at most `items` plain values are shown as Python writes them, larger ones with their size.
    """
    if type(value) is str:
        return value  # not copied, however long: redaction cuts it
    try:
        text = _plain(value, str)
        if text is None and is_plain_kind(value, _COLLECTIONS) and len(value) <= items:
            text = _collection(value)
    except (LineageError, RuntimeError):  # RuntimeError: another thread changed a set or dict
        text = None
    if text is not None:
        return text
    size = f" of {len(value)}" if is_plain_kind(value, _SIZED) else ""
    return f"<{full_type_name(value)}{size}>"


def _plain(value: Any, write: Any) -> str | None:
    """A value without parts, written by `str` or `repr`; None for what is not plain."""
    kind = type(value)
    if kind is str:
        return str(write(plain_text(value, MAX_TEXT)))
    if is_plain_kind(value, _PLAIN):
        return str(write(value))
    if is_a(value, _ASKED) or module_of(kind) == "uuid":
        return plain_text(ask(write, value), MAX_TEXT)
    if is_a(value, (int, float)):
        return _number(value)
    if is_kind_of(value, Number):
        return plain_text(ask(str, value), MAX_TEXT)
    if is_a(value, str):
        masks = ask_always(_has_own_text, kind)  # as secrets do
        return None if masks else str(write(plain_text(value, MAX_TEXT)))
    return str(write(path_text(value)[:MAX_TEXT])) if is_path(value) else None


def _number(value: Any) -> str | None:
    if is_a(value, float):
        return float.__repr__(value)
    return int.__repr__(value) if int.bit_length(value) <= MAX_BITS else None  # more takes seconds to write


def _has_own_text(kind: Any) -> bool:
    return kind.__str__ is not str.__str__ or kind.__repr__ is not str.__repr__


def _collection(value: Any) -> str | None:
    if type(value) is dict:
        pairs = [(_plain(key, repr), _plain(item, repr)) for key, item in value.items()]
        texts: list[str | None] = [None if None in pair else f"{pair[0]}: {pair[1]}" for pair in pairs]
    else:
        texts = [_plain(item, repr) for item in value]
    return None if None in texts else _joined(texts, type(value))  # type: ignore[arg-type]


def _joined(texts: Iterable[str], kind: Any) -> str:
    inside = ", ".join(texts)
    opening, closing = _COLLECTIONS[kind]
    if kind is tuple and inside and "," not in inside:
        inside += ","
    return f"{opening}{inside}{closing}" if inside or kind in (list, tuple, dict) else f"{kind.__name__}()"
