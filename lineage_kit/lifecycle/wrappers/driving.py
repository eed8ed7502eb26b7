"""What wrappers do with the current scope, as functions with a name: a closure that refers to these travels by value.

The context variable itself and its methods cannot be pickled; whoever ships a closure ships what it refers to.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from lineage_kit.notes.scope import Scope, current_scope, set_scope

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder


def here() -> Scope | None:
    """What is current."""
    return current_scope()


def switch(scope: Scope | None) -> Scope | None:
    """Make `scope` current; what was current before."""
    before = current_scope()
    set_scope(scope)
    return before


def drive(
    recorder: Recorder | None, generator: Generator[Any, Any, Any], consumer: Any
) -> Generator[Any, Any, Any]:
    """Step `generator` to its end inside what is current, with the consumer's scope restored at every yield.

    What the body made current survives its yields; what the consumer makes current meanwhile is not seen by the body.
    """
    step: Callable[[Any], Any] = generator.send
    value: Any = None
    while True:
        try:
            item = step(value)
        except StopIteration as stop:
            finish(recorder, value if isinstance(value, GeneratorExit) else None, consumer, stop.value)
            return stop.value
        except BaseException as error:
            finish(recorder, error, consumer)
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


def finish(recorder: Recorder | None, error: BaseException | None, consumer: Any, result: Any = None) -> None:
    """Restore the consumer's scope and end the run, if there is one."""
    set_scope(consumer)
    if recorder is None:
        return
    if isinstance(error, GeneratorExit):
        recorder.leave_unexhausted()
    else:
        recorder.leave(error, result)
