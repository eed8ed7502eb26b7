"""The one context variable: which run is current, what was attached, whether capture is suppressed.

Its value is the innermost of a chain of scopes, each pointing outward. Lifecycle puts runs and attached parents on the
chain; deliveries put `Suppressed` there, so that our own traffic is never watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Scope:
    """One link of the chain; `outer` is the link that was current when this one was opened."""

    __slots__ = ("outer",)

    outer: Scope | None


class Suppressed(Scope):
    """Marks code of ours that captures nothing and opens no run. Nothing around it is seen from inside."""

    __slots__ = ()

    def __init__(self) -> None:
        self.outer = None


_current: ContextVar[Scope | None] = ContextVar("lineage_kit_scope", default=None)

# bound methods, because an attribute look-up per call is what can be saved on the hot path
current_scope = _current.get
set_scope = _current.set


@contextmanager
def suppressed() -> Iterator[None]:
    """Nothing that happens inside is captured or opens a run."""
    outer = current_scope()
    set_scope(Suppressed())
    try:
        yield
    finally:
        set_scope(outer)
