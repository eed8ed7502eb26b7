"""What kind of function an object is, judged once, and the wrapper for that kind."""

from __future__ import annotations

import inspect
from typing import Any

from lineage_kit.lifecycle.wrappers import async_generator, coroutine, generator, plain
from lineage_kit.lifecycle.wrappers.dressing import underlying

_WRAPPERS: tuple[tuple[int, Any], ...] = (
    (inspect.CO_COROUTINE, coroutine.wrap),
    (inspect.CO_ASYNC_GENERATOR, async_generator.wrap),
    (inspect.CO_GENERATOR, generator.wrap),
)


def wrapper_for(function: Any) -> Any:
    """The ``wrap(function, spec)`` for a function, or for what a partial or a callable object finally calls."""
    return by_kind(function, _WRAPPERS, plain.wrap)


def by_kind(function: Any, choices: tuple[tuple[int, Any], ...], otherwise: Any) -> Any:
    """The first of `choices` whose flag the code of `function` has.

    Judged by the code itself: a function that is merely marked as a coroutine function runs when it is called, as plain
    functions do.
    """
    called = underlying(function)
    code = getattr(getattr(called, "__func__", called), "__code__", None)
    flags = getattr(code, "co_flags", 0)
    for flag, choice in choices:
        if isinstance(flags, int) and flags & flag:
            return choice
    return otherwise
