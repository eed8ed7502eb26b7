"""What a wrapper takes over from the object it stands for, so that both look the same."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

_PLAIN = (FunctionType, MethodType, BuiltinFunctionType)


def dressed(function: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`functools.wraps` for a function or method.

    Of other objects, whose attributes may be anything, it takes the names of what is finally called: what the wrapper
    returns is named after them.
    """
    if type(function) in _PLAIN:
        return functools.wraps(function)
    called = underlying(function)

    def dress(call: Callable[..., Any]) -> Callable[..., Any]:
        for name in ("__name__", "__qualname__") if inspect.isroutine(called) else ():
            text = getattr(called, name, None)
            if type(text) is str:
                setattr(call, name, text)
        call.__wrapped__ = function  # type: ignore[attr-defined]
        return call

    return dress


def underlying(function: Any) -> Any:
    """What is really run: the function of a partial, the ``__call__`` of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function):
        return function
    call = getattr(type(function), "__call__", None)  # noqa: B004 - the method, to judge its kind
    return call if inspect.isfunction(call) else function
