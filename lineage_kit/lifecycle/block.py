"""`run()`: a block as a run, with ``with`` and ``async with``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType, TracebackType
from typing import Any

from lineage_kit import report, session
from lineage_kit.errors import LineageError, UsageError
from lineage_kit.event.model import Dataset, canonical_uuid
from lineage_kit.lifecycle.active import ActiveRun, current_recorder
from lineage_kit.lifecycle.arguments.declared import Declared, literal
from lineage_kit.lifecycle.arguments.names import job_name, module_name
from lineage_kit.lifecycle.arguments.template import has_fields
from lineage_kit.lifecycle.opening import INHERIT, leave, open_run
from lineage_kit.lifecycle.parent import Parent, RunRef, read_carrier
from lineage_kit.lifecycle.plan import plan_for
from lineage_kit.lifecycle.recorder import Recorder
from lineage_kit.lifecycle.spec import JobSpec, check_name, read_nominal_time, read_tags, sort_facets
from lineage_kit.notes.scope import current_scope


class Block:
    """A run that was described and not yet begun; each enter is a new run. Made by `run`."""

    def __init__(self, spec: JobSpec, run_id: str | None, parent: Any) -> None:
        self.lineage = spec
        self._run_id = run_id
        self._parent = parent
        self._entered: list[Recorder | None] = []

    def __enter__(self) -> ActiveRun:
        recorder = self._open()
        self._entered.append(recorder)
        return ActiveRun(recorder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        recorder = self._take()
        if recorder is not None:
            leave(recorder, error)

    async def __aenter__(self) -> ActiveRun:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __repr__(self) -> str:
        return f"run({self.lineage.name!r})"

    def __reduce__(self) -> Any:
        return Block, (self.lineage, self._run_id, self._parent)

    def _open(self) -> Recorder | None:
        client = session.active or session.open_client()
        if not client.enabled:
            return None
        try:
            run_id, self._run_id = self._run_id, None  # an id is good for one run
            return open_run(plan_for(self.lineage, client), {}, run_id, self._parent)
        except Exception as error:  # door: the job comes first
            report.problem(
                f"enter:{self.lineage.base_name}",
                f"no run could be opened for {self.lineage.base_name}",
                error,
            )
            return None

    def _take(self) -> Recorder | None:
        """The entered run this exit closes: the innermost of this thread or task, else the last one entered."""
        recorder = current_recorder(current_scope())
        while recorder is not None and not any(recorder is one for one in self._entered):
            recorder = current_recorder(recorder.outer)
        if recorder is not None:
            self._entered.remove(recorder)
            return recorder
        return self._entered.pop() if self._entered else None


def run(
    name: str | None = None,
    /,
    *,
    namespace: str | None = None,
    inputs: Any = None,
    outputs: Any = None,
    nominal_time: Any = None,
    run_id: Any = None,
    parent: Any = INHERIT,
    tags: Mapping[str, Any] | Iterable[str] | None = None,
    facets: Any = None,
) -> Block:
    """A block as a run: START on enter, COMPLETE, FAIL or ABORT as the block ends. Nothing happens before enter.

    name: by default module and function of the caller, at top level the script's stem. inputs, outputs: datasets,
    URLs or paths as they stand. nominal_time: a date, ISO text or pair of them. run_id: a UUID of your own (for the
    first enter). parent: an `ActiveRun`, a carrier, ``namespace/name/runId``; None starts a new root; else the run that
    is current. tags: of the run. facets: run and job facets.

    Never raises for what a value holds: braces (an f-string that was forgotten), a name that cannot be one, an unusable
    run id or facet are said once and left out.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way to the caller's frame is 50 times slower
    title = _name_of(frame)
    if name is not None:
        title = _read(_literal_name, name, title, title)
    given_run_facets, given_job_facets = _read(sort_facets, facets, ({}, {}), title)
    spec = JobSpec(
        name=title,
        base_name=title,
        namespace=namespace,
        inputs=Declared(tuple(_literals(inputs, title))),
        outputs=Declared(tuple(_literals(outputs, title))),
        nominal_time=_read(read_nominal_time, nominal_time, None, title),
        run_tags=_read(read_tags, tags, {}, title),
        run_facets=given_run_facets,
        job_facets=given_job_facets,
        source=_file_of(frame),
    )
    return Block(
        spec, None if run_id is None else _read(canonical_uuid, run_id, None, title), read_parent(parent)
    )


def read_parent(parent: Any) -> Any:
    """What was given as parent, as a `Parent`; None for a new root; INHERIT where it names none."""
    if parent is None or parent is INHERIT or isinstance(parent, Parent):
        return parent
    if isinstance(parent, ActiveRun):
        return read_carrier(parent.env()) or INHERIT
    if isinstance(parent, RunRef):
        return Parent(parent, parent)
    return read_carrier(parent) or INHERIT


def _read(reader: Callable[[Any], Any], value: Any, otherwise: Any, title: str) -> Any:
    """What `reader` makes of `value`; `otherwise`, and one warning, where it cannot be used."""
    try:
        return reader(value)
    except LineageError as error:
        report.problem(f"run.setting:{title}", f"a setting of run {title} is left out: {error}")
        return otherwise


def _literal_name(name: Any) -> str:
    if not isinstance(name, str):
        raise UsageError(f"a run's name is a text, not {type(name).__name__}")
    check_name(name)
    if has_fields(name):
        raise UsageError(f"the name {name!r} holds braces: an f-string that was forgotten?")
    return name


def _literals(given: Any, title: str) -> Iterator[Dataset]:
    several = given if isinstance(given, (list, tuple, set, frozenset)) else (given,)
    for where in several:
        dataset = _read(literal, where, None, title) if where is not None else None
        if dataset is not None:
            yield dataset


def _name_of(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__")
    function = frame.f_code.co_qualname
    return module_name(module) if function == "<module>" else job_name(module, function)


def _file_of(frame: FrameType) -> str | None:
    file = frame.f_code.co_filename
    return file if not file.startswith("<") and os.path.isabs(file) else None
