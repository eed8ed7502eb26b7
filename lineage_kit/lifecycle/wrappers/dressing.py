"""What a wrapper takes over from the object it stands for, so that both look the same."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any


def dressed(function: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`functools.wraps` for a function.

    Behind a proxy nobody sees the wrapper; only what it returns is named after it, so it takes the names of what is
    finally called. An object's own attributes may be anything.
    """
    if type(function) is FunctionType:
        return functools.wraps(function)
    called = underlying(function)
    names = ("__name__", "__qualname__") if inspect.isroutine(called) else ()
    return functools.wraps(called, assigned=names, updated=())


def underlying(function: Any) -> Any:
    """What is really run: the function of a partial, the ``__call__`` of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function):
        return function
    call = getattr(type(function), "__call__", None)  # noqa: B004 - the method, to judge its kind
    return call if inspect.isfunction(call) else function
