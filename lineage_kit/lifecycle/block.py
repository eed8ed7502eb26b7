"""What `run` gives: a block that is a run each time it is entered, with ``with`` or ``async with``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from lineage_kit import report, session
from lineage_kit.errors import LineageError, UsageError
from lineage_kit.event.model import Dataset, canonical_uuid
from lineage_kit.lifecycle.active import NOWHERE, ActiveRun, current_recorder
from lineage_kit.lifecycle.arguments.declared import Declared, literal
from lineage_kit.lifecycle.arguments.names import job_name, module_name
from lineage_kit.lifecycle.arguments.resolve import flattened
from lineage_kit.lifecycle.arguments.template import has_fields
from lineage_kit.lifecycle.defaults import INHERIT
from lineage_kit.lifecycle.gate import enter_block
from lineage_kit.lifecycle.pace.rate import note_block
from lineage_kit.lifecycle.parent import Parent, RunRef, Unrecorded, read_carrier
from lineage_kit.lifecycle.spec import (
    MAX_NAME,
    JobSpec,
    check_name,
    read_namespace,
    read_nominal_time,
    read_tags,
    sort_facets,
)
from lineage_kit.notes.scope import current_scope
from lineage_kit.strangers import ask_always, full_type_name, is_a, module_of, plain_text, told

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder


class Block:
    """A run that was described and not yet begun; each enter is a new run. Made by `run`."""

    def __init__(self, spec: JobSpec, run_id: str | None, parent: Any, place: str = "") -> None:
        self.lineage = spec
        self._written_in = place  # where it was described, as a job's name; empty where that is the name
        self._run_id = run_id
        self._parent = parent
        self._entered: list[Recorder | None] = []

    def __enter__(self) -> ActiveRun:
        run_id, self._run_id = self._run_id, None  # an id is good for one run
        recorder = enter_block(self.lineage, run_id, self._parent)
        try:
            if self._written_in and recorder is not None:
                note_block(self._written_in, self.lineage.base_name)
            self._entered.append(recorder)
            return ActiveRun(recorder) if recorder is not None else ActiveRun(None, self._place())
        except BaseException as error:  # Ctrl-C: the block will not be entered
            if recorder is not None:
                recorder.leave(error)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._leave(error)
        except BaseException as interrupt:  # Ctrl-C on the way to the end
            self._leave(interrupt)
            raise

    async def __aenter__(self) -> ActiveRun:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __repr__(self) -> str:
        return f"run({self.lineage.name!r})"

    def __reduce__(self) -> Any:
        return Block, (self.lineage, self._run_id, self._parent, self._written_in)

    def _place(self) -> tuple[str, str]:
        """Namespace and name of the job, had it been recorded."""
        client = session.active  # None: reset just now by another thread
        configured = client.settings.namespace if client is not None else NOWHERE[0]
        return self.lineage.namespace or configured, self.lineage.base_name

    def _leave(self, error: BaseException | None) -> None:
        """End the run this exit closes: the innermost of this thread or task, else the last one entered."""
        recorder = current_recorder(current_scope())
        while recorder is not None and not any(recorder is one for one in self._entered):
            recorder = current_recorder(recorder.outer)
        if recorder is not None:
            _end(recorder, error)  # first: an interrupted exit tries again
            self._entered.remove(recorder)
        elif self._entered:
            last = self._entered.pop()
            if last is not None:
                _end(last, error)


def _end(recorder: Recorder, error: BaseException | None) -> None:
    """The run of a block that `error` left, or that came to its end."""
    if type(error) is GeneratorExit and _left_a_generator(error.__traceback__):
        recorder.leave_unexhausted()
    else:
        recorder.leave(error)


def _left_a_generator(traceback: TracebackType | None) -> bool:
    """True where GeneratorExit closed a generator early; coroutines end by it when they are given up."""
    # to where it arose: a manager of contexts may have passed it on
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    flags = 0 if traceback is None else traceback.tb_frame.f_code.co_flags
    return bool(flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))


def describe(frame: FrameType, name: Any, settings: dict[str, Any]) -> Block:
    """The block that the arguments of `run` describe; `frame` is the caller's. Never raises for what they hold."""
    title = place = _name_of(frame)
    if name is not None:
        title = _read(_literal_name, name, place, ("name", place))
    given_run_facets, given_job_facets = _read(sort_facets, settings["facets"], ({}, {}), ("facets", title))
    spec = JobSpec(
        name=title,
        base_name=title,
        namespace=_read(read_namespace, settings["namespace"], None, ("namespace", title)),
        inputs=Declared(tuple(_literals(settings["inputs"], ("inputs", title)))),
        outputs=Declared(tuple(_literals(settings["outputs"], ("outputs", title)))),
        nominal_time=_read(read_nominal_time, settings["nominal_time"], None, ("nominal_time", title)),
        run_tags=_read(read_tags, settings["tags"], {}, ("tags", title)),
        run_facets=given_run_facets,
        job_facets=given_job_facets,
        source=_file_of(frame),
    )
    run_id = settings["run_id"]
    own_id = None if run_id is None else _read(_run_id, run_id, None, ("run_id", title))
    parent = _read(read_parent, settings["parent"], INHERIT, ("parent", title))
    return Block(spec, own_id, parent, "" if title == place else place)


def read_parent(parent: Any) -> Any:
    """What was given as parent, as a `Parent`; None for a new root; INHERIT where it names none."""
    if parent is None or parent is INHERIT:
        return parent
    if isinstance(parent, Parent):
        return parent
    if isinstance(parent, ActiveRun):
        return read_carrier(parent.env()) or INHERIT
    if isinstance(parent, RunRef) and not isinstance(parent, Unrecorded):
        return Parent(parent, parent)
    return read_carrier(parent) or INHERIT


def _read(
    reader: Callable[[Any], Any], value: Any, otherwise: Any, place: tuple[str, str], part: str = ""
) -> Any:
    """What `reader` makes of `value`; `otherwise`, and one warning per setting, where it cannot be used.

    place: the setting, and the run it is of. part: what is left out, where it is not the whole setting.
    """
    setting, title = place
    try:
        return ask_always(reader, value)
    except LineageError as error:
        report.problem(
            f"run.{setting}:{title}", f"{part or setting} of run {title} is left out: {told(error)}"
        )
        return otherwise


def _literal_name(name: Any) -> str:
    if not is_a(name, str):
        raise UsageError(f"a run's name is a text, not {full_type_name(name)}")
    name = plain_text(name, MAX_NAME + 1)
    check_name(name)
    if has_fields(name):
        raise UsageError(f"the name {name!r} holds braces: an f-string that was forgotten?")
    return name  # type: ignore[no-any-return]


def _run_id(given: Any) -> str:
    if is_a(given, str):
        given = plain_text(given, 100)
    elif module_of(type(given)) != "uuid":
        raise UsageError(f"a run id is a UUID, not {full_type_name(given)}")
    return canonical_uuid(given)


def _literals(given: Any, place: tuple[str, str]) -> Iterator[Dataset]:
    for where in _read(flattened, given, [], place):
        dataset = _read(literal, where, None, place, f"one of the {place[0]}")
        if dataset is not None:
            yield dataset


def _name_of(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__")
    function = frame.f_code.co_qualname
    return module_name(module) if function == "<module>" else job_name(module, function)


def _file_of(frame: FrameType) -> str | None:
    file = frame.f_code.co_filename
    return file if not file.startswith("<") and os.path.isabs(file) else None
