"""The wrappers for `propagate`: what was carried is current while the function runs.

By name, nothing that was made in a call can be pickled; so what users hold is a proxy that pickles as its parts, around
a closure that libraries which send functions by value take for what it is.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import wrapt

from lineage_kit.lifecycle.wrappers import async_generator, generator
from lineage_kit.lifecycle.wrappers.carried import Carried
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.lifecycle.wrappers.kept import Apart, kept_by
from lineage_kit.lifecycle.wrappers.kinds import by_kind

Function = Callable[..., Any]


class Propagated(wrapt.ObjectProxy[Any]):
    """A function that carries its parent, and knows how to take it along."""

    def __init__(self, function: Function, carried: Carried) -> None:
        super().__init__(by_kind(function, _CLOSURES, _plain)(function, carried))
        self._self_function = function
        self._self_carried = carried

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """What the function does when called, inside what was carried."""
        return self.__wrapped__(*args, **kwargs)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return propagated, (self._self_function, self._self_carried)

    def __copy__(self) -> Propagated:
        return self

    def __deepcopy__(self, memo: Any) -> Propagated:
        return self


def propagated(function: Function, carried: Carried) -> Propagated:
    """`function`, called inside what `carried` says."""
    return Propagated(function, carried)


def original(function: Any) -> Any:
    """The function that was propagated, also where it came here by value; any other as it is."""
    if isinstance(function, Propagated):
        function = function.__wrapped__
    if inspect.isfunction(function) and any(_carries(cell) for cell in function.__closure__ or ()):
        return getattr(function, "__wrapped__", function)
    return function


def _plain(function: Function, carried: Carried) -> Function:
    @dressed(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        outer = carried.enter()
        try:
            return function(*args, **kwargs)
        finally:
            carried.leave(outer)

    return call


def _coroutine(function: Function, carried: Carried) -> Function:
    @dressed(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        outer = carried.enter()
        try:
            return await function(*args, **kwargs)
        finally:
            carried.leave(outer)

    return call


def _generator(function: Function, carried: Carried) -> Function:
    return generator.wrap(function, None, carried)


def _async_generator(function: Function, carried: Carried) -> Function:
    return async_generator.wrap(function, None, carried)


_CLOSURES = (
    (inspect.CO_COROUTINE, _coroutine),
    (inspect.CO_ASYNC_GENERATOR, _async_generator),
    (inspect.CO_GENERATOR, _generator),
)


def _carries(cell: types.CellType) -> bool:
    try:
        held = cell.cell_contents
    except ValueError:  # a name that was not given a value yet
        return False
    if isinstance(held, Apart):
        held = kept_by(held).opener
    return isinstance(held, Carried)
