"""What users put into facets, seen from JSON: the plain value, members or fields behind an object, never its text form.

These functions may raise whatever the object raises; `lineage_kit.event.clean` calls them through `ask`.
"""

from __future__ import annotations

import operator
import os
import time as clock
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import islice
from numbers import Real
from typing import Any

import msgspec

from lineage_kit.strangers import SLOW_SECONDS, Unanswered, is_a, is_standard, type_name

MAX_ITEMS = 100_000  # taken from a mapping or sequence that is not a built-in one

TEXTS = (str, bytes, bytearray)
_NATIVE = (datetime, date, time, timedelta, Decimal, bytes, bytearray, memoryview)


def size_of(obj: Any) -> int | None:
    """How many members or characters a built-in collection or text has, told by its own class; None for all else."""
    for kind in (list, dict, tuple, set, frozenset, *TEXTS):
        if is_a(obj, kind):
            return kind.__len__(obj)
    return None


def items_of(obj: Any) -> Iterable[tuple[Any, Any]] | None:
    """The pairs of a mapping; None for everything else."""
    if is_a(obj, dict):
        return list(dict.items(obj))  # at once: other threads may be writing to it
    return _taken(obj, obj.items()) if is_a(obj, Mapping) else None


def members_of(obj: Any) -> Iterable[Any] | None:
    """The members of a list, tuple, set or the like; None for texts, bytes, iterators and everything else."""
    for kind in (list, tuple, set, frozenset):
        if is_a(obj, kind):
            return list(kind.__iter__(obj))
    if is_a(obj, (str, bytes, bytearray, memoryview)) or not is_a(obj, (Sequence, AbstractSet)):
        return None
    return _taken(obj, obj)


def _taken(obj: Any, items: Iterable[Any]) -> list[Any]:
    """The items of a collection of the user's own, unless it computes or fetches them: that would take too long."""
    if is_standard(type(obj)):
        return list(islice(items, MAX_ITEMS))
    end = clock.perf_counter() + SLOW_SECONDS
    taken = []
    for item in islice(items, MAX_ITEMS):
        taken.append(item)
        if clock.perf_counter() > end:
            raise Unanswered(f"the items of a {type_name(obj)} come slowly")
    return taken


def fields_of(obj: Any) -> Iterable[tuple[str, Any]] | None:
    """The fields of a dataclass or attrs object; None for everything else."""
    kind = type(obj)
    names = getattr(kind, "__dataclass_fields__", None)
    if names is None:
        names = [attribute.name for attribute in getattr(kind, "__attrs_attrs__", ())]
    return [(name, getattr(obj, name)) for name in names] or None


def simpler(obj: Any) -> tuple[Any] | None:
    """A plainer value that stands for the object, in a tuple; None when there is none.

    Dates, decimals and bytes become the texts msgspec writes for them (bytes: base64), a path its text, a number of any
    library an int or float.
    """
    if is_a(obj, Enum):
        return (obj.value,)
    for kind, plain in ((str, str.__str__), (int, int.__int__), (float, float.__float__)):
        if is_a(obj, kind):
            return (plain(obj),)
    if is_a(obj, msgspec.Raw):
        return (msgspec.json.decode(obj),)
    if is_a(obj, os.PathLike):
        return (os.fsdecode(obj),)
    return _moment(obj) or _number(obj)


def key_text(key: Any) -> str | None:
    """The text of a dict key as JSON writes it; None when it has none."""
    if key is None:
        return "null"
    if is_a(key, bool):
        return "true" if key else "false"
    if is_a(key, Enum):
        return key_text(key.value)
    if is_a(key, str):
        return str.__str__(key)
    if is_a(key, int):
        return int.__repr__(key)
    if is_a(key, float):
        return float.__repr__(key)
    plain = _moment(key)
    return plain[0] if plain is not None and type(plain[0]) is str else None


def _moment(obj: Any) -> tuple[Any] | None:
    from uuid import UUID

    if type_name(obj) == "NaTType":  # pandas' missing time calls itself a datetime
        return None
    if type(obj) in _NATIVE or type(obj) is UUID:
        return (msgspec.to_builtins(obj),)
    for kind in (datetime, date, time):
        if is_a(obj, kind):
            return (kind.isoformat(obj),)
    return None


def _number(obj: Any) -> tuple[Any] | None:
    kind = type(obj)
    if kind.__module__ == "numpy" and not hasattr(kind, "__array_finalize__"):
        plain = obj.item()
        return (plain if type(plain) is not kind else float(plain),)  # a longdouble stays itself
    if hasattr(kind, "__index__"):
        return (operator.index(obj),)
    return (float(obj),) if is_a(obj, Real) else None
