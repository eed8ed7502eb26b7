"""Decorated functions keep their type, whatever their shape: checked by mypy --strict and pyright, never run."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, partial
from typing import ParamSpec, Protocol, Self, TypeVar, assert_type, overload

from lineage_kit import lineage_job

T = TypeVar("T")
P = ParamSpec("P")


@lineage_job
def generic(items: list[T], /, *others: T, key: str = "", **more: int) -> dict[str, T]:
    return {key: items[0]}


assert_type(generic([1], 2, key="a", size=3), dict[str, int])
generic(items=[1])  # type: ignore[call-arg, arg-type]  # positional only
generic([1], size="large")  # type: ignore[arg-type]


@lineage_job("numbers")
def sending(count: int) -> Generator[int, str, bool]:
    answer = yield count
    return answer == "yes"


assert_type(sending(1), Generator[int, str, bool])
sending("one")  # type: ignore[arg-type]


@overload
def either(value: int) -> int: ...
@overload
def either(value: str) -> str: ...
@lineage_job
def either(value: int | str) -> int | str:
    return value


assert_type(either(1), int)
assert_type(either("a"), str)


@contextmanager
@lineage_job
def opened(path: str) -> Generator[bytes]:
    yield path.encode()


managed: AbstractContextManager[bytes] = opened("a")
opened(1)  # type: ignore[arg-type]


class Table:
    @lineage_job
    def chained(self, name: str) -> Self:
        return self

    @lineage_job("table.make")
    @classmethod
    def above(cls, name: str) -> Self:
        return cls()

    @classmethod
    @lineage_job("table.make")
    def below(cls, name: str) -> Self:
        return cls()

    @lineage_job
    @staticmethod
    def above_static(count: int) -> int:
        return count

    @staticmethod
    @lineage_job
    def below_static(count: int) -> int:
        return count

    @property
    @lineage_job
    def rows(self) -> int:
        return 1

    @cached_property
    @lineage_job
    def columns(self) -> list[str]:
        return []

    @lineage_job
    async def each(self) -> AsyncIterator[bytes]:
        yield b""


class Orders(Table):
    @lineage_job("orders.chained")
    def chained(self, name: str) -> Self:
        return super().chained(name)


assert_type(Orders().chained("a"), Orders)
assert_type(Orders.above("a"), Orders)
assert_type(Orders.below("a"), Orders)
assert_type(Table().above("a"), Table)
assert_type(Table.above_static(1), int)
assert_type(Table().below_static(1), int)
assert_type(Table().rows, int)
assert_type(Table().columns, list[str])
assert_type(Table().each(), AsyncIterator[bytes])
Orders().chained(1)  # type: ignore[arg-type]
Table.above(1)  # type: ignore[arg-type]
Table.below_static("one")  # type: ignore[arg-type]


class Load:
    def __call__(self, day: str) -> float:
        return 0.5


class Loading(Protocol):
    def __call__(self, day: str) -> float: ...


assert_type(lineage_job(Load())("monday"), float)
assert_type(lineage_job("load")(Load()), Load)
loading: Loading = lineage_job(Load())
assert_type(lineage_job(partial(int, "3"))(), int)
assert_type(lineage_job(len)("abc"), int)
assert_type(lineage_job(lambda: str(1))(), str)
again = lineage_job("numbers.again")(sending)
assert_type(again(1), Generator[int, str, bool])


def timed(function: Callable[P, T]) -> Callable[P, T]:
    return function


@timed
@lineage_job
@timed
def stacked(day: str, *, dry: bool = False) -> int:
    return 1


assert_type(stacked("monday", dry=True), int)
stacked("monday", wet=True)  # type: ignore[call-arg]


@lineage_job
async def waiting(seconds: float) -> str:
    return ""


later: Callable[[float], Awaitable[str]] = waiting

lineage_job(3)  # type: ignore[call-overload]
lineage_job("name", inputs=3)  # type: ignore[call-overload]
lineage_job("name", input="a")  # type: ignore[call-overload]
lineage_job("name", "second")  # type: ignore[call-overload]
