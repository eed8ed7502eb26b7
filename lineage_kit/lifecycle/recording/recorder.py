"""The inner half of an open run: from its START to its one terminal event."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit import report, session
from lineage_kit.delivery.door import has_room
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.ids import stamp, time_since
from lineage_kit.event.model import InputDataset, Job, OutputDataset, RunState
from lineage_kit.event.parts import RunParts, encode_parts
from lineage_kit.lifecycle.arguments.resolve import resolve
from lineage_kit.lifecycle.arguments.template import RETURN
from lineage_kit.lifecycle.outcome.state import error_facet, state_after
from lineage_kit.lifecycle.outcome.telling import Telling
from lineage_kit.lifecycle.pace.heartbeat import Heart, heart
from lineage_kit.lifecycle.parent import Parent, RunRef
from lineage_kit.lifecycle.recording.distant import Distant
from lineage_kit.lifecycle.recording.narrate import narrate, noted_job_facets, noted_run_facets
from lineage_kit.lifecycle.recording.plan import Plan
from lineage_kit.notes.notes import Notes
from lineage_kit.notes.scope import set_scope, step_out
from lineage_kit.strangers import is_a

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.client.prepare import PreparedJob

OPEN: dict[str, Recorder] = {}
"""Runs of this process that sent START and no end; leaving it is what makes an end the first one."""


OWED: dict[Recorder, RunState] = {}
"""Runs whose end could not be sent where it happened (at the recursion limit), with the state they ended in."""


LATE = "the run ended where its end could not be told, probably at the recursion limit"


class Recorder(Telling):
    """One run on its way through its events. `leave` never raises; what else is called needs a guard around it."""

    __slots__ = (
        "_clock", "_facets", "_handed", "_heart", "_values", "id", "notes", "parent", "pid", "plan", "prepared", "root",
    )  # fmt: skip

    def __init__(self, run_id: str, plan: Plan, prepared: PreparedJob) -> None:
        super().__init__()
        self.id = run_id
        self.plan = plan
        self.prepared = prepared
        self.notes = Notes(plan.inputs.copy(), plan.outputs.copy())
        self.notes.tags.update(plan.spec.run_tags)
        self.parent: RunRef | None = None
        self.root: RunRef | None = None
        self._handed: Any = None
        self._heart: Heart | None = None
        self._facets: dict[str, Any] = {}
        self._values: Mapping[str, Any] = {}
        self.pid = os.getpid()
        self._clock = stamp()

    def __reduce__(self) -> Any:
        return arrived, (Distant(self.as_parent().run, self.parent, self.root, self.state),)

    def __deepcopy__(self, memo: Any = None) -> Recorder:
        return self  # one run, however many hold it

    __copy__ = __deepcopy__

    @property
    def is_here(self) -> bool:
        """False in a forked child: a run belongs to the process that opened it."""
        return self.pid == os.getpid()

    @property
    def is_open(self) -> bool:
        """True from START to the end."""
        return self.id in OPEN

    def speaks(self) -> bool:
        """Whether events tell of it, so that it can be a parent and take notes."""
        return True

    def start(
        self, parent: Parent | None, parent_facet: Any, values: Mapping[str, Any], facets: dict[str, Any]
    ) -> None:
        """Resolve what is known on entry, send START, and make the run current."""
        if parent is not None:
            self.parent, self.root = parent
        self._values = values
        try:
            self._prepare(parent_facet, facets)
            OPEN[self.id] = self  # first: whatever interrupts the next lines leaves a run that can be ended
            self._begin()
            set_scope(self)
        except BaseException as error:
            if self.state is None or isinstance(error, Exception):
                OPEN.pop(self.id, None)
            else:  # Ctrl-C, or what a signal handler raised: perhaps after START, and the block will not be entered
                self.leave(error)
            raise

    def _prepare(self, parent_facet: Any, facets: dict[str, Any]) -> None:
        prepare, plan = self.plan.client.prepare, self.plan
        self._facets = prepare.base_run_facets()
        if parent_facet is not None:
            self._facets["parent"] = parent_facet
        if facets:
            self._facets.update(prepare.run_facets(facets))
        if plan.variable_inputs or plan.variable_outputs:
            self._resolve(plan.variable_inputs, InputDataset, self._values)
            self._resolve(plan.variable_outputs, OutputDataset, self._values)

    def _begin(self) -> None:
        start = self._event(RunState.START, self._clock[0], self.notes)
        try:
            self.hand_over(self.plan.client, start)
            self._follow()
        except RecursionError:
            if self.state is None:
                raise
            # START may have gone out: the run goes on, and START is told again before its end

    def _follow(self) -> None:
        seconds = self.plan.client.settings.heartbeat
        if seconds:
            self._heart = heart()
            self._heart.follow(self, seconds)

    def beat(self) -> None:
        """Send RUNNING with everything known so far, unless the run has ended."""
        notes = self.notes.copy()  # others may add to it meanwhile
        event = self._event(RunState.RUNNING, time_since(self._clock), notes)
        if self.is_open and not self.is_in_doubt:
            self.hand_over(self.plan.client, event)

    def leave(self, error: BaseException | None, result: Any = None) -> None:
        """End the run as its block ended, unless it had an end, and make it current no longer. Never raises."""
        try:
            self.left = True
            self.pause()
            if is_a(error, RecursionError) and not has_room():
                OWED[self] = RunState.FAIL  # later: here a part of the event might be left out
            else:
                self.end(error, result)
                end_owed()
        except Exception as trouble:  # door: the job comes first
            # judged without a call: there may be no room for one on the stack
            failed = RunState.FAIL if isinstance(error, (Exception, SystemExit)) else RunState.ABORT
            OWED[self] = RunState.COMPLETE if error is None else failed
            if not isinstance(trouble, RecursionError):
                name = self.prepared.name
                report.problem(f"leave:{name}", f"a run of {name} could not be ended yet", trouble)
        except (
            BaseException
        ):  # Ctrl-C, or what a signal handler raised: it goes its way, and the end is told before it does
            self.pause()
            if self.is_open:
                OWED[self] = RunState.FAIL if isinstance(error, (Exception, SystemExit)) else RunState.ABORT
                end_owed("the run was interrupted while its end was told")
            raise

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
        if not self.is_here or not self.is_open:
            return
        try:  # from here on: what interrupts even the next line must not lose the end
            if OPEN.pop(self.id, None) is None:
                return
            facet = error_facet(error)
            if facet is not None:
                self.notes.run_facets["errorMessage"] = facet
            if self._heart is None or self._heart.lets_go(self, state):
                self.tell(state)
        except BaseException:
            OPEN[self.id] = self  # its end is still owed: a stack that was full will have room later
            raise

    @property
    def client(self) -> OpenLineageClient:
        """Whom its events are handed to."""
        return self.plan.client

    def final(self, state: RunState) -> Envelope:
        """The terminal event, with all that is known by now."""
        event = self._event(state, time_since(self._clock), self.notes)
        self._values = {}  # no user's object is held any longer
        return event

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
        take, noted = self.notes.take, self.plan.noted
        resolve(items, values, self.prepared.name, lambda where: take(noted(kind, where)))

    def _event(self, state: RunState, nanoseconds: int, notes: Notes) -> Envelope:
        """An event of this run, ready to be handed over."""
        client, prepared, facets = self.plan.client, self.prepared, self._facets
        if notes.run_facets or notes.tags:
            facets = {**facets, **client.prepare.run_facets(noted_run_facets(notes))}
        if notes.job_facets or notes.edges:
            job = Job(prepared.namespace, prepared.name, noted_job_facets(notes))
            prepared = client.prepare.job(job, None, prepared)
        run = RunParts(self.id, facets)
        event = narrate(state, nanoseconds, run, prepared.raw, notes.inputs, notes.outputs, client.prepare)
        key = prepared.key if self.root is None else f"run:{self.root.namespace}/{self.root.name}"
        parent = None if self.parent is None else self.parent.id
        return client.envelope(encode_parts(event), key, self.id, state, parent)


def arrived(run: Distant) -> Recorder | Distant:
    """What a pickled run is where it is read: itself while it is open here, else what can be known of it."""
    return OPEN.get(run.id, run)


def end_owed(why: str = LATE) -> None:
    """Send the ends that could not be sent when they happened, each whatever becomes of the others."""
    if not OWED or not has_room():
        return
    for recorder, state in tuple(OWED.items()):
        try:
            recorder.end_as(state, None if state is RunState.COMPLETE else why)
            OWED.pop(recorder, None)
        except Exception as trouble:  # door: it stays owed, and so is the next one told
            name = recorder.prepared.name
            report.problem(f"leave:{name}", f"a run of {name} could not be ended yet", trouble)


def abort_open_runs(why: str) -> None:
    """End every run that is still open in this process, as it ended where that is known. Called at its end."""
    end_owed()
    here = [recorder for recorder in tuple(OPEN.values()) if recorder.is_here]
    for recorder in here:
        try:
            recorder.end_as(RunState.ABORT, why)
        except Exception as error:  # door: nothing may be raised at exit
            report.problem("exit", "a run could not be ended at exit", error)
    for client in dict.fromkeys([session.active, *(recorder.plan.client for recorder in here)]):
        if client is not None:
            client.flush(0.0)  # also what waits since a Ctrl-C struck while it was sent
