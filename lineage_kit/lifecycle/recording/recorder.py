"""The inner half of an open run: from its START to its one terminal event."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit import report
from lineage_kit.event.facets.run import TagsRunFacet, TagsRunFacetFields
from lineage_kit.event.ids import stamp, time_since
from lineage_kit.event.model import InputDataset, Job, OutputDataset, RunState
from lineage_kit.event.parts import RunParts, encode_parts
from lineage_kit.lifecycle.arguments.resolve import resolve
from lineage_kit.lifecycle.arguments.template import RETURN
from lineage_kit.lifecycle.outcome.state import error_facet, state_after
from lineage_kit.lifecycle.parent import Parent, RunRef
from lineage_kit.lifecycle.recording.distant import Distant
from lineage_kit.lifecycle.recording.narrate import narrate, noted_job_facets
from lineage_kit.lifecycle.recording.plan import Plan
from lineage_kit.notes.notes import Notes, add
from lineage_kit.notes.scope import Scope, step_out

if TYPE_CHECKING:
    from lineage_kit.client.prepare import PreparedJob

OPEN: dict[str, Recorder] = {}
"""Runs of this process that sent START and no end; leaving it is what makes an end the first one."""


OWED: list[tuple[Recorder, RunState]] = []
"""Runs whose end could not be sent where it happened (at the recursion limit), with the state they ended in."""


LATE = "the run ended where its end could not be told, probably at the recursion limit"


class Recorder(Scope):
    """One run on its way through its events. `leave` never raises; what else is called needs a guard around it."""

    __slots__ = (
        "_clock",
        "_facets",
        "_handed",
        "_pid",
        "_values",
        "id",
        "notes",
        "parent",
        "plan",
        "prepared",
        "root",
        "state",
    )

    def __init__(self, run_id: str, plan: Plan, prepared: PreparedJob) -> None:
        self.outer = None
        self.id = run_id
        self.plan = plan
        self.prepared = prepared
        self.notes = Notes(plan.inputs.copy(), plan.outputs.copy())
        self.notes.tags.update(plan.spec.run_tags)
        self.parent: RunRef | None = None
        self.root: RunRef | None = None
        self.state: RunState | None = None
        self.left = False
        self._handed: Any = None
        self._facets: dict[str, Any] = {}
        self._values: Mapping[str, Any] = {}
        self._pid = os.getpid()
        self._clock = stamp()

    def __reduce__(self) -> Any:
        return arrived, (Distant(self.as_parent().run, self.parent, self.root, self.state),)

    def __copy__(self) -> Recorder:
        return self

    def __deepcopy__(self, memo: Any) -> Recorder:
        return self  # one run, however many hold it

    @property
    def is_here(self) -> bool:
        """False in a forked child: a run belongs to the process that opened it."""
        return self._pid == os.getpid()

    @property
    def is_open(self) -> bool:
        """True from START to the end."""
        return self.id in OPEN

    def start(
        self, parent: Parent | None, parent_facet: Any, values: Mapping[str, Any], facets: dict[str, Any]
    ) -> None:
        """Resolve what is known on entry and send START."""
        prepare = self.plan.client.prepare
        if parent is not None:
            self.parent, self.root = parent
        self._values = values
        self._facets = prepare.base_run_facets()
        if parent_facet is not None:
            self._facets["parent"] = parent_facet
        if facets:
            self._facets.update(prepare.run_facets(facets))
        if self.plan.variable_inputs or self.plan.variable_outputs:
            self._resolve(self.plan.variable_inputs, InputDataset, values)
            self._resolve(self.plan.variable_outputs, OutputDataset, values)
        self._send(RunState.START, self._clock[0])
        OPEN[self.id] = self

    def beat(self) -> None:
        """Send RUNNING with everything known so far."""
        self._send(RunState.RUNNING, time_since(self._clock))

    def leave(self, error: BaseException | None, result: Any = None) -> None:
        """End the run as its block ended, unless it had an end, and make it current no longer. Never raises."""
        try:
            self.left = True
            self.pause()
            self.end(error, result)
            if OWED:
                _end_owed()
        except (Exception, SystemExit) as trouble:  # door: the job comes first
            # judged without a call: there may be no room for one on the stack
            failed = RunState.FAIL if isinstance(error, (Exception, SystemExit)) else RunState.ABORT
            OWED.append((self, RunState.COMPLETE if error is None else failed))
            name = self.prepared.name
            report.problem(f"leave:{name}", f"a run of {name} could not be ended yet", trouble)

    def leave_unexhausted(self) -> None:
        """`leave` for a generator that its consumer closed early."""
        self.notes.tags["exhausted"] = "false"
        self.leave(None)

    def pause(self) -> None:
        """Make the run current no longer, perhaps for now; what was around it and not left is current again."""
        step_out(self)

    def end(self, error: BaseException | None, result: Any = None) -> None:
        """End the run in the state that `error` and the call's `result` tell."""
        state = state_after(error)
        if state is RunState.COMPLETE and self.plan.late and self.is_open:
            self._resolve(self.plan.late, OutputDataset, {**self._values, RETURN: result})
        self.end_as(state, error)

    def end_as(self, state: RunState, error: BaseException | str | None = None) -> None:
        """Send the terminal event, unless this run has had one or belongs to another process."""
        if not self.is_here or OPEN.pop(self.id, None) is None:
            return
        try:
            facet = error_facet(error)
            if facet is not None:
                self.notes.run_facets["errorMessage"] = facet
            self._send(state, time_since(self._clock))
        except BaseException:
            OPEN[self.id] = self  # its end is still owed: a stack that was full will have room later
            raise
        self._values = {}

    def as_parent(self) -> Parent:
        """This run as the parent of others."""
        ref = RunRef(self.id, self.prepared.namespace, self.prepared.name)
        return Parent(ref, self.root or ref)

    def child_facet(self) -> Any:
        """The encoded ``parent`` facet for runs inside this one, made once."""
        if self._handed is None:
            self._handed = self.plan.client.prepare.parent_facet(self.as_parent().facet())
        return self._handed

    def _resolve(
        self, items: tuple[Any, ...], kind: type[InputDataset | OutputDataset], values: Mapping[str, Any]
    ) -> None:
        side = self.notes.inputs if kind is InputDataset else self.notes.outputs
        resolve(items, values, self.prepared.name, lambda where: add(side, self.plan.noted(kind, where)))

    def _send(self, state: RunState, nanoseconds: int) -> None:
        self.state = state
        client, notes, prepared = self.plan.client, self.notes, self.prepared
        facets = self._facets
        if notes.run_facets or notes.tags:
            facets = {**facets, **client.prepare.run_facets(self._noted_run_facets())}
        if notes.job_facets or notes.edges:
            job = Job(prepared.namespace, prepared.name, noted_job_facets(notes))
            prepared = client.prepare.job(job, None, prepared)
        run = RunParts(self.id, facets)
        event = narrate(state, nanoseconds, run, prepared.raw, notes.inputs, notes.outputs, client.prepare)
        root = self.root
        key = prepared.key if root is None else f"run:{root.namespace}/{root.name}"
        client.hand_over(encode_parts(event), key, self.id, state)

    def _noted_run_facets(self) -> dict[str, Any]:
        if not self.notes.tags:
            return self.notes.run_facets
        tags = TagsRunFacet(
            [TagsRunFacetFields(key, value, "USER") for key, value in self.notes.tags.items()]
        )
        return {**self.notes.run_facets, "tags": tags}


def arrived(run: Distant) -> Recorder | Distant:
    """What a pickled run is where it is read: itself while it is open here, else what can be known of it."""
    return OPEN.get(run.id, run)


def _end_owed() -> None:
    """Send the ends that could not be sent when they happened."""
    owed, OWED[:] = list(OWED), []
    for recorder, state in owed:
        recorder.end_as(state, None if state is RunState.COMPLETE else LATE)


def abort_open_runs() -> None:
    """End every run that is still open in this process, as it ended where that is known. Called at interpreter exit."""
    clients = []
    owed, OWED[:] = dict(OWED), []
    for recorder in list(OPEN.values()):
        if recorder.is_here:
            clients.append(recorder.plan.client)
            state = owed.get(recorder, RunState.ABORT)
            why = LATE if recorder in owed else "the process ended while the run was open"
            try:
                recorder.end_as(state, None if state is RunState.COMPLETE else why)
            except Exception as error:  # door: nothing may be raised at exit
                report.problem("exit", "a run could not be ended at exit", error)
    for client in dict.fromkeys(clients):
        client.flush()
