"""The core objects of OpenLineage 2-0-2: events, run, job, datasets.

They build and encode. A wrong run id, state or empty name is an `EventError` (a ValueError) in the constructor;
everything that is merely unclean is mended on a copy when the event is emitted (`lineage_kit.client.mend`).
Source: https://openlineage.io/spec/2-0-2/OpenLineage.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from os import PathLike
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
from msgspec import UNSET, field

from lineage_kit.errors import EventError
from lineage_kit.event.facet import CORE_SCHEMA, PRODUCER, Maybe

Facets = dict[str, Any]  # key → facet struct or plain dict

_UUID = re.compile(  # written out: a group would cost more than the rest
    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
).fullmatch


class RunState(StrEnum):
    """``eventType``: the state a run is in after the event (spec: ``$defs/RunEvent``)."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


_STATES = {state.value: state for state in RunState}
W = TypeVar("W", bound="Whole")
P = TypeVar("P", bound=msgspec.Struct)


class Whole(msgspec.Struct, dict=True):
    """Copies and pickles keep what stands beside the fields: a template, what `decode` could not place in a field."""

    def __copy__(self) -> Self:
        twin: Self = super().__copy__()  # type: ignore[misc]  # msgspec's, not declared
        twin.__dict__.update(self.__dict__)
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, (type(self), msgspec.structs.asdict(self), self.__dict__)


class Run(Whole, omit_defaults=True):
    """One execution of a job. ``runId`` is a UUID, as text or `uuid.UUID`; raises `EventError` for anything else."""

    runId: str
    facets: Facets = field(default_factory=dict)

    def __post_init__(self) -> None:
        if type(self.runId) is not str or not _UUID(self.runId):
            self.runId = canonical_uuid(self.runId)


class Job(Whole, omit_defaults=True):
    """A process that consumes and produces datasets; named uniquely within its namespace."""

    namespace: str
    name: str
    facets: Facets = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_text(self, "namespace", self.namespace)
        require_text(self, "name", self.name)


class Column(NamedTuple):
    """One column of a dataset: ``SHOP["amount"]``."""

    dataset: Dataset
    name: str


class Dataset(Whole, omit_defaults=True):
    """A dataset by namespace and name, or by one URL, local path or template: ``Dataset("s3://raw/{table}/{day}.csv")``.

    Raises `EventError` for empty names and `NamingError` for one text that names nothing.
    Names: https://openlineage.io/docs/spec/naming.
    """

    namespace: str
    name: str = UNSET  # type: ignore[assignment]  # UNSET until the constructor read the one text
    facets: Facets = field(default_factory=dict)

    def __post_init__(self) -> None:
        given: Any = self.name
        if given is UNSET:
            self._read_location()
        require_text(self, "namespace", self.namespace)
        require_text(self, "name", self.name)

    def _read_location(self) -> None:
        from lineage_kit.naming import locate, location_text

        text = location_text(self.namespace)
        located = locate(text)
        if located.is_template:
            self.__dict__["template"] = text
        self.namespace, self.name = located.namespace or text, located.name

    @property
    def template(self) -> str | None:
        """The one text this dataset was made from, when it holds ``{fields}`` still to be filled in."""
        return self.__dict__.get("template")

    @classmethod
    def table(cls, engine: Any, name: str) -> Dataset:
        """The table `name` of a SQLAlchemy engine, connection or URL, a DBAPI connection or a DuckDB connection.

        Nothing is asked over the network. Raises `NamingError` when the object tells no address.
        """
        from lineage_kit.naming import table

        return cls(*table(engine, name))

    def __getitem__(self, column: str) -> Column:
        return Column(self, column)

    def __hash__(self) -> int:
        return hash((self.namespace, self.name))


class InputDataset(Dataset, omit_defaults=True, kw_only=True):
    """A dataset a run or job reads; ``inputFacets`` hold what is true of this reading only."""

    inputFacets: Facets = field(default_factory=dict)


class OutputDataset(Dataset, omit_defaults=True, kw_only=True):
    """A dataset a run or job writes; ``outputFacets`` hold what is true of this writing only."""

    outputFacets: Facets = field(default_factory=dict)


class RunEvent(Whole):
    """A run changed its state: ``RunEvent(RunState.START, time, run, job, producer, inputs, outputs)``.

    eventTime: ISO 8601 text or datetime; a time without zone is taken as local time when the event is emitted.
    """

    eventType: Maybe[RunState] = UNSET
    eventTime: str = UNSET  # type: ignore[assignment]
    run: Run = UNSET  # type: ignore[assignment]
    job: Job = UNSET  # type: ignore[assignment]
    producer: str = PRODUCER
    inputs: Maybe[list[Dataset]] = field(default_factory=list)
    outputs: Maybe[list[Dataset]] = field(default_factory=list)
    schemaURL: str = CORE_SCHEMA + "RunEvent"

    def __post_init__(self) -> None:
        if type(self.eventType) is not RunState:
            self.eventType = _read_state(self.eventType)
        if type(self.run) is not Run or type(self.job) is not Job or type(self.eventTime) is not str:
            require_parts(self, "eventTime", "run", "job")
        if type(self.inputs) is not list or type(self.outputs) is not list:
            self.inputs, self.outputs = read_list(self.inputs), read_list(self.outputs)


class JobEvent(Whole):
    """A job as it is designed, without a run."""

    eventTime: str = UNSET  # type: ignore[assignment]
    job: Job = UNSET  # type: ignore[assignment]
    producer: str = PRODUCER
    inputs: Maybe[list[Dataset]] = field(default_factory=list)
    outputs: Maybe[list[Dataset]] = field(default_factory=list)
    schemaURL: str = CORE_SCHEMA + "JobEvent"

    def __post_init__(self) -> None:
        require_parts(self, "eventTime", "job")
        self.inputs, self.outputs = read_list(self.inputs), read_list(self.outputs)


class DatasetEvent(Whole):
    """What is known of a dataset, without a job or run."""

    eventTime: str = UNSET  # type: ignore[assignment]
    dataset: Dataset = UNSET  # type: ignore[assignment]
    producer: str = PRODUCER
    schemaURL: str = CORE_SCHEMA + "DatasetEvent"

    def __post_init__(self) -> None:
        require_parts(self, "eventTime", "dataset")


Event = RunEvent | JobEvent | DatasetEvent
Location = str | PathLike[str] | Dataset


# What passes the checks of every constructor; `restore` builds with it, then sets what was really there.
_PASSES: dict[str, Any] = {
    "runId": "00000000-0000-0000-0000-000000000000",
    "namespace": "-",
    "name": "-",
    "eventType": UNSET,
    "eventTime": "-",
    "inputs": [],
    "outputs": [],
}


def altered(part: P, **changes: Any) -> P:
    """A copy with other values in some fields, keeping what stands beside them; `part` itself without any change."""
    if not changes:
        return part
    copy = msgspec.structs.replace(part, **changes)
    beside = getattr(part, "__dict__", None)
    if beside:
        copy.__dict__.update(beside)
    return copy


def restore(kind: type[W], fields: dict[str, Any], beside: dict[str, Any]) -> W:
    """An object with exactly these fields, unchecked: for copies, pickles and lenient decoding."""
    whole = kind(**{name: _PASSES.get(name, value) for name, value in fields.items()})
    for name in _PASSES.keys() & fields.keys():
        setattr(whole, name, fields[name])
    whole.__dict__.update(beside)
    return whole


def canonical_uuid(value: object) -> str:
    """The canonical text of a UUID in any of the forms `uuid.UUID` reads; raises `EventError`."""
    import uuid

    try:
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(str(value)))
    except ValueError:
        raise EventError(
            f"runId {_show(value)} is not a UUID; lineage_kit.event.new_id() makes one"
        ) from None


def require_text(owner: object, name: str, value: object) -> None:
    """Raise `EventError` unless `value` is a text that is not blank."""
    if not isinstance(value, str) or not value or value.isspace():
        raise EventError(
            f"{type(owner).__name__}.{name} must be a text that is not empty, not {_show(value)}"
        )


def require_parts(event: object, *names: str) -> None:
    """Raise `EventError` when one of the mandatory parts of an event was not given."""
    for name in names:
        if getattr(event, name) is UNSET or getattr(event, name) is None:
            raise EventError(f"{type(event).__name__} needs {name}")


def read_list(datasets: Any) -> Any:
    """None → an empty list (callers of the existing client pass it); any other sequence → list."""
    if type(datasets) is list or datasets is UNSET:
        return datasets
    if datasets is None:
        return []
    if isinstance(datasets, Sequence) and not isinstance(datasets, str):
        return list(datasets)
    raise EventError(f"inputs and outputs are lists of datasets, not {_show(datasets)}")


def _read_state(state: object) -> Any:
    if state is None or state is UNSET:
        return UNSET
    text: Any = getattr(state, "value", state)
    found = _STATES.get(text) if isinstance(text, str) else None
    if found is None:
        raise EventError(f"eventType {_show(state)} is none of {', '.join(RunState)}")
    return found


def _show(value: object) -> str:
    if isinstance(value, (str, int, float)) or value is None:
        return repr(value)[:80]
    if isinstance(value, Mapping):
        return "a mapping"
    return f"an object of type {type(value).__name__}"
