"""Checking: each breach is found at its path with what was expected; what producers bend is a warning."""

import json
from typing import Any

import pytest

from lineage_kit.event.check import Problem, problems
from lineage_kit.event.shapes import formats

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
SPEC = "https://openlineage.io/spec"


def _base(file: str, version: str = "1-0-0") -> dict[str, Any]:
    return {"_producer": "https://example.com", "_schemaURL": f"{SPEC}/facets/{version}/{file}.json"}


def _event(**changes: Any) -> dict[str, Any]:
    event = {
        "eventType": "START",
        "eventTime": "2026-11-22T17:31:09.123456789+01:00",
        "run": {"runId": ID},
        "job": {"namespace": "n", "name": "j"},
        "producer": "https://example.com/etl",
        "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        **changes,
    }
    return {key: value for key, value in event.items() if value is not ...}


def _job(**facets: Any) -> dict[str, Any]:
    return _event(job={"namespace": "n", "name": "j", "facets": facets})


def _said(event: Any) -> list[str]:
    return [str(problem) for problem in problems(event)]


def test_a_good_event_has_no_problem() -> None:
    """As dict, text and bytes."""
    event = _event()
    assert problems(event) == problems(json.dumps(event)) == problems(json.dumps(event).encode()) == []


def test_a_problem_reads_as_one_line() -> None:
    """Severity, path, message."""
    assert str(Problem("run.runId", "error", "is missing")) == "error: run.runId: is missing"


SQL = _base("SQLJobFacet")
LINEAGE = _base("LineageFacet")
ERRORS: list[tuple[dict[str, Any], str]] = [
    (_event(eventTime=...), "error: eventTime: is missing; it must be an RFC 3339 time"),
    (_event(eventTime="yesterday"), "error: eventTime: 'yesterday' is not an RFC 3339 time such as"),
    (
        _event(eventTime="2026-02-30T10:00:00Z"),
        "error: eventTime: '2026-02-30T10:00:00Z' is not an RFC 3339 time",
    ),
    (_event(eventTime="{{ now }}"), "error: eventTime: holds a template that is still to be filled in"),
    (_event(eventTime=5), "error: eventTime: must be an RFC 3339 time, not 5"),
    (_event(eventType="BEGIN"), "error: eventType: must be 'START' or 'RUNNING' or 'COMPLETE'"),
    (_event(run=5), "error: run: must be an object, not 5"),
    (_event(run={}), "error: run.runId: is missing; it must be a UUID"),
    (_event(job={"namespace": "n", "name": None}), "error: job.name: must be a text, not null"),
    (_event(inputs={}), "error: inputs: must be a list, not an object"),
    (_event(inputs=[{"namespace": "n"}]), "error: inputs[0].name: is missing; it must be a text"),
    (_event(job=...), "error: job: is missing; it must be an object"),
    (_event(run=..., dataset={}), "error: event: holds both job and dataset"),
    (_event(run=..., job=...), "error: event: holds neither run and job"),
    (_event(run={"runId": ID, "facets": []}), "error: run.facets: must be an object, not a list"),
    (
        _event(run={"runId": ID, "facets": {"my.own": 5}}),
        'error: run.facets["my.own"]: must be an object, not 5',
    ),
    (
        _event(run={"runId": ID, "facets": {"own": {}}}),
        "error: run.facets.own._producer: is missing; it must be a URI",
    ),
    (_job(sql={**SQL, "query": None}), "error: job.facets.sql.query: must be a text, not null"),
    (_job(sql=SQL), "error: job.facets.sql.query: is missing; it must be a text"),
    (
        _job(sql={**SQL, "_producer": 5, "query": "x"}),
        "error: job.facets.sql._producer: must be a URI, not 5",
    ),
    (
        _job(sql={**SQL, "query": "x", "_deleted": "no"}),
        "error: job.facets.sql._deleted: must be true or false, not 'no'",
    ),
    (
        _job(
            jobType={
                **_base("JobTypeJobFacet", "2-0-4"),
                "processingType": "B",
                "integration": "I",
                "emissionPattern": {"eventTrigger": "a", "eventContentMode": "b", "windowDuration": 0},
            }
        ),
        "error: job.facets.jobType.emissionPattern.windowDuration: must be an integer of at least 1, not 0",
    ),
    (
        _job(lineage={**LINEAGE, "entries": [{}]}),
        "error: job.facets.lineage.entries[0].type: is missing; it must be 'DATASET'",
    ),
    (
        _job(lineage={**LINEAGE, "entries": [{"type": "X"}]}),
        "entries[0].type: must be 'DATASET' or 'JOB', not 'X'",
    ),
    (
        _job(lineage={**LINEAGE, "entries": [{"type": "JOB", "name": "x"}]}),
        "error: job.facets.lineage.entries[0].namespace: is missing; it must come with name",
    ),
    (
        _event(
            run={
                "runId": ID,
                "facets": {
                    "executionParameters": {
                        **_base("ExecutionParametersRunFacet"),
                        "parameters": [{"key": "a", "vale": "x"}],
                    }
                },
            }
        ),
        "parameters[0].vale: is not allowed here; did you mean 'value'?",
    ),
    (
        _event(
            outputs=[
                {
                    "namespace": "n",
                    "name": "d",
                    "facets": {
                        "schema": {
                            **_base("SchemaDatasetFacet", "1-2-0"),
                            "fields": [{"name": "a", "fields": [{"name": 5}]}],
                        }
                    },
                }
            ]
        ),
        "error: outputs[0].facets.schema.fields[0].fields[0].name: must be a text, not 5",
    ),
]


@pytest.mark.parametrize(("event", "expected"), ERRORS, ids=[expected for _, expected in ERRORS])
def test_errors_name_place_and_expectation(event: dict[str, Any], expected: str) -> None:
    """Each breach of the structure is found where it is, with what should stand there."""
    assert any(expected in line for line in _said(event)), _said(event)


WARNINGS: list[tuple[Any, str]] = [
    (_event(eventTime="2026-11-22T17:31:09"), "warning: eventTime: '2026-11-22T17:31:09' has no time zone"),
    (_event(eventTime="2026-11-22T17:31:09.1234567890Z"), "has more than nine fraction digits"),
    (
        _event(producer="OpenLineage.io/website/blog"),
        "warning: producer: 'OpenLineage.io/website/blog' is not a URI",
    ),
    (_event(run={"runId": "run_id"}), "warning: run.runId: 'run_id' is not a UUID"),
    (
        _event(schemaURL="https://example.com/RunEvent"),
        "warning: schemaURL: 'https://example.com/RunEvent' points nowhere",
    ),
    (
        _event(schemaURL=f"{SPEC}/2-0-2/OpenLineage.json#/$defs/JobEvent"),
        "names a JobEvent, but this is a RunEvent",
    ),
    (
        _event(schemaURL=f"{SPEC}/3-0-0/OpenLineage.json#/$defs/RunEvent"),
        "is newer than the newest version known here",
    ),
    (_event(job={"namespace": "", "name": "j"}), "warning: job.namespace: is empty: backends cannot file it"),
    (_event(dataset={}), "warning: dataset: is ignored in a run event"),
    (
        _job(sql={**SQL, "query": "x", "_schemaURL": "https://a/b"}),
        "points nowhere known; the standard's is https://",
    ),
    (
        _job(own={**SQL, "_schemaURL": f"{SPEC}/facets/1-0-0/Nothing.json"}),
        "Nothing.json' points nowhere known",
    ),
    (_job(sql={**SQL, "_schemaURL": "https://a/b"}), "warning: job.facets.sql.query: is missing"),
    (b"\xef\xbb\xbf" + json.dumps(_event()).encode(), "warning: event: starts with a byte order mark"),
    ('{"producer": "x", ' + json.dumps(_event())[1:], "warning: producer: stands twice in one object"),
]


@pytest.mark.parametrize(("event", "expected"), WARNINGS, ids=[expected for _, expected in WARNINGS])
def test_what_producers_bend_is_a_warning(event: Any, expected: str) -> None:
    """The event is accepted, the bend is told, and nothing is an error."""
    assert any(expected in line for line in _said(event)), _said(event)
    assert [line for line in _said(event) if line.startswith("error")] == []


@pytest.mark.parametrize(
    "event",
    [
        _job(sql={**SQL, "query": "x"}),
        _job(sql={**_base("SQLJobFacet", "0-1-0"), "query": "x"}),
        _job(sql={**SQL, "query": "x", "_schemaURL": f"{SPEC}/1-0-2/OpenLineage.json#/$defs/SQLJobFacet"}),
        _job(sql={**SQL, "_deleted": True}),
        _job(sql={**SQL, "query": "x", "unknown": None}),
        _job(own={**SQL, "_schemaURL": "https://example.com/own.json"}),
        _job(own={**SQL, "_schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/JobFacet"}),
        _event(inputs=[], outputs=[], unknown=None),
        _event(schemaURL=f"{SPEC}/1-0-5/OpenLineage.json#/definitions/RunEvent"),
        _event(eventType=...),
    ],
    ids=range(10),
)
def test_older_versions_and_extras_are_fine(event: dict[str, Any]) -> None:
    """Earlier schema versions, deleted facets and unknown keys are part of the standard."""
    assert _said(event) == []


def test_nesting_without_end_is_an_error() -> None:
    """Columns in columns are followed a hundred deep."""
    field: dict[str, Any] = {"name": "a"}
    for _ in range(600):
        field = {"name": "a", "fields": [field]}
    schema = {**_base("SchemaDatasetFacet"), "fields": [field]}
    event = _event(inputs=[{"namespace": "n", "name": "d", "facets": {"schema": schema}}])
    assert [line.rpartition(": ")[2] for line in _said(event)] == ["is nested more than 100 deep"]


@pytest.mark.parametrize(
    "text",
    [
        "https://a",
        "http://[::1]:80/x?y#z",
        "urn:isbn:1",
        "mailto:a@b",
        "file:///a/b",
        "arn:aws:glue:r:1",
        "s3://b/k%20",
        "a:",
    ],
)
def test_uris_are_known(text: str) -> None:
    """Whatever has a scheme and only characters a URI may have is one."""
    assert formats.uri(text) is None


@pytest.mark.parametrize(
    "text", ["", "x", "//a/b", "1a:b", "https://a b", "https://ä", "a:%zz", "https://a/#b#c", "a:[", "\n"]
)
def test_what_is_no_uri_is_told(text: str) -> None:
    """No scheme, a blank, a letter beyond ASCII or a broken escape."""
    assert formats.uri(text) is not None
