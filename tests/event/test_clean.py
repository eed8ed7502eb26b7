"""Values of every kind in facets: each becomes JSON or a marker, nothing of the user's is called without a guard."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import math
import pathlib
import sys
import types
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd
import pytest

from lineage_kit.event.clean import MAX_DEPTH, MAX_PROBLEMS, clean
from lineage_kit.event.encoding import encode_reporting
from lineage_kit.event.model import Job, Run, RunEvent, RunState

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"


class _Hostile:
    """Every question asked of it is an exception."""

    def _refuse(self, *_: object) -> Any:
        raise RuntimeError("do not touch")

    __getattribute__ = __repr__ = __str__ = __eq__ = __iter__ = __len__ = __bool__ = __index__ = _refuse
    __float__ = __int__ = __fspath__ = __reduce__ = __format__ = __bytes__ = __contains__ = _refuse

    def __hash__(self) -> int:
        return 77_777


class _HostileMeta(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError(name)


class _HostileClass(metaclass=_HostileMeta):
    pass


class _Text(str):
    __slots__ = ()
    __str__ = __repr__ = __eq__ = __len__ = _Hostile._refuse
    __hash__ = str.__hash__


class _Whole(int):
    __int__ = __index__ = __repr__ = __str__ = _Hostile._refuse


class _Part(float):
    __float__ = __repr__ = __str__ = _Hostile._refuse


class _Map(dict):
    items = keys = __iter__ = __len__ = _Hostile._refuse


class _List(list):
    __iter__ = __len__ = __getitem__ = _Hostile._refuse


class _Colour(enum.Enum):
    RED = "red"
    ONE = 1


class _Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class _Data:
    a: int
    b: Any = None


class _Pair(NamedTuple):
    a: int
    b: int


class _NoZone(dt.tzinfo):
    def utcoffset(self, _: Any) -> Any:
        raise KeyError("zone")


class _Mapping(collections.abc.Mapping):  # type: ignore[type-arg]
    def __getitem__(self, key: str) -> int:
        return {"a": 1}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


def _sent(value: Any) -> tuple[Any, tuple[str, ...]]:
    event = RunEvent(RunState.START, "t", Run(ID, {"c": {"x": value}}), Job("n", "j"))
    body, said = encode_reporting(event)
    return json.loads(body)["run"]["facets"]["c"].get("x"), said


PLAIN = [
    (_Text("x"), "x"),
    (_Whole(3), 3),
    (_Part(1.5), 1.5),
    (_Map(a=1), {"a": 1}),
    (_List([1]), [1]),
    (_Colour.RED, "red"),
    (_Colour.ONE, 1),
    (_Level.LOW, 1),
    (_Data(1), {"a": 1}),
    (_Pair(1, 2), [1, 2]),
    (_Mapping(), {"a": 1}),
    (types.MappingProxyType({"a": 1}), {"a": 1}),
    (collections.deque([1]), [1]),
    (range(3), [0, 1, 2]),
    ({1}, [1]),
    (np.int64(3), 3),
    (np.float32(1.5), 1.5),
    (np.longdouble(1.5), 1.5),
    (np.bool_(True), True),
    (np.str_("a"), "a"),
    (np.datetime64("2026-11-22"), "2026-11-22"),
    (pd.Timestamp("2026-11-22T10:00Z"), "2026-11-22T10:00:00+00:00"),
    (dt.date(2026, 11, 22), "2026-11-22"),
    (dt.timedelta(days=1), "P1D"),
    (decimal.Decimal("1.50"), "1.50"),
    (fractions.Fraction(1, 2), 0.5),
    (uuid.UUID(ID), ID),
    (pathlib.PurePosixPath("/srv/x"), "/srv/x"),
    (b"abc", "YWJj"),
    (2**70, 2**70),
    (msgspec.Raw(b'{"a":[1]}'), {"a": [1]}),
    (msgspec.UNSET, None),
]


@pytest.mark.parametrize(("value", "expected"), PLAIN, ids=lambda value: type(value).__name__)
def test_values_with_a_json_form_take_it_without_a_word(value: Any, expected: Any) -> None:
    """Subclasses, enums, records, numpy scalars, dates and paths become plain values, as part of any event."""
    assert _sent(value) == (expected, ())
    assert _sent([value, math.nan])[0] == ([expected, "NaN"] if value is not msgspec.UNSET else ["NaN"])


MARKED = [
    (_Hostile(), "_Hostile"),
    (_HostileClass(), "_HostileClass"),
    (object(), "object"),
    (len, "builtin_function_or_method"),
    (_Data, "type"),
    (1j, "complex"),
    (ValueError("secret"), "ValueError"),
    (np.arange(3), "ndarray"),
    (pd.Series([1]), "Series"),
    (pd.DataFrame({"a": [1]}), "DataFrame"),
    (pd.NaT, "NaTType"),
    (dt.datetime(2026, 11, 22, tzinfo=_NoZone()), "datetime"),
]


@pytest.mark.parametrize(("value", "name"), MARKED, ids=[name for _, name in MARKED])
def test_values_without_a_json_form_become_a_marker(value: Any, name: str) -> None:
    """The marker names the type and nothing the value holds; the place is told."""
    sent, said = _sent(value)
    assert sent == f"<unserialisable: a value of type {name}>"
    assert said == (f"run.facets.c.x: a value of type {name} cannot be sent; replaced by a marker",)


def test_the_name_of_a_type_is_cut() -> None:
    """Even the name of a type may be hostile."""
    assert len(_sent(type("ä" * 9999, (), {})())[0]) < 120


def test_iterators_are_never_consumed() -> None:
    """A generator that went through an event still gives its first item."""
    items = (item for item in [1])
    assert "generator" in _sent(items)[0]
    assert next(items) == 1


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"], ids=["NUL", "half"])
def test_characters_that_cannot_be_sent_are_replaced(text: str) -> None:
    """NUL and half characters become U+FFFD, in keys too, and are told."""
    sent, said = _sent({text: text})
    assert sent == {"a\ufffdb": "a\ufffdb"}
    assert len(said) == 2
    assert "replaced by U+FFFD" in said[0]


def test_keys_become_texts() -> None:
    """Numbers, flags, enums, ids and dates are keys as JSON writes them; others are markers."""
    keys = {
        2.5: 2,
        None: 3,
        _Colour.RED: 5,
        uuid.UUID(ID): 6,
        dt.date(2026, 1, 2): 7,
        (1,): 8,
    }
    keys[_Hostile()] = 9
    sent, said = _sent(keys)
    marker = "<unserialisable: a key of type {}>"
    assert sent == {
        "2.5": 2,
        "null": 3,
        "red": 5,
        ID: 6,
        "2026-01-02": 7,
        marker.format("tuple"): 8,
        marker.format("_Hostile"): 9,
    }
    assert len(said) == 2
    assert _sent({True: 1, "\ud800": 1})[0] == {"true": 1, "\ufffd": 1}


def test_two_keys_that_become_one_are_told() -> None:
    """A lost value is never silent."""
    sent, said = _sent({1: "a", "1": "b", None: 0})
    assert sent == {"1": "b", "null": 0}
    assert said == ('run.facets.c.x["1"]: two keys become the same text; the later one is kept',)


def test_cycles_and_depth_end_in_a_marker() -> None:
    """An object inside itself, and nesting beyond every bound, cost neither time nor the event."""
    loop: list[Any] = []
    loop.extend([loop, {"again": loop}])
    sent, said = _sent(loop)
    assert sent == [
        "<unserialisable: an object inside itself>",
        {"again": "<unserialisable: an object inside itself>"},
    ]
    assert len(said) == 2
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    sent, said = _sent(deep)
    assert len(said) == 1
    assert "nested too deep" in said[0]


def test_depth_is_bounded_near_the_end_of_the_stack() -> None:
    """Called where few frames are left, the walk ends in a marker instead of an exception."""

    def down(frames: int) -> Any:
        return down(frames - 1) if frames else clean({"a": _nested(MAX_DEPTH - 2)})

    frame, used = sys._getframe(), 0
    while frame is not None:
        used, frame = used + 1, frame.f_back  # type: ignore[assignment]
    tree, said = down(sys.getrecursionlimit() - used - 150)
    assert tree["a"]
    assert "nested too deep" in said[0]


def _nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value, math.nan]
    return value


def test_few_problems_are_told_and_the_rest_counted() -> None:
    """Twenty sentences are enough; the last one says how many there were more."""
    sent, said = _sent([math.nan] * 100)
    assert sent == ["NaN"] * 100
    assert len(said) == MAX_PROBLEMS + 1
    assert said[-1] == "and 80 more values were replaced"


def test_a_huge_integer_becomes_a_marker() -> None:
    """Digits beyond what Python itself would print are not sent."""
    assert _sent(10**5000)[0] == "<unserialisable: a huge integer>"
