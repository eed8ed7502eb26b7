"""What `propagate` takes along: what was current where it was called; elsewhere, the parent that stands for it."""

from __future__ import annotations

from typing import Any

from lineage_kit.lifecycle.parent import Attached, read_carrier
from lineage_kit.notes.scope import Scope, current_scope, set_scope


class Carried:
    """What was current where `propagate` was called; in another process, the parent that runs there would have had."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    def enter(self) -> Scope | None:
        """Make it current; what was before."""
        outer = current_scope()
        set_scope(self.scope)
        return outer

    def leave(self, outer: Scope | None) -> None:
        """Make `outer` current again."""
        set_scope(outer)

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
