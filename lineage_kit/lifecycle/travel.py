"""The current run in a pool of threads or processes: `propagate` carries it over, nothing is patched."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from lineage_kit.errors import UsageError
from lineage_kit.lifecycle.wrappers.carried import Carried
from lineage_kit.notes.scope import current_scope

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
    # wrapt: for who needs it
    from lineage_kit.lifecycle.wrappers.proxies.propagated import original, propagated

    carried = Carried(current_scope())
    return cast("Callable[P, R]", propagated(original(function), carried))
