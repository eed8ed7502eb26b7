"""One open run as user code sees it; `current_run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from lineage_kit import report
from lineage_kit.event.ids import new_id
from lineage_kit.event.model import InputDataset, Job, OutputDataset, RunState
from lineage_kit.lifecycle.outcome.safe_text import safe_text
from lineage_kit.lifecycle.parent import RunRef, Unrecorded
from lineage_kit.lifecycle.recording.distant import Distant
from lineage_kit.lifecycle.recording.gather import Gathered, gather, note_facet
from lineage_kit.lifecycle.recording.guard import guarded
from lineage_kit.lifecycle.recording.recorder import Recorder
from lineage_kit.lifecycle.spec import MAX_TAG_KEY, tag_text
from lineage_kit.notes.scope import Scope, current_scope

Where = TypeVar("Where")

NOWHERE = ("default", "no_run")
"""Namespace and name of the job of no run at all."""


class ActiveRun:
    """A run between its START and its end: what ``with run()`` and `current_run` give.

    No method raises or waits. The same kind of object is given when lineage is disabled, or a filter leaves the job
    out: it then does nothing, but still has an id, its job and a root. What is added after the end is dropped with one
    warning; so is what another process adds, where a run that was pickled keeps its id and can be a parent.
    """

    __slots__ = ("_id", "_place", "_recorder")

    def __init__(self, recorder: Recorder | Distant | None = None, place: tuple[str, str] = NOWHERE) -> None:
        self._recorder = recorder
        self._id = recorder.id if recorder is not None else ""
        self._place = place  # namespace and name of the job that is not recorded

    def __getstate__(self) -> Any:
        return None, {"_id": self.id, "_place": self._place, "_recorder": self._recorder}

    @property
    def id(self) -> str:
        """The run id, a UUID."""
        if not self._id:
            self._id = new_id()
        return self._id

    @property
    def job(self) -> Job:
        """Namespace and name of the job; those that it would have had when it is not recorded."""
        recorder = self._recorder
        if recorder is None:
            return Job(*self._place)
        return Job(recorder.prepared.namespace, recorder.prepared.name)

    @property
    def parent(self) -> RunRef | None:
        """The run this one was started from; None for a first one, and for one that is not recorded."""
        return self._recorder.parent if self._recorder else None

    @property
    def root(self) -> RunRef:
        """The first run of the chain; this run itself when it has no parent or is not recorded."""
        recorder = self._recorder
        if recorder is None or (isinstance(recorder, Recorder) and not recorder.speaks()):
            return Unrecorded(self.id, *self._place)
        return recorder.as_parent().root

    @property
    def state(self) -> RunState | None:
        """The state of the last event; None when there was none, because the run is not recorded."""
        return self._recorder.state if self._recorder else None

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        if self._recorder is None:
            return "run that is not recorded"
        prepared = self._recorder.prepared
        return f"run {self.id} of {prepared.namespace}/{prepared.name}, {self.state}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def add_input(
        self,
        where: Where,
        data: Any = None,
        *,
        rows: int | None = None,
        bytes: int | None = None,
        columns: Mapping[Any, Any] | None = None,
        derived_from: Any = None,
        facets: Any = None,
    ) -> Where:
        """Note that this run reads `where`, and hand `where` back.

        where: a Dataset, URL or path. data: the object read, whose schema and row count are noted where it already
        knows them. rows, bytes: counts; they add up over several calls for one dataset. facets: of the dataset or of
        this reading. derived_from: the datasets it was made of, one or several in any form; a column in it
        (``ORDERS["day"]``) is one that all rows depend on, an empty list says that it was made of none. columns: for
        each column what it was made of, ``{"total": [ORDERS["amount"], "tax"]}``: columns of a Dataset, a text where
        exactly one input noted so far has a column or name like that, or an `InputField` of `lineage_kit.facets` to
        say how. Edges of several calls are united; a dataset in them that this run has not noted becomes an input.
        """
        self._gather(Gathered(InputDataset, where, data, rows, bytes, columns, derived_from, facets))
        return where

    def add_output(
        self,
        where: Where,
        data: Any = None,
        *,
        rows: int | None = None,
        bytes: int | None = None,
        columns: Mapping[Any, Any] | None = None,
        derived_from: Any = None,
        facets: Any = None,
    ) -> Where:
        """Note that this run writes `where`, and hand `where` back. Takes what `add_input` takes."""
        self._gather(Gathered(OutputDataset, where, data, rows, bytes, columns, derived_from, facets))
        return where

    def check(
        self,
        dataset: Any,
        name: str,
        passed: Any,
        *,
        column: Any = None,
        expected: Any = None,
        actual: Any = None,
    ) -> None:
        """Note what was found out about data: a data quality assertion. Failing a check does not fail the run.

        dataset: a Dataset, URL, path, or a column (``ORDERS["id"]``); an input of the run unless it is one of its
        outputs. name: what was checked, such as ``not_null``. passed: True or False, of any library. expected, actual:
        values to show. Checks of one dataset add up; made again, the latest pass and the latest failure are kept.
        """
        recorder = self._open("a check")
        if recorder is not None:
            from lineage_kit.lifecycle.recording.checks import note_check

            guarded("check", lambda: note_check(recorder, dataset, name, passed, column, expected, actual))

    def add_run_facet(self, facet: Any, key: str | None = None) -> None:
        """Put a run facet (a struct, or a plain dict with a `key`) on every later event of the run."""
        self._add_facet("run_facets", facet, key)

    def add_job_facet(self, facet: Any, key: str | None = None) -> None:
        """Put a job facet (a struct, or a plain dict with a `key`) on every later event of the run."""
        self._add_facet("job_facets", facet, key)

    def run_tag(self, key: str, value: Any = "true") -> None:
        """Tag this run; a later value for the same key replaces the earlier one."""
        recorder = self._open("a tag")
        if recorder is not None:
            recorder.notes.tags[safe_text(key, MAX_TAG_KEY)] = tag_text(value)

    def heartbeat(self) -> None:
        """Send a RUNNING event with everything known so far."""
        recorder = self._open("a heartbeat")
        if recorder is not None:
            guarded("heartbeat", recorder.beat)

    def complete(self) -> None:
        """End the run as COMPLETE now. The first end wins; the run stays current until its block is left."""
        self._end(RunState.COMPLETE, None)

    def fail(self, error: BaseException | str | None = None) -> None:
        """End the run as FAIL now, with the exception or words as errorMessage. The first end wins."""
        self._end(RunState.FAIL, "failed without a reason given" if error is None else error)

    def abort(self, reason: str | None = None) -> None:
        """End the run as ABORT now, with the words as errorMessage. The first end wins."""
        self._end(RunState.ABORT, "aborted without a reason given" if reason is None else reason)

    def env(self) -> dict[str, str]:
        """Variables that make this run the parent in a child process, message or task; empty when disabled."""
        recorder = self._recorder
        if recorder is None or (isinstance(recorder, Recorder) and not recorder.speaks()):
            return {}
        return recorder.as_parent().carrier()

    def _gather(self, given: Gathered) -> None:
        recorder = self._open("a dataset")
        if recorder is not None:
            guarded("dataset", lambda: gather(recorder, given))

    def _add_facet(self, place: str, facet: Any, key: str | None) -> None:
        recorder = self._open("a facet")
        if recorder is not None:
            guarded("facet", lambda: note_facet(recorder, place, facet, key))

    def _end(self, state: RunState, error: BaseException | str | None) -> None:
        recorder = self._open("an end")
        if recorder is not None:
            guarded("end", lambda: recorder.end_as(state, error))

    def _open(self, what: str) -> Recorder | None:
        """The recorder while it still takes something; else None, and one warning."""
        recorder = self._recorder
        if recorder is None:
            return None
        is_here = isinstance(recorder, Recorder) and recorder.is_here
        if isinstance(recorder, Recorder) and is_here and recorder.is_open:
            return recorder if recorder.speaks() else None
        why = (
            "after its end" if is_here else "in another process, and a run belongs to the one that opened it"
        )
        name = recorder.prepared.name
        report.problem(
            f"run.late:{name}", f"{what} was added to a run of {name} {why}; it is left out", once=True
        )
        return None


class NoRun(ActiveRun):
    """What `current_run` gives outside every run: falsy, does nothing, and counts what was asked of it.

    Its job is called ``no_run`` in the namespace ``default``, which no event ever says.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def _open(self, what: str) -> None:
        report.count("current_run.none")


NO_RUN = NoRun()


def current_run() -> ActiveRun:
    """The innermost open run of this thread or task, else a falsy run that does nothing, of a job ``no_run``."""
    recorder = current_recorder(current_scope())
    return ActiveRun(recorder) if recorder is not None else NO_RUN


def current_recorder(scope: Scope | None) -> Recorder | None:
    """The innermost run on the chain whose block was not left."""
    while scope is not None:
        if isinstance(scope, Recorder) and not scope.left:
            return scope
        scope = scope.outer
    return None
