"""Callables of every shape, with arguments to call them with, and how to drive what they return."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import inspect
import operator
import types
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd


def signature(function: Any) -> Any:
    """The signature, or the type of error that asking for it raises."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError, AttributeError) as error:
        return type(error)


def consume(value: Any) -> Any:
    """What comes out in the end of a value, a coroutine or a generator of either kind."""
    if inspect.isasyncgen(value):
        return asyncio.run(_collect(value))
    if inspect.isgenerator(value) and not inspect.isawaitable(value):
        return list(value)
    return asyncio.run(_wait(value)) if inspect.isawaitable(value) else value


async def _collect(stream: Any) -> list[Any]:
    return [item async for item in stream]


async def _wait(awaitable: Any) -> Any:
    return await awaitable


def sync(x: int, /, y: int = 2, *rest: int, scale: int = 1, **more: int) -> tuple[Any, ...]:
    """Gives back what it was given."""
    return x, y, rest, scale, more


async def coroutine(x: int, /, y: int = 2, *rest: int, scale: int = 1, **more: int) -> tuple[Any, ...]:
    await asyncio.sleep(0)
    return x, y, rest, scale, more


def generator(x: int, /, y: int = 2, *rest: int, scale: int = 1, **more: int):
    yield x
    yield from (y, rest, scale, more)


async def async_generator(x: int, /, y: int = 2, *rest: int, scale: int = 1, **more: int):
    yield x
    await asyncio.sleep(0)
    yield y, rest, scale, more


@types.coroutine
def old_coroutine(x: int, y: int = 2):
    yield
    return x, y


class Adder:
    """Adds."""

    def __call__(self, x: int, y: int = 2) -> int:
        return x + y


class AsyncAdder:
    async def __call__(self, x: int, y: int = 2) -> int:
        await asyncio.sleep(0)
        return x + y


class Yielder:
    def __call__(self, x: int, y: int = 2):
        yield x
        yield y


class AsyncYielder:
    async def __call__(self, x: int, y: int = 2):
        yield x
        yield y


class Slots:
    __slots__ = ("__weakref__",)

    def __call__(self, x: int) -> int:
        return -x


class Unhashable:
    __hash__ = None

    def __call__(self, x: int) -> int:
        return -x


class AnswersAnything:
    """Like a remote proxy: any attribute is another one."""

    def __getattr__(self, name: str) -> Any:
        return type(self)()

    def __call__(self, *args: int) -> tuple[int, ...]:
        return args


class Batch(list):
    """A list that is called."""

    def __call__(self, x: int) -> list[Any]:
        return [*self, x]


class ClaimsToBeAFunction:
    __class__ = property(lambda self: types.FunctionType)

    def __call__(self, x: int) -> int:
        return x


@dataclasses.dataclass(frozen=True)
class Data:
    factor: int = 3

    def __call__(self, x: int) -> int:
        return self.factor * x


class Host:
    """Holds methods of every kind to take bound and unbound."""

    def sync(self, x: int) -> int:
        return x

    async def coroutine(self, x: int) -> int:
        return x

    def generator(self, x: int):
        yield x

    async def async_generator(self, x: int):
        yield x

    @classmethod
    def of_class(cls, x: int) -> Any:
        return cls.__name__, x

    @staticmethod
    def static(x: int) -> int:
        return x


@functools.singledispatch
def dispatched(x: Any) -> str:
    return "any"


@dispatched.register
def _(x: int) -> str:
    return "int"


@functools.lru_cache
def cached(x: int) -> int:
    return x


@functools.wraps(sync)
def stacked(*args: Any, **kwargs: Any) -> Any:
    return sync(*args, **kwargs)


@functools.wraps(coroutine)
def over_coroutine(*args: Any, **kwargs: Any) -> Any:
    return coroutine(*args, **kwargs)


def returns_generator(x: int) -> Any:
    return (item for item in (x, x))


def returns_async_generator(x: int) -> Any:
    return async_generator(x)


def returns_old_coroutine(x: int) -> Any:
    return old_coroutine(x)


def magic(self: int, args: int, kwargs: int, function: int, spec: int, name: int, lineage: int) -> Any:
    return self, args, kwargs, function, spec, name, lineage


MAGIC = {"self": 1, "args": 2, "kwargs": 3, "function": 4, "spec": 5, "name": 6, "lineage": 7}
FRAME = pd.DataFrame({"a": [1, 2]})

Shape = tuple[Any, tuple[Any, ...], dict[str, Any]]
SHAPES: dict[str, Shape] = {
    "function": (sync, (1, 2, 3), {"scale": 2, "spec": 1, "x": 5, "self": 4, "args": 3, "kwargs": 2}),
    "coroutine function": (coroutine, (1, 2, 3), {"scale": 2, "function": 1, "x": 5, "self": 4}),
    "generator function": (generator, (1, 2, 3), {"scale": 2, "args": 1, "x": 5, "self": 4}),
    "async generator function": (async_generator, (1, 2, 3), {"scale": 2, "name": 1, "x": 5, "self": 4}),
    "types.coroutine": (old_coroutine, (1,), {"y": 3}),
    "names like ours": (magic, (), MAGIC),
    "lambda": (lambda x, *, y: x + y, (1,), {"y": 2}),
    "partial": (functools.partial(sync, 1, y=3), (), {"scale": 5}),
    "partial of a partial": (functools.partial(functools.partial(sync, 1), 2), (3,), {}),
    "partial of names like ours": (functools.partial(magic, **MAGIC), (), {"self": 9}),
    "partial of a coroutine function": (functools.partial(coroutine, 1), (), {"self": 2}),
    "partial of a generator function": (functools.partial(generator, 1), (2,), {}),
    "partial of an async generator function": (functools.partial(async_generator, 1), (2,), {}),
    "partial of an async object": (functools.partial(AsyncAdder(), 1), (), {"y": 4}),
    "object": (Adder(), (1,), {"y": 3}),
    "async object": (AsyncAdder(), (1,), {}),
    "generator object": (Yielder(), (1,), {}),
    "async generator object": (AsyncYielder(), (1,), {}),
    "object with slots": (Slots(), (1,), {}),
    "unhashable object": (Unhashable(), (1,), {}),
    "dataclass object": (Data(), (2,), {}),
    "object that answers anything": (AnswersAnything(), (1, 2), {}),
    "mock": (mock.Mock(return_value=5), (1,), {"self": 2}),  # an object that answers anything
    "list that is called": (Batch([1]), (2,), {}),
    "object that claims to be a function": (ClaimsToBeAFunction(), (1,), {}),
    "mock of a function": (mock.Mock(spec=magic, return_value=5), (1,), {}),
    "async mock": (mock.AsyncMock(return_value=5), (1,), {}),
    "builtin": (len, ([1, 2],), {}),
    "builtin without signature": (max, (1, 2), {}),
    "bound builtin": ("-".join, (["a", "b"],), {}),
    "unbound builtin": (str.upper, ("a",), {}),
    "builtin class method": (dict.fromkeys, ("ab",), {}),
    "slot wrapper": (int.__add__, (1, 2), {}),
    "item getter": (operator.itemgetter(1), ("ab",), {}),
    "ufunc": (np.add, (1, 2), {}),
    "method of numpy": (np.arange(3).sum, (), {"axis": 0}),
    "method of pandas": (FRAME["a"].sum, (), {"skipna": True}),
    "bound method": (Host().sync, (1,), {}),
    "bound coroutine method": (Host().coroutine, (1,), {}),
    "bound generator method": (Host().generator, (1,), {}),
    "bound async generator method": (Host().async_generator, (1,), {}),
    "bound class method": (Host.of_class, (1,), {}),
    "static method from outside": (Host.static, (1,), {}),
    "unbound method": (Host.sync, (Host(), 1), {}),
    "singledispatch": (dispatched, (1,), {}),
    "lru_cache": (cached, (1,), {}),
    "functools.wraps": (stacked, (1, 2, 3), {"scale": 2, "self": 4}),
    "functools.wraps over a coroutine function": (over_coroutine, (1,), {}),
    "function returning a generator": (returns_generator, (1,), {}),
    "function returning an async generator": (returns_async_generator, (1,), {}),
    "function returning an old coroutine": (returns_old_coroutine, (1,), {}),
}


def plain(function: Any) -> Any:
    """No decorator at all."""
    return function


def story_of(error: BaseException | None) -> Any:
    """An error as comparable values: type, text, notes, and the same of its context and cause."""
    if error is None:
        return None
    return (
        type(error).__name__,
        str(error),
        getattr(error, "__notes__", None),
        error.__suppress_context__,
        story_of(error.__cause__),
        story_of(error.__context__),
        story_of(error.value)
        if isinstance(error, StopIteration) and isinstance(error.value, BaseException)
        else None,
    )
