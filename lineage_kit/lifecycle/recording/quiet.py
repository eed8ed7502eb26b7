"""A run that says nothing until there is something to say: a cell of a notebook, the session it belongs to.

Its START goes out, with the time at which it really began, when the first dataset or facet is noted, when a run opens
inside it, or when it is told to speak. One that never spoke leaves no event at all.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from lineage_kit import report, session
from lineage_kit.delivery.process import before_end
from lineage_kit.event.ids import new_id
from lineage_kit.event.model import RunState
from lineage_kit.lifecycle.arguments.run_facets import run_facets
from lineage_kit.lifecycle.defaults import NOTHING
from lineage_kit.lifecycle.recording.opening import find_parent
from lineage_kit.lifecycle.recording.plan import Plan, plan_for
from lineage_kit.lifecycle.recording.recorder import OPEN, Recorder, abort_open_runs
from lineage_kit.notes.notes import Notes
from lineage_kit.notes.scope import Scope, Suppressed, current_scope, set_scope, step_out

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.lifecycle.spec import JobSpec

_speaking = threading.RLock()  # of two threads that make a run speak at once, one sends its START


class Quiet(Recorder):
    """Begun with `begin`, which makes it current on request, ended with `leave`. What is handed to it never raises."""

    __slots__ = ("_before", "_may_be_current", "_stays_quiet")

    def __init__(self, spec: JobSpec, client: OpenLineageClient) -> None:
        plan = plan_for(spec, client)
        super().__init__(new_id(), plan, plan.job(NOTHING))
        self._before: Scope | None = None
        self._may_be_current = False
        self._stays_quiet = False

    def __reduce__(self) -> Any:
        self.speaks()  # where it arrives it may be a parent
        return super().__reduce__()

    @property
    def has_spoken(self) -> bool:
        """Whether its START went out."""
        return self.state is not None

    def begin(self, under: Quiet | None = None, *, current: bool = False) -> None:
        """From now on it is open, below what is current, else below `under`; `current`: it is current itself.

        Another one of its kind that is current, a cell that runs this one, is not what it stands below.
        """
        self._before = before = _lasting(current_scope())
        self.outer = under if before is None or isinstance(before, Quiet) else before
        self._may_be_current = current
        before_end(abort_open_runs)
        OPEN[self.id] = self
        if current:
            set_scope(self)

    def speaks(self) -> bool:
        """Whether it is recorded; from the first call on that finds it so, START is out."""
        if self.has_spoken:
            return True
        with _speaking:
            if self._stays_quiet or not self.is_here or not self.is_open:
                return False
            try:
                if self.state is not None:  # another thread was faster
                    return True
                return self._speak(session.active or session.open_client())
            except Exception as error:  # door: the job comes first
                self._stays_quiet = True
                name = self.prepared.name
                report.problem(f"enter:{name}", f"no run could be opened for {name}", error)
                return False

    def move(self, spec: JobSpec, under: Quiet) -> None:
        """Go by another description, below another one of its kind, as if it had begun so; unless it spoke."""
        if not self.has_spoken:
            self._adopt(plan_for(spec, self.client))
            if self.outer is None or isinstance(self.outer, Quiet):  # None: the one it stood below was left
                self.outer = under

    def hush(self) -> None:
        """Say nothing from now on, unless it spoke."""
        self._stays_quiet = True

    def pause(self) -> None:
        """Make it current no longer; what was before it is current again."""
        if current_scope() is self:
            set_scope(_lasting(self._before))
        else:
            step_out(self)
        self._before = None

    def end_as(self, state: RunState, error: BaseException | str | None = None) -> None:
        """Send the terminal event, if it has spoken."""
        if self.has_spoken:
            super().end_as(state, error)
        else:
            OPEN.pop(self.id, None)

    def _speak(self, client: OpenLineageClient) -> bool:
        if not client.enabled or isinstance(self.outer, Suppressed):
            return False
        self._adopt(plan_for(self.plan.spec, client))
        if not self.prepared.kept:
            return False
        parent, facet = find_parent(self.outer)
        if parent is not None:
            self.parent, self.root = parent
            facet = facet or client.prepare.parent_facet(parent.facet())
        spec = self.plan.spec
        self._prepare(facet, run_facets(spec, NOTHING) if self.plan.has_run_facets else {})
        self._begin()
        return True

    def _adopt(self, plan: Plan) -> None:
        """Go by the configuration in force now: what was in force when it began may have been replaced since."""
        if plan is not self.plan:
            facets = self.notes.run_facets
            self.plan, self.prepared = plan, plan.job(NOTHING)
            self.notes = Notes(plan.inputs.copy(), plan.outputs.copy())
            self.notes.tags.update(plan.spec.run_tags)
            self.notes.run_facets.update(facets)


def _lasting(scope: Scope | None) -> Scope | None:
    """The innermost, from `scope` outward, that can be current and was not left, in this context or in another one."""
    while scope is not None and (scope.left or (isinstance(scope, Quiet) and not scope._may_be_current)):  # noqa: SLF001
        scope = scope._before if isinstance(scope, Quiet) else scope.outer  # noqa: SLF001 - of this file
    return scope
