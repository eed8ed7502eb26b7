"""The wrapper for coroutine functions: no task of its own, no copied context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.lifecycle.wrappers.kept import keep


def wrap(function: Callable[..., Any], spec: JobSpec) -> Callable[..., Any]:
    """`function` with a run around each await; a coroutine that is never awaited opens none."""

    @dressed(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        kept = home.__kwdefaults__["lineage_kit"]
        if kept.owner is not home and kept.owner is not None:
            kept = kept.moved(home)
        recorder = kept.opener(kept.spec, args, kwargs)
        if recorder is None:
            return await kept.function(*args, **kwargs)
        try:
            result = await kept.function(*args, **kwargs)
            recorder.leave(None, result)  # in here: Ctrl-C may come on the way to it
            return result
        except BaseException as error:
            recorder.leave(error)
            raise

    home = keep(call, function, spec)
    return call
