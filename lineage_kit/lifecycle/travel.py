"""The current run in a pool of threads or processes: `propagate` carries it over, nothing is patched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from lineage_kit.errors import UsageError
from lineage_kit.lifecycle.parent import Attached, read_carrier
from lineage_kit.lifecycle.wrappers.driving import switch
from lineage_kit.notes.scope import Scope, current_scope

P = ParamSpec("P")
R = TypeVar("R")


def propagate(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, to be called in other threads or processes with the run that is current here as its parent.

    ``pool.submit(propagate(load), day)``. It keeps kind and signature and pickles wherever `function` does: to another
    process it takes the parent along. What is current there is restored after each call. Given what was propagated
    before, the run that is current now counts. Raises `UsageError` for what is no function.
    """
    if not callable(function):
        raise UsageError(
            f"propagate takes a function that is still to be called, not {type(function).__name__}: "
            "propagate(load), with its arguments given to the pool"
        )
    from lineage_kit.lifecycle.wrappers.propagated import original, propagated  # wrapt: for who needs it

    carried = Carried(current_scope())
    return cast("Callable[P, R]", propagated(original(function), carried))


class Carried:
    """What was current where `propagate` was called; in another process, the parent that runs there would have had."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    def enter(self) -> Scope | None:
        """Make it current; what was before."""
        return switch(self.scope)

    def leave(self, outer: Scope | None) -> None:
        """Make `outer` current again."""
        switch(outer)

    def __call__(self, *_: Any) -> None:
        """`enter` as the opener of a wrapper; None, because no run is opened."""
        self.enter()

    def __reduce__(self) -> Any:
        from lineage_kit.lifecycle.recording.opening import find_parent

        parent, _ = find_parent(self.scope)
        return arrived, (parent.carrier() if parent is not None else None,)


def arrived(carrier: dict[str, str] | None) -> Carried:
    """What `Carried` is in the process that it came to."""
    parent = read_carrier(carrier)
    if parent is None:
        return Carried(None)
    scope = Attached()
    scope.outer, scope.parent = None, parent
    return Carried(scope)
