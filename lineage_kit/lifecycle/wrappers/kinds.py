"""What kind of function an object is, judged once, and the wrapper for that kind."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from lineage_kit.lifecycle.wrappers import async_generator, coroutine, generator, plain

_WRAPPERS: tuple[tuple[Callable[[Any], bool], Any], ...] = (
    (inspect.iscoroutinefunction, coroutine.wrap),
    (inspect.isasyncgenfunction, async_generator.wrap),
    (inspect.isgeneratorfunction, generator.wrap),
)


def wrapper_for(function: Any) -> Any:
    """The ``wrap(function, spec)`` for a function, or for what a partial or a callable object finally calls."""
    called = underlying(function)
    for is_kind, wrap in _WRAPPERS:
        if is_kind(called):
            return wrap
    return plain.wrap


def underlying(function: Any) -> Any:
    """What is really run: the function of a partial, the ``__call__`` of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function):
        return function
    call = getattr(type(function), "__call__", None)  # noqa: B004 - the method, to judge its kind
    return call if inspect.isfunction(call) else function
