"""Whatever an event holds, `emit` neither raises nor changes it, and what leaves is JSON without secrets."""

import copy
import json
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lineage_kit import (
    Dataset,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OpenLineageClient,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    report,
)
from lineage_kit.event.check import problems
from lineage_kit.facets import (
    EnvironmentVariable,
    EnvironmentVariablesRunFacet,
    ErrorMessageRunFacet,
    ParentRunFacet,
    SchemaDatasetFacet,
    SchemaDatasetFacetFields,
    TagsJobFacet,
    TagsJobFacetFields,
    TagsRunFacet,
    TagsRunFacetFields,
)
from lineage_kit.transport import MemoryTransport

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
EVERYTHING = {
    "tags": {"job": {"stage": "test"}, "run": {"stage": "test"}},
    "facets": {"environment_variables": ["STAGE"]},
    "namespaces": {"warehouse": "postgres://prod:5432"},
    "producer": "https://example.com/configured",
    "redact": {"keys": ["comment"]},
}


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> tuple[OpenLineageClient, MemoryTransport]:
    """A client with every step that changes events switched on."""
    monkeypatch.setenv("STAGE", "test")
    transport = MemoryTransport()
    return OpenLineageClient(transport=transport, config=EVERYTHING), transport


def _rich() -> RunEvent:
    parent = ParentRunFacet(Run(ID), Job("a", "b"))
    run_facets = {
        "parent": parent,
        "tags": TagsRunFacet([TagsRunFacetFields("stage", "prod", "USER")]),
        "environmentVariables": EnvironmentVariablesRunFacet([EnvironmentVariable("TOKEN", "hunter2")]),
        "errorMessage": ErrorMessageRunFacet("no postgres://u:hunter2@db " + "x" * 9000, "python"),
        "mine": {"deep": [{"password": "hunter2", "comment": "c", "nan": float("nan"), "none": None}]},
        "empty": None,
    }
    schema = SchemaDatasetFacet([SchemaDatasetFacetFields("id", "int")])
    days = [f"raw/2026-11-{day}.csv" for day in (20, 21, 22)]
    return RunEvent(
        RunState.COMPLETE,
        "2026-11-22T10:00:00",
        Run(ID, run_facets),
        Job("a", "b", {"tags": TagsJobFacet([TagsJobFacetFields("STAGE", "prod", "USER")])}),
        "OpenLineage.io/blog",
        [InputDataset("s3://lake", day, {"schema": schema}) for day in days],
        [OutputDataset("warehouse", "t?password=hunter2", outputFacets={"mine": {"a": (1, 2)}})],
    )


def _pictured(value: Any, seen: frozenset[int] = frozenset()) -> Any:
    """Types, identities and contents of a tree, NaN included."""
    if id(value) in seen:
        return "…"
    seen |= {id(value)}
    if isinstance(value, msgspec.Struct):
        fields = {name: _pictured(getattr(value, name), seen) for name in value.__struct_fields__}
        return type(value), id(value), fields, _pictured(getattr(value, "__dict__", None), seen)
    if isinstance(value, dict):
        return id(value), [(key, _pictured(item, seen)) for key, item in value.items()]
    if isinstance(value, (list, tuple, set)):
        return id(value), type(value), [_pictured(item, seen) for item in value]
    return type(value), repr(value)


def test_rich_event_is_not_changed(everything: tuple[OpenLineageClient, MemoryTransport]) -> None:
    """Tags, variables, names, dates, producers and masks are put into a copy, down to the last facet."""
    client, transport = everything
    event = _rich()
    before = _pictured(event)
    client.emit(event)
    assert _pictured(event) == before
    [envelope] = transport.envelopes
    document = json.loads(envelope.body)
    assert problems(document) == []
    assert b"hunter2" not in envelope.body
    assert [dataset["name"] for dataset in document["inputs"]] == ["raw"]
    locations = document["inputs"][0]["inputFacets"]["subset"]["inputCondition"]["locations"]
    assert len(locations) == 3
    assert document["outputs"][0]["namespace"] == "postgres://prod:5432"
    assert document["producer"] == "https://OpenLineage.io/blog"
    assert document["run"]["facets"]["mine"]["_producer"] == EVERYTHING["producer"]
    assert {tag["value"] for tag in document["run"]["facets"]["tags"]["tags"]} == {"test"}
    assert {tag["value"] for tag in document["job"]["facets"]["tags"]["tags"]} == {"test"}
    names = [one["name"] for one in document["run"]["facets"]["environmentVariables"]["environmentVariables"]]
    assert names == ["TOKEN", "STAGE"]


@pytest.mark.parametrize("kind", ["job", "dataset", "mapping"])
def test_other_events_are_not_changed(
    kind: str, everything: tuple[OpenLineageClient, MemoryTransport]
) -> None:
    """The same holds for job events, dataset events and mappings."""
    client, transport = everything
    secret = {"mine": {"password": "hunter2"}}
    dataset = Dataset("s3://u:hunter2@lake", "raw/2026-11-22.csv", dict(secret))
    run = {"runId": ID, "facets": copy.deepcopy(secret)}
    event: Any = {
        "job": JobEvent("2026-11-22T10:00:00", Job("a", "b", dict(secret)), "x", [dataset], [dataset]),
        "dataset": DatasetEvent("2026-11-22T10:00:00", dataset, "x"),
        "mapping": {"eventTime": "2026-11-22T10:00:00", "run": run, "job": {"namespace": "a", "name": "b"}},
    }[kind]
    before = _pictured(event)
    client.emit(event)
    assert _pictured(event) == before
    [envelope] = transport.envelopes
    assert b"hunter2" not in envelope.body
    assert problems(envelope.body) == []


def test_same_event_twice_is_the_same_bytes(everything: tuple[OpenLineageClient, MemoryTransport]) -> None:
    """Nothing accumulates in an event that is emitted again."""
    client, transport = everything
    event = _rich()
    client.emit(event)
    client.emit(event)
    first, second = transport.envelopes
    assert first == second


class Hostile:
    """Every question about it raises."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("hostile")

    def __repr__(self) -> str:
        raise RuntimeError("hostile")

    __str__ = __repr__
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("hostile")

    def __bool__(self) -> bool:
        raise RuntimeError("hostile")

    def __len__(self) -> int:
        raise RuntimeError("hostile")

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("hostile")


HOSTILE: dict[str, Any] = {
    "value": {"mine": Hostile()},
    "inside": {"mine": {"a": [Hostile(), {"b": Hostile()}]}},
    "key": {"mine": {Hostile(): 1}},
    "of a standard facet": {"tags": Hostile(), "parent": Hostile(), "environmentVariables": Hostile()},
    "in a standard facet": {"tags": {"tags": [Hostile()]}, "parent": {"job": Hostile(), "run": Hostile()}},
    "in a typed facet": {"tags": TagsRunFacet([Hostile()]), "parent": ParentRunFacet(Run(ID), Hostile())},
    "in a message": {"errorMessage": ErrorMessageRunFacet(Hostile(), Hostile(), Hostile())},
}


@pytest.mark.parametrize("where", HOSTILE)
def test_hostile_objects_are_left_out(
    where: str, everything: tuple[OpenLineageClient, MemoryTransport]
) -> None:
    """An object that raises whatever it is asked costs its place, not the event."""
    client, transport = everything
    facets = HOSTILE[where]
    client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID, facets), Job("a", "b", facets)))
    client.emit(DatasetEvent("2026-11-22T10:00:00Z", Dataset("a", "b", facets)))
    assert len(transport.envelopes) == 2, report.counts()
    for envelope in transport.envelopes:
        json.loads(envelope.body)


@pytest.mark.parametrize("part", ["run", "job", "inputs", "outputs", "eventTime", "producer", "eventType"])
def test_hostile_parts_never_raise(part: str) -> None:
    """An event whose part is such an object, or a mapping with one, is sent without it or said."""
    transport = MemoryTransport()
    client = OpenLineageClient(transport=transport)
    event = RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("a", "b"), "https://x.example")
    setattr(event, part, [Hostile()] if part in ("inputs", "outputs") else Hostile())
    client.emit(event)
    client.emit(
        {"eventTime": "", "run": {"runId": ID}, "job": {"namespace": "a", "name": "b"}, part: Hostile()}
    )
    client.emit(Hostile())
    assert report.counts()


_texts = some.text(some.characters(codec=None, categories=None), max_size=20)
_leaves = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(),
    _texts,
    some.binary(max_size=5),
    some.datetimes(),
    some.decimals(),
    some.complex_numbers(),
    some.just(object()),
    some.just(object),
)
_keys = some.one_of(
    _texts, some.integers(), some.none(), some.just("parent"), some.just("tags"), some.just("schema")
)
_values = some.recursive(
    _leaves,
    lambda inner: some.one_of(
        some.lists(inner, max_size=3),
        some.tuples(inner, inner),
        some.dictionaries(_keys, inner, max_size=3),
        some.sets(some.integers(), max_size=2),
    ),
    max_leaves=12,
)
_facet_keys = some.one_of(
    _texts,
    some.sampled_from(["parent", "tags", "schema", "errorMessage", "environmentVariables", "subset", "sql"]),
)
_facets = some.dictionaries(_facet_keys, _values, max_size=3)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    run=_facets, job=_facets, of_input=_facets, of_output=_facets, producer=_texts, time=_texts, name=_texts
)
def test_arbitrary_facets_never_raise_and_always_leave(
    run: Any, job: Any, of_input: Any, of_output: Any, producer: str, time: str, name: str
) -> None:
    """An event with anything at all in its facets leaves as JSON, and is as it was."""
    report.reset()
    transport = MemoryTransport()
    client = OpenLineageClient(transport=transport, config=EVERYTHING)
    event = RunEvent(
        RunState.START,
        time,
        Run(ID, run),
        Job("a", "b", job),
        producer,
        [InputDataset("s3://a", f"x{name}", of_input, inputFacets=of_input)],
        [OutputDataset("file", f"/x{name}", of_output, outputFacets=of_output)],
    )
    before = _shape(event)
    client.emit(event)
    assert _shape(event) == before
    assert len(transport.envelopes) == 1, report.counts()
    json.loads(transport.envelopes[0].body, parse_constant=_refuse)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(event=_values)
def test_arbitrary_objects_never_raise(event: Any) -> None:
    """`emit` can be called with anything."""
    report.reset()
    OpenLineageClient(transport=MemoryTransport()).emit(event)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    fields=some.dictionaries(
        some.sampled_from(["run", "job", "inputs", "outputs", "eventTime", "x"]), _values
    )
)
def test_arbitrary_mappings_never_raise(fields: Any) -> None:
    """A mapping that is no event, or half of one, costs a word."""
    report.reset()
    transport = MemoryTransport()
    whole = {
        "eventTime": "2026-11-22T10:00:00Z",
        "run": {"runId": ID},
        "job": {"namespace": "a", "name": "b"},
    }
    OpenLineageClient(transport=transport).emit({**whole, **fields})
    assert transport.envelopes or report.counts()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    part=some.sampled_from(
        ["run", "job", "inputs", "outputs", "eventTime", "producer", "eventType", "schemaURL"]
    ),
    value=_values,
)
def test_parts_replaced_by_anything_never_raise(part: str, value: Any) -> None:
    """An event whose part was set to anything at all is sent or said, and nothing is raised."""
    report.reset()
    transport = MemoryTransport()
    event = RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("a", "b"), "https://x.example")
    setattr(event, part, value)
    OpenLineageClient(transport=transport).emit(event)
    assert transport.envelopes or report.counts()


def _shape(value: Any) -> Any:
    """As `_pictured`, without asking strangers' objects anything."""
    if isinstance_quietly(value, msgspec.Struct):
        return type(value), [_shape(getattr(value, name)) for name in value.__struct_fields__]
    if type(value) is dict:
        return [(_shape(key), _shape(item)) for key, item in value.items()]
    if type(value) in (list, tuple):
        return [_shape(item) for item in value]
    return type(value).__name__, id(value)


def isinstance_quietly(value: Any, kind: type) -> bool:
    """`isinstance` by the type alone."""
    return issubclass(type(value), kind)


def test_failing_log_handler_is_not_raised() -> None:
    """A handler of the user's that raises while we report is not noticed by who emits."""

    class Failing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("disk full")

    logger, handler = logging.getLogger(report.LOGGER_NAME), Failing()
    logger.addHandler(handler)
    try:
        client = OpenLineageClient(transport=MemoryTransport())
        client.emit(3)
        client.emit({"run": 3})
    finally:
        logger.removeHandler(handler)
    assert report.counts()["client.emit"] == 2


class Raising(MemoryTransport):
    """A transport that fails in every way it can."""

    def send(self, envelope: Any) -> None:
        raise ZeroDivisionError

    def close(self, timeout: float = 1.0) -> None:
        raise ZeroDivisionError

    def describe(self) -> str:
        raise ZeroDivisionError


def test_failing_transport_is_not_raised() -> None:
    """What a transport raises is counted at its destination."""
    with OpenLineageClient(transport=Raising()) as client:
        client.emit(_rich())
        client.flush()
        [status] = client.status()
        assert "Raising" in repr(client)
    assert status.dropped == {"failed": 1}
    line = Raising.send.__code__.co_firstlineno + 1
    assert status.last_error == f"ZeroDivisionError, at {__file__}:{line}"
