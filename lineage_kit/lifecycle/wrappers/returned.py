"""A plain function returned a coroutine, generator or async generator: its run ends when that object ends."""

from __future__ import annotations

import types
import weakref
from collections.abc import Coroutine
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

from lineage_kit.lifecycle.wrappers import async_generator, generator
from lineage_kit.notes.scope import current_scope, set_scope

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder


def follow(recorder: Recorder, lazy: Any) -> Any:
    """An object that behaves as `lazy` does and takes the run with it."""
    recorder.pause()
    waiting: list[Coroutine[Any, Any, Any]] = []  # what nobody awaits in its follower's stead
    if isinstance(lazy, CoroutineType):
        waiting.append(lazy)
        follower: Any = _await(recorder, waiting)
    else:
        wrap = generator.wrap if isinstance(lazy, GeneratorType) else async_generator.wrap
        call: Any = wrap(lambda: lazy, recorder.plan.spec, lambda *_: _resume(recorder))
        follower = (types.coroutine(call) if generator.is_awaitable(lazy) else call)()
    follower.__name__, follower.__qualname__ = lazy.__name__, lazy.__qualname__
    weakref.finalize(follower, _dropped, recorder, waiting).atexit = False
    return follower


async def _await(recorder: Recorder, waiting: list[Coroutine[Any, Any, Any]]) -> Any:
    coroutine = waiting.pop()
    outside = current_scope()
    _resume(recorder)
    try:
        result = await coroutine
    except BaseException as error:
        set_scope(outside)
        recorder.leave(error)
        raise
    set_scope(outside)
    recorder.leave(None, result)
    return result


def _resume(recorder: Recorder) -> Recorder:
    set_scope(recorder)
    return recorder


def _dropped(recorder: Recorder, waiting: list[Coroutine[Any, Any, Any]]) -> None:
    """The object is gone; where it was never started, so is what it stood for, of which Python shall not warn too."""
    for coroutine in waiting:
        coroutine.close()
    if recorder.is_open:
        recorder.leave_unexhausted()
