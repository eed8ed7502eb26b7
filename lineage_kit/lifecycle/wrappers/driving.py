"""What wrappers do with the current scope, as functions with a name: a closure that refers to these travels by value.

The context variable itself and its methods cannot be pickled; whoever ships a closure ships what it refers to.
"""

from __future__ import annotations

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


def finish(recorder: Recorder | None, error: BaseException | None, consumer: Any, result: Any = None) -> None:
    """Restore the consumer's scope and end the run, if there is one."""
    set_scope(consumer)
    if recorder is None:
        return
    if isinstance(error, GeneratorExit):
        recorder.leave_unexhausted()
    else:
        recorder.leave(error, result)
