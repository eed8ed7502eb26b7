"""Methods of every kind behave in their classes as they do undecorated, and each call is one run."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import Any

import pytest
import wrapt

from lineage_kit import lineage_job
from tests.support.shapes import consume, signature

job = lineage_job("job")


def plain(function: Any) -> Any:
    """No decorator at all."""
    return function


@wrapt.decorator
def tracing(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """A decorator of a third party that tells the instance from the arguments."""
    return type(instance).__name__, wrapped(*args, **kwargs)


class Describing:
    """A callable object with a descriptor's ways of its own."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, instance: Any, x: int) -> Any:
        return self.name, type(instance).__name__, x


class Adder:
    """A callable object that binds to nothing."""

    def __call__(self, x: int) -> int:
        return x + 1


def methods(d: Any) -> type:  # noqa: C901 - one short method after another
    """A class with a method of every kind under the decorator `d`."""

    class Table:
        factor = 3

        @d
        def sync(self, x: int) -> Any:
            return self.factor * x

        @d
        async def coroutine(self, x: int) -> Any:
            return self.factor * x

        @d
        def generator(self, x: int) -> Any:
            yield self.factor * x

        @d
        async def async_generator(self, x: int) -> Any:
            yield self.factor * x

        @d
        @classmethod
        def class_above(cls, x: int) -> Any:
            return cls.__name__, x

        @classmethod
        @d
        def class_below(cls, x: int) -> Any:
            return cls.__name__, x

        @classmethod
        @d
        async def class_coroutine(cls, x: int) -> Any:
            return cls.__name__, x

        @d
        @classmethod
        def class_generator(cls, x: int) -> Any:
            yield cls.__name__, x

        @d
        @staticmethod
        def static_above(x: int) -> Any:
            return x

        @staticmethod
        @d
        def static_below(x: int) -> Any:
            return x

        @d
        @staticmethod
        async def static_coroutine(x: int) -> Any:
            return x

        @staticmethod
        @d
        async def static_async_generator(x: int) -> Any:
            yield x

        partial_above = d(functools.partialmethod(lambda self, x, y: (self.factor, x, y), 1))
        partial_below = functools.partialmethod(d(lambda self, x, y: (self.factor, x, y)), 1)
        cached_below = d(functools.lru_cache(lambda self, x: (self.factor, x)))
        cached_above = functools.lru_cache(d(lambda self, x: (self.factor, x)))
        traced_above = tracing(d(lambda self, x: (self.factor, x)))
        traced_below = d(tracing(lambda self, x: (self.factor, x)))
        static_partial = staticmethod(d(functools.partial(lambda x, y: (x, y), 1)))
        builtin = d(abs)
        adder = d(Adder())
        describing = d(Describing())

    return Table


CALLS = [name for name in vars(methods(plain)) if not name.startswith("_") and name != "factor"]
THROUGH_CLASS = [name for name in CALLS if name.startswith(("class", "static", "builtin", "adder"))]


@pytest.mark.parametrize("name", CALLS)
def test_a_method_called_through_its_instance(events, name: str):
    """Every kind of method gives its own value, in one run."""
    values = [consume(getattr(methods(d)(), name)(2)) for d in (plain, job)]
    assert values[0] == values[1]
    assert events.states == ["START job", "COMPLETE job"]


@pytest.mark.parametrize("name", THROUGH_CLASS)
def test_a_method_called_through_its_class_and_a_subclass(events, name: str):
    """Class methods see the class they are called through; static ones and objects see none."""
    seen = []
    for d in (plain, job):
        table = methods(d)
        sub = type("Sub", (table,), {})
        seen.append([consume(getattr(host, name)(2)) for host in (table, sub, sub())])
    assert seen[0] == seen[1]
    assert events.states == ["START job", "COMPLETE job"] * 3


@pytest.mark.parametrize("name", [name for name in CALLS if name not in THROUGH_CLASS])
def test_a_method_called_through_its_class_with_the_instance(events, name: str):
    """``Class.method(instance, x)`` is a call like any other."""
    seen = []
    for d in (plain, job):
        table = methods(d)
        seen.append(consume(getattr(table, name)(table(), 2)))
    assert seen[0] == seen[1]
    assert events.states == ["START job", "COMPLETE job"]


@pytest.mark.parametrize("name", CALLS)
def test_what_the_class_shows_is_the_same(name: str):
    """Signature and kind are the undecorated one's, looked up in the class and in the instance."""
    before, after = methods(plain), methods(job)
    for host in ((before, after), (before(), after())):
        old, new = (getattr(place, name) for place in host)
        assert signature(new) == signature(old)
        for question in (
            inspect.isfunction, inspect.ismethod, inspect.isroutine, inspect.iscoroutinefunction,
            inspect.isgeneratorfunction, inspect.isasyncgenfunction,
        ):  # fmt: skip
            assert question(new) == question(old), question
    assert type(inspect.getattr_static(after, name)) is type(inspect.getattr_static(before, name)) or (
        name in ("cached_below", "traced_below", "builtin", "adder", "describing")
    )


class Dunder:
    """Every special method is a job."""

    made = 0

    @lineage_job("new")
    def __new__(cls, *args: Any) -> Any:
        return super().__new__(cls)

    @lineage_job("init")
    def __init__(self, size: int) -> None:
        self.size = size

    @lineage_job("init_subclass")
    def __init_subclass__(cls, **kwargs: Any) -> None:
        Dunder.made += 1

    @lineage_job("class_getitem")
    def __class_getitem__(cls, item: Any) -> Any:
        return cls, item

    @lineage_job("call")
    def __call__(self, x: int) -> int:
        return x + self.size

    @lineage_job("enter")
    def __enter__(self) -> Any:
        return self

    @lineage_job("exit")
    def __exit__(self, *error: object) -> bool:
        return True

    @lineage_job("iter")
    def __iter__(self) -> Any:
        yield from range(self.size)

    @lineage_job("await")
    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return self.size

    @lineage_job("aenter")
    async def __aenter__(self) -> Any:
        return self

    @lineage_job("aexit")
    async def __aexit__(self, *error: object) -> None: ...

    @lineage_job("aiter")
    async def __aiter__(self) -> Any:
        yield self.size

    @lineage_job("getattr")
    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        return name

    @lineage_job("eq")
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dunder)

    @lineage_job("hash")
    def __hash__(self) -> int:
        return 1

    @lineage_job("len")
    def __len__(self) -> int:
        return self.size

    @lineage_job("bool")
    def __bool__(self) -> bool:
        return False


async def _enter(thing: Any) -> Any:
    async with thing as inside:
        return inside


def _leave(thing: Any) -> str:
    with thing:
        raise ValueError
    return "swallowed"


@pytest.mark.parametrize(
    ("use", "value", "jobs"),
    [
        (lambda thing: Dunder(3).size, 3, ["new", "init"]),
        (lambda thing: type("Sub", (Dunder,), {}).__name__, "Sub", ["init_subclass"]),
        (lambda thing: Dunder[int], (Dunder, int), ["class_getitem"]),
        (lambda thing: thing(1), 3, ["call"]),
        (_leave, "swallowed", ["enter", "exit"]),
        (lambda thing: [*iter(thing)], [0, 1], ["iter"]),
        (lambda thing: asyncio.run(_await(thing)), 2, ["await"]),
        (lambda thing: asyncio.run(_enter(thing)) is thing, True, ["aenter", "aexit"]),
        (lambda thing: consume(aiter(thing)), [2], ["aiter"]),
        (lambda thing: thing.colour, "colour", ["getattr"]),
        (lambda thing: hasattr(thing, "_none"), False, ["getattr"]),
        (lambda thing: thing == Dunder, False, ["eq"]),
        (lambda thing: len({thing}), 1, ["hash"]),
        (len, 2, ["len"]),
        (bool, False, ["bool"]),
    ],
)
def test_special_methods(events, use: Any, value: Any, jobs: list[str]):
    """Special methods do their work under the decorator, each in a run."""
    thing = Dunder(2)
    events.clear()
    assert use(thing) == value
    assert [line.split()[1] for line in events.states if line.startswith("START")] == jobs
    assert len(events) == 2 * len(jobs)


async def _await(thing: Any) -> Any:
    return await thing
