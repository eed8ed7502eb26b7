"""The wrapper for generator functions: the run is current only while the body runs."""

from __future__ import annotations

import types
from collections.abc import Callable, Generator
from inspect import CO_ITERABLE_COROUTINE
from typing import TYPE_CHECKING, Any

from lineage_kit.lifecycle.gate import enter
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.notes.scope import current_scope, set_scope

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder


def wrap(function: Callable[..., Any], spec: JobSpec) -> Callable[..., Any]:
    """`function` with a run from the first ``next`` to the end of the generator."""

    @dressed(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        consumer = current_scope()
        recorder = enter(spec, args, kwargs)
        if recorder is None:
            return (yield from function(*args, **kwargs))
        try:
            generator = function(*args, **kwargs)
        except BaseException as error:
            recorder.leave(error)
            raise
        return (yield from drive(recorder, generator, consumer))

    return types.coroutine(call) if is_awaitable(function) else call


def is_awaitable(generator: Any) -> bool:
    """True for a generator, or the function that makes it, under ``types.coroutine``: it may be awaited."""
    code = getattr(generator, "gi_code", None) or getattr(generator, "__code__", None)
    return bool(getattr(code, "co_flags", 0) & CO_ITERABLE_COROUTINE)


def drive(recorder: Recorder, generator: Generator[Any, Any, Any], consumer: Any) -> Generator[Any, Any, Any]:
    """Step `generator` to its end inside the run, with the consumer's scope restored at every yield.

    What the body made current survives its yields; what the consumer makes current meanwhile is not seen by the body.
    """
    step: Callable[[Any], Any] = generator.send
    value: Any = None
    while True:
        try:
            item = step(value)
        except StopIteration as stop:
            set_scope(consumer)
            if isinstance(value, GeneratorExit):
                recorder.leave_unexhausted()
            else:
                recorder.leave(None, stop.value)
            return stop.value
        except BaseException as error:
            set_scope(consumer)
            if isinstance(error, GeneratorExit):
                recorder.leave_unexhausted()
            else:
                recorder.leave(error)
            raise
        body = current_scope()
        set_scope(consumer)
        try:
            value = yield item
            step = generator.send
        except BaseException as thrown:
            value, step = thrown, generator.throw
        consumer = current_scope()
        set_scope(body)
