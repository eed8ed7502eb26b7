"""The wrapper for generator functions: the run is current only while the body runs."""

from __future__ import annotations

import types
from collections.abc import Callable
from inspect import CO_ITERABLE_COROUTINE
from typing import TYPE_CHECKING, Any

from lineage_kit.lifecycle.gate import enter
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.lifecycle.wrappers.kept import keep

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder


def wrap(
    function: Callable[..., Any], spec: JobSpec | None, opener: Callable[..., Recorder | None] = enter
) -> Callable[..., Any]:
    """`function` with a run from the first ``next`` to the end of the generator; `opener` opens that run.

    What the body makes current survives its yields; what the consumer makes current meanwhile the body does not see.
    """

    @dressed(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        kept = home.__kwdefaults__["lineage_kit"]
        if kept.owner is not home and kept.owner is not None:
            kept = kept.moved(home)
        consumer = kept.here()
        recorder = kept.opener(kept.spec, args, kwargs)
        if recorder is None and kept.here() is consumer:
            return (yield from kept.function(*args, **kwargs))
        value = None
        try:  # around the loop: Ctrl-C may come between two steps, where the loop jumps back
            generator = kept.function(*args, **kwargs)
            step = generator.send
            while True:  # ``yield from`` would answer a GeneratorExit that is thrown in by closing
                try:
                    item = step(value)
                except StopIteration as stop:
                    kept.finish(
                        recorder, value if isinstance(value, GeneratorExit) else None, consumer, stop.value
                    )
                    return stop.value
                body = kept.switch(consumer)
                try:
                    value = yield item
                    step = generator.send
                except BaseException as thrown:
                    value, step = thrown, generator.throw
                consumer = kept.switch(body)
        except BaseException as error:
            value = None  # what was thrown in: it would be held by its own traceback
            kept.finish(recorder, error, consumer)
            raise

    home = keep(call, function, spec, opener)
    return types.coroutine(call) if is_awaitable(function) else call


def is_awaitable(generator: Any) -> bool:
    """True for a generator, or the function that makes it, under ``types.coroutine``: it may be awaited."""
    code = getattr(generator, "gi_code", None) or getattr(generator, "__code__", None)
    return bool(getattr(code, "co_flags", 0) & CO_ITERABLE_COROUTINE)
