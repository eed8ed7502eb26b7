"""One notebook, or one prompt: the run of its session, and below it a run for each cell. Knows nothing of IPython."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from lineage_kit import report
from lineage_kit import session as client_session
from lineage_kit.client.client import OpenLineageClient, do_not_listen, is_catching, listen
from lineage_kit.delivery.process import EXIT, before_end, not_before_end
from lineage_kit.errors import LineageError, UsageError
from lineage_kit.event.facets.job import JobTypeJobFacet
from lineage_kit.event.facets.run import ExecutionParameter, ExecutionParametersRunFacet
from lineage_kit.event.model import RunState
from lineage_kit.history import Node
from lineage_kit.lifecycle.arguments.declared import Declared
from lineage_kit.lifecycle.arguments.names import call_interactive
from lineage_kit.lifecycle.arguments.shown import shown
from lineage_kit.lifecycle.recording.quiet import Quiet
from lineage_kit.lifecycle.spec import JobSpec, check_name
from lineage_kit.notebook.cell import Cell, name_of, read_cell
from lineage_kit.notebook.heard import Heard
from lineage_kit.notebook.options import Asked
from lineage_kit.notebook.parameters import parameters
from lineage_kit.notes.scope import current_scope
from lineage_kit.strangers import told

MOST_OPEN = 16  # cells within cells; more are left over from ends that nobody told
LEFT_OVER = "its end was not told"


class OpenCell(NamedTuple):
    """A cell that runs. is_asked: by a ``%%lineage`` line, so that it speaks as soon as it is known to be Python.

    describe: what its job is in a notebook of a given name.
    """

    token: Any
    run: Quiet
    is_asked: bool
    began: float
    describe: Callable[[str], JobSpec]


class Ended(NamedTuple):
    """A cell whose run is over and has spoken: its run with what is below it, and how long it took in seconds.

    is_partial: whether more ran below it than is known. is_first_kept: whether it is the first whose events stay on
    this machine, because no backend is configured.
    """

    node: Node
    seconds: float
    is_partial: bool = False
    is_first_kept: bool = False


class Session:
    """What one shell has. guess: what the notebook is called, as far as one can tell."""

    def __init__(self, guess: Callable[[], str]) -> None:
        self.automatic = True
        self.heard = Heard()
        self.cells: list[OpenCell] = []
        self.run: Quiet | None = None
        self._guess = guess
        self._title: str | None = None
        self._said_kept = False
        self._last_told = ""  # the run of the session before this one
        self._parameters: dict[str, Any] = {}
        listen(self.heard.hear)
        before_end(self._at_end, first=True)

    @property
    def title(self) -> str:
        """What the notebook is called."""
        return self._title or self._guess()

    def turn_on(self, title: str | None = None) -> None:
        """Make each cell a run from now on; title: what the notebook is called. Raises `UsageError`."""
        if title is not None:
            check_name(title)
            if title != self._title:
                self.end()
            self._title = title
        self.automatic = True
        call_interactive(self.title)
        if self.cells:  # the one that says so
            session = self._session(client_session.active or client_session.open_client())
            for cell in self.cells:
                cell.run.move(cell.describe(session.plan.name), session)

    def turn_off(self) -> None:
        """Make a run only of cells that ask for it; the session's run ends."""
        self.automatic = False
        for cell in self.cells:
            cell.run.hush()
        self.end()

    def look_back(self, sources: Any) -> None:
        """Find the parameters in cells that ran before; anything but a list of texts is passed over."""
        for source in sources if isinstance(sources, list) else ():
            if isinstance(source, str):
                self._note_parameters(source)

    def begin_cell(self, token: Any, source: str, cell_id: str | None, asked: Asked | None) -> None:
        """A cell is about to run; token: by which its end is known. asked: what its ``%%lineage`` line asks for."""
        cell = read_cell(source)
        if cell.unread:
            report.problem(
                "notebook.comment",
                f"'# lineage: {cell.unread[:80]}' means nothing; there are '# lineage: name=…' and '# lineage: off'",
            )
        if asked is None and (cell.is_off or not self.automatic):
            return
        client = client_session.active or client_session.open_client()
        session = self._session(client)
        call_interactive(session.plan.name)
        self._note_parameters(source)
        while len(self.cells) >= MOST_OPEN:
            self._abandon(self.cells.pop(0))
        if not self.cells:
            self.heard.is_partial = False
        describe = partial(_described, cell, asked or Asked(), source, cell_id)
        run = Quiet(describe(session.plan.name), client)
        self.cells.append(OpenCell(token, run, asked is not None, time.perf_counter(), describe))
        run.begin(session, current=True)

    def speak(self) -> None:
        """The cell that runs is Python that can be run: where it was asked to, it is told of from now on."""
        scope = current_scope()  # cells may run in several threads at once
        asked = [cell for cell in self.cells if cell.is_asked]
        for cell in [one for one in asked if one.run is scope] or asked[-1:]:
            cell.run.speaks()

    def end_cell(self, token: Any, error: BaseException | None) -> Ended | None:
        """A cell has ended with `error`, or well; None where nothing was said of it."""
        found = next((cell for cell in reversed(self.cells) if cell.token is token), None)
        if found is None:
            return None
        self.cells.remove(found)
        run = found.run
        run.leave(error)
        if not run.has_spoken:
            return None
        if run.parent is not None:
            self.heard.forget_but(run.id, run.prepared.name, run.parent.id)
        node = self.heard.below(run.id)
        if node is None:
            return None
        return Ended(node, time.perf_counter() - found.began, self.heard.is_partial, self._is_first_kept(run))

    def end(self) -> None:
        """The session's run is over; the next cell begins another."""
        run, self.run = self.run, None
        if run is not None:
            run.leave(None)
            if run.has_spoken:
                self._last_told = run.id

    def close(self) -> None:
        """Nothing is asked of this any more."""
        self.automatic = False
        for cell in self.cells:
            self._abandon(cell)
        self.cells.clear()
        self.end()
        do_not_listen(self.heard.hear)
        not_before_end(self._at_end)

    def forest(self) -> list[Node]:
        """The tree of the session's run, or of the last one that had one; empty before anything was said."""
        run = self.run
        node = self.heard.below(run.id if run is not None and run.has_spoken else self._last_told)
        return [node] if node is not None else []

    def _session(self, client: OpenLineageClient) -> Quiet:
        """The session's run; a new one when it was told to another client than the one in force."""
        run, title = self.run, self.title
        if run is not None and not self._is_fit(run, client, title):
            self.end()
            run = None
        if run is None:
            facets = {"jobType": JobTypeJobFacet("BATCH", "PYTHON", "NOTEBOOK")}
            run = self.run = Quiet(JobSpec(name=title, base_name=title, job_facets=facets), client)
            run.begin()
            self.heard.pinned = frozenset((run.id, self._last_told))
            self._tell_parameters(run)
        return run

    @staticmethod
    def _is_fit(run: Quiet, client: OpenLineageClient, title: str) -> bool:
        """Whether cells can go on below `run`: what was told stays, and what was not goes by what is known now."""
        return run.is_open and (run.client is client if run.has_spoken else run.plan.name == title)

    def _note_parameters(self, source: str) -> None:
        found = parameters(source)
        if found is not None:
            self._parameters = found
            if self.run is not None:
                self._tell_parameters(self.run)

    def _tell_parameters(self, run: Quiet) -> None:
        if self._parameters:
            told_so = [
                ExecutionParameter(name, name, value=shown(one)) for name, one in self._parameters.items()
            ]
            facet = ExecutionParametersRunFacet(told_so)
            run.notes.run_facets[facet.facet_key] = facet

    def _is_first_kept(self, run: Quiet) -> bool:
        settings = run.client.settings
        is_kept = settings.transport is None and settings.notice != "never" and not is_catching()
        is_first, self._said_kept = is_kept and not self._said_kept, self._said_kept or is_kept
        return is_first

    @staticmethod
    def _abandon(cell: OpenCell) -> None:
        """The end of a cell was not told, and how it ended is not known."""
        if cell.run.has_spoken:
            cell.run.end_as(RunState.ABORT, LEFT_OVER)
        cell.run.leave(None)

    def _at_end(self, why: str) -> None:
        """The kernel shuts down, a good end of a session; cells that it cuts off are aborted elsewhere."""
        if why == EXIT:
            try:
                self.end()
            except LineageError as error:
                report.problem("exit", "the run of a notebook could not be ended at exit", error)


def _described(cell: Cell, asked: Asked, source: str, cell_id: str | None, notebook: str) -> JobSpec:
    """The job of a cell in the notebook of this name."""
    name = asked.name or f"{notebook}.{name_of(cell, source, cell_id)}"
    try:
        check_name(name)
    except UsageError as error:
        report.problem("notebook.name", f"the name of a cell is left out: {told(error)}")
        name = f"{notebook}.{name_of(cell._replace(name=None), source, cell_id)}"
    return JobSpec(
        name=name,
        base_name=name,
        inputs=Declared(asked.inputs),
        outputs=Declared(asked.outputs),
        job_facets={"jobType": JobTypeJobFacet("BATCH", "PYTHON", "CELL")},
    )
