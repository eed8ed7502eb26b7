"""Objects that no one should look into: every question raises, is counted, or would cost seconds."""

from __future__ import annotations

import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import numpy as np

SPECIAL = """
getattribute getattr setattr delattr repr str format bytes hash eq ne lt le gt ge bool len length_hint iter next
reversed contains getitem setitem delitem call enter exit await aiter anext aenter aexit int float complex index round
trunc floor ceil abs neg add radd sub mul matmul fspath reduce reduce_ex getstate sizeof dir copy deepcopy get set
array
"""


class Refusal(Exception):
    """What hostile objects raise."""


class Leaving(BaseException):
    """What objects raise that try to leave the program."""


def hostile(error: type[BaseException], meta: type = type) -> Any:
    """An object all of whose special methods and whose ``__class__`` raise `error`."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise error("do not touch")

    space: dict[str, Any] = {f"__{name}__": refuse for name in SPECIAL.split()}
    return object.__new__(meta("Hostile", (), {**space, "__class__": property(refuse)}))


class HostileMeta(type):
    """A class that answers nothing about itself either."""

    def _refuse(cls, *_: Any) -> Any:
        raise Refusal("not even the class")

    __getattribute__ = __hash__ = __eq__ = __repr__ = __instancecheck__ = __subclasscheck__ = _refuse  # type: ignore[assignment]


class Counted:
    """Answers, and counts what it was asked in `asked`."""

    asked: Counter[str]

    def __init__(self) -> None:
        self.asked = Counter()


def counting(name: str, answer: Any) -> Callable[..., Any]:
    """A special method that counts its calls."""

    def method(self: Any, *_: Any) -> Any:
        object.__getattribute__(self, "asked")[name] += 1
        return answer

    return method


ANSWERS: dict[str, Any] = {
    "len": 3, "iter": iter(()), "bool": True, "str": "text", "repr": "text", "format": "text", "eq": True, "hash": 1,
    "index": 7, "int": 7, "float": 7.0, "array": None, "getitem": 1, "contains": True, "next": 1, "call": None,
    "reduce": "text", "sizeof": 1,
}  # fmt: skip


def lazy() -> Any:
    """A query or lazy frame: every answer would be a computation, and is counted."""
    space = {f"__{name}__": counting(name, answer) for name, answer in ANSWERS.items()}
    return type("LazyFrame", (Counted,), space)()


class Text(str):
    """A text with methods of its own."""

    __slots__ = ()

    def _refuse(self, *_: Any) -> Any:
        raise Refusal

    __str__ = __repr__ = __len__ = __getitem__ = __format__ = __eq__ = __iter__ = replace = strip = _refuse  # type: ignore[assignment]
    __hash__ = str.__hash__


class Whole(int):
    """A number with methods of its own."""

    def _refuse(self, *_: Any) -> Any:
        raise Refusal

    __str__ = __repr__ = __format__ = __eq__ = __index__ = __int__ = _refuse  # type: ignore[assignment]
    __hash__ = int.__hash__


class Members(list):  # type: ignore[type-arg]
    """A list with methods of its own."""

    def _refuse(self, *_: Any) -> Any:
        raise Refusal

    __iter__ = __len__ = __getitem__ = __contains__ = _refuse  # type: ignore[assignment]


def _dead() -> Any:
    class Gone:
        pass

    return weakref.proxy(Gone())


def _cyclic() -> list[Any]:
    cycle: list[Any] = []
    cycle.append({"again": cycle})
    return cycle


STRANGERS: dict[str, Callable[[], Any]] = {
    "hostile": lambda: hostile(Refusal),
    "leaving": lambda: hostile(Leaving),
    "exiting": lambda: hostile(SystemExit),
    "closing": lambda: hostile(GeneratorExit),
    "metaclass": lambda: hostile(Refusal, HostileMeta),
    "lazy": lazy,
    "text": lambda: Text("s3://raw/a.csv"),
    "whole": lambda: Whole(3),
    "members": lambda: Members([1]),
    "cyclic": _cyclic,
    "array": lambda: np.zeros(20_000_000),
    "long list": lambda: list(range(1_000_000)),
    "long dict": lambda: dict.fromkeys(range(1_000_000)),
    "huge text": lambda: "x" * 10_000_000,
    "huge bytes": lambda: b"x" * 10_000_000,
    "huge number": lambda: 1 << 4_000_000,
    "generator": lambda: (number for number in range(3)),
    "iterator": lambda: iter([1, 2, 3]),
    "file": lambda: open(__file__, encoding="utf-8"),  # noqa: SIM115 - closed by who asked for it
    "lock": threading.Lock,
    "dead proxy": _dead,
    "mock": MagicMock,
    "module": lambda: sys,
    "half characters": lambda: "a\ud800\0b",
}
"""By name, how to make one."""
