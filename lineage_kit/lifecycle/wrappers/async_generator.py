"""The wrapper for async generator functions: each step may come from another task."""

from __future__ import annotations

from collections.abc import Callable
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
    """`function` with a run from the first step to the end of the async generator; `opener` opens that run."""

    @dressed(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        kept = home.__kwdefaults__["lineage_kit"]
        if kept.owner is not home and kept.owner is not None:
            kept = kept.moved(home)
        consumer = kept.here()
        recorder = kept.opener(kept.spec, args, kwargs)
        value: Any = None
        step: Callable[[Any], Any] | None = None
        try:  # around the loop: Ctrl-C may come between two steps, where the loop jumps back
            generator = kept.function(*args, **kwargs)
            while True:
                try:
                    item = await (kept.first_step(generator) if step is None else step(value))
                except StopAsyncIteration:
                    kept.finish(recorder, value if isinstance(value, GeneratorExit) else None, consumer)
                    return
                body = kept.switch(consumer)
                try:
                    value = yield item
                    step = generator.asend
                except BaseException as thrown:
                    value, step = thrown, generator.athrow
                consumer = kept.switch(body)
        except BaseException as error:
            value = None  # what was thrown in: it would be held by its own traceback
            kept.finish(recorder, error, consumer)
            raise

    home = keep(call, function, spec, opener)
    return call
