"""The wrapper for generator functions: the run is current only while the body runs."""

from __future__ import annotations

import types
from collections.abc import Callable
from inspect import CO_ITERABLE_COROUTINE
from typing import Any

from lineage_kit.lifecycle.gate import enter
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.lifecycle.wrappers.driving import drive


def wrap(function: Callable[..., Any], spec: JobSpec) -> Callable[..., Any]:
    """`function` with a run from the first ``next`` to the end of the generator."""

    @dressed(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        recorder = enter(spec, args, kwargs)
        if recorder is None:
            return (yield from function(*args, **kwargs))
        try:
            generator = function(*args, **kwargs)
        except BaseException as error:
            recorder.leave(error)
            raise
        return (yield from drive(recorder, generator, recorder.outer))

    return types.coroutine(call) if is_awaitable(function) else call


def is_awaitable(generator: Any) -> bool:
    """True for a generator, or the function that makes it, under ``types.coroutine``: it may be awaited."""
    code = getattr(generator, "gi_code", None) or getattr(generator, "__code__", None)
    return bool(getattr(code, "co_flags", 0) & CO_ITERABLE_COROUTINE)
