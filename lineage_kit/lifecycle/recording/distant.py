"""An open run as another process knows it: its name and its place, to be a parent there, and nothing to add to."""

from __future__ import annotations

from typing import NamedTuple

from lineage_kit.event.model import RunState
from lineage_kit.lifecycle.parent import Parent, RunRef


class Distant(NamedTuple):
    """What stands for a `Recorder` that was pickled. `prepared` names run and job, `state` is that of the journey."""

    prepared: RunRef
    parent: RunRef | None
    root: RunRef | None
    state: RunState | None

    @property
    def id(self) -> str:
        """The run id."""
        return self.prepared.id

    def as_parent(self) -> Parent:
        """This run as the parent of others."""
        return Parent(self.prepared, self.root or self.prepared)
