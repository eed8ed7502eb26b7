"""The wrapper for async generator functions: each step may come from another task."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

from lineage_kit.lifecycle.gate import enter
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.lifecycle.wrappers.driving import finish, here, switch

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder


def wrap(
    function: Callable[..., Any], spec: JobSpec | None, opener: Callable[..., Recorder | None] = enter
) -> Callable[..., Any]:
    """`function` with a run from the first step to the end of the async generator; `opener` opens that run."""

    @dressed(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        consumer = here()
        recorder = opener(spec, args, kwargs)
        value: Any = None
        step: Callable[[Any], Any] | None = None
        try:  # around the loop: Ctrl-C may come between two steps, where the loop jumps back
            generator = function(*args, **kwargs)
            while True:
                try:
                    item = await (first_step(generator) if step is None else step(value))
                except StopAsyncIteration:
                    finish(recorder, value if isinstance(value, GeneratorExit) else None, consumer)
                    return
                body = switch(consumer)
                try:
                    value = yield item
                    step = generator.asend
                except BaseException as thrown:
                    value, step = thrown, generator.athrow
                consumer = switch(body)
        except BaseException as error:
            value = None  # what was thrown in: it would be held by its own traceback
            finish(recorder, error, consumer)
            raise

    return call


def first_step(generator: AsyncGenerator[Any, Any]) -> Any:
    """The first step, taken while no hooks are set.

    The event loop then knows the wrapper only. If it knew both, it would close both at once at shutdown, and the second
    would be told that it is already running.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return generator.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)
