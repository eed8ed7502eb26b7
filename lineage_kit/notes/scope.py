"""The one context variable: which run is current, what was attached, whether capture is suppressed.

Its value is the innermost of a chain of scopes, each pointing outward. Lifecycle puts runs and attached parents on the
chain; deliveries put `Suppressed` there, so that our own traffic is never watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Scope:
    """One link of the chain; `outer` is the link that was current when this one was opened.

    left: its block is over; it may still hang in the chain of what was opened inside it and goes on.
    """

    __slots__ = ("left", "outer")

    outer: Scope | None
    left: bool

    def __init__(self) -> None:
        self.outer = None
        self.left = False


class Suppressed(Scope):
    """Marks code of ours that captures nothing and opens no run. Nothing around it is seen from inside."""

    __slots__ = ()


_current: ContextVar[Scope | None] = ContextVar("lineage_kit_scope", default=None)

# bound methods, because an attribute look-up per call is what can be saved on the hot path
current_scope = _current.get
set_scope = _current.set


def step_out(scope: Scope) -> None:
    """Make `scope` current no longer; what is around it is current again.

    Left before what was entered inside it, it is taken out from between. Where it does not stand, as in a task that
    was started inside it, nothing changes: there it stays the parent of what comes.
    """
    inner = current_scope()
    if inner is scope:
        set_scope(scope.outer)
        return
    while inner is not None and inner.outer is not scope:
        inner = inner.outer
    if inner is not None:
        inner.outer = scope.outer


def leave(scope: Scope) -> None:
    """The block of `scope` is over, wherever it stands in the chain."""
    scope.left = True
    step_out(scope)


@contextmanager
def suppressed() -> Iterator[None]:
    """Nothing that happens inside is captured or opens a run."""
    outer = current_scope()
    set_scope(Suppressed())
    try:
        yield
    finally:
        set_scope(outer)
