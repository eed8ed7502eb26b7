"""The current run in a pool: `propagate` carries it over, nothing is patched."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from lineage_kit.notes.scope import current_scope, set_scope

P = ParamSpec("P")
R = TypeVar("R")


def propagate(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, to be called in other threads with the run that is current here as its parent.

    ``pool.submit(propagate(load), day)``. The thread's own scope is restored after each call.
    """
    scope = current_scope()

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        outer = current_scope()
        set_scope(scope)
        try:
            return function(*args, **kwargs)
        finally:
            set_scope(outer)

    return call
