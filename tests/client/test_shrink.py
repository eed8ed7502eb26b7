"""An event that is too big loses optional facets, largest first, and says which."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lineage_kit import (
    Dataset,
    DatasetEvent,
    Job,
    OpenLineageClient,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    report,
    run,
    session,
)
from lineage_kit.client.shrink import MAX_EVENT, shrink
from lineage_kit.event.check import problems
from lineage_kit.facets import (
    ErrorMessageRunFacet,
    ParentRunFacet,
    SchemaDatasetFacet,
    SchemaDatasetFacetFields,
)
from lineage_kit.transport import MemoryTransport
from tests.support.judge import event_breaches

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
BIG = 2_000_000


def _wide(columns: int) -> SchemaDatasetFacet:
    return SchemaDatasetFacet([SchemaDatasetFacetFields(f"column_{n}", "varchar") for n in range(columns)])


def _sent(event: Any) -> tuple[bytes, dict[str, Any]]:
    transport = MemoryTransport()
    OpenLineageClient(transport=transport).emit(event)
    [envelope] = transport.envelopes
    return envelope.body, json.loads(envelope.body)


def _event(run_facets: dict[str, Any], outputs: list[Dataset] | None = None) -> RunEvent:
    return RunEvent(
        RunState.FAIL, "2026-11-22T10:00:00Z", Run(ID, run_facets), Job("a", "b"), outputs=outputs or []
    )


def test_two_megabytes_become_less_than_900_kb(caplog: pytest.LogCaptureFixture) -> None:
    """The largest facet goes, the rest stays; a marker and one warning name it."""
    keeps = {
        "errorMessage": ErrorMessageRunFacet("broken", "python"),
        "parent": ParentRunFacet(Run(ID), Job("p", "q")),
        "small": {"a": 1},
    }
    event = _event(
        {**keeps, "big": {"text": "x" * BIG}}, [OutputDataset("s3://a", "b", {"schema": _wide(30)})]
    )
    body, document = _sent(event)
    assert len(body) < 900_000
    assert problems(document) == []
    facets = document["run"]["facets"]
    assert facets["lineageKit_leftOut"]["leftOut"] == ["run.facets.big"]
    assert set(keeps) < set(facets)
    assert len(document["outputs"][0]["facets"]["schema"]["fields"]) == 30
    assert "had 2,002," in caplog.text
    assert "left out: run.facets.big" in caplog.text
    assert report.counts() == {"too-large:run:p/q": 1}
    assert "big" in event.run.facets


def test_many_wide_schemas_go_largest_first() -> None:
    """Facets of datasets go too, and no more of them than needed."""
    sizes = [200, 12_000, 4_000, 9_000, 300]
    outputs = [OutputDataset("s3://a", f"t{n}", {"schema": _wide(size)}) for n, size in enumerate(sizes)]
    body, document = _sent(_event({}, outputs))
    assert MAX_EVENT / 2 < len(body) <= MAX_EVENT
    assert document["run"]["facets"]["lineageKit_leftOut"]["leftOut"] == ["outputs[1].facets.schema"]
    kept = ["schema" in dataset.get("facets", {}) for dataset in document["outputs"]]
    assert kept == [True, False, True, True, True]


def test_dataset_event_is_cut_too() -> None:
    """An event without run or job has the marker at its dataset."""
    dataset = Dataset("s3://a", "b", {"schema": _wide(40_000), "mine": {"a": 1}})
    body, document = _sent(DatasetEvent("2026-11-22T10:00:00Z", dataset))
    assert len(body) <= MAX_EVENT
    assert set(document["dataset"]["facets"]) == {"mine", "lineageKit_leftOut"}
    assert event_breaches(document) == []


def test_datasets_beyond_what_fits_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    """The first ones stay, small facets of run and job too."""
    names = [f"{n}-{'x' * 100}" for n in range(10_000)]
    body, document = _sent(_event({"mine": {"a": 1}}, [OutputDataset("s3://a", name) for name in names]))
    assert MAX_EVENT - 2_000 < len(body) <= MAX_EVENT
    kept = [dataset["name"] for dataset in document["outputs"]]
    assert kept == names[: len(kept)]
    facets = document["run"]["facets"]
    assert facets["mine"]["a"] == 1
    assert facets["lineageKit_leftOut"]["outputsLeftOut"] == 10_000 - len(kept)
    assert f"which fits; left out: {10_000 - len(kept):,} of 10,000 outputs" in caplog.text
    assert event_breaches(document) == []


def test_inputs_and_outputs_stay_in_turn() -> None:
    """Neither side pushes the other out, and one dataset of an endless name pushes out nobody."""
    wide = [Dataset("s3://a", "x" * 1_000_000)]
    inputs = wide + [Dataset("s3://a", f"in-{n}-{'x' * 100}") for n in range(10_000)]
    outputs = [OutputDataset("s3://a", f"out-{n}-{'x' * 100}") for n in range(10_000)]
    event = RunEvent(
        RunState.COMPLETE, "2026-11-22T10:00:00Z", Run(ID), Job("a", "b"), inputs=inputs, outputs=outputs
    )
    body, document = _sent(event)
    assert len(body) <= MAX_EVENT
    assert abs(len(document["inputs"]) - len(document["outputs"])) <= 1
    assert document["inputs"][0]["name"].startswith("in-0-")


def test_tags_are_cut_to_a_number(caplog: pytest.LogCaptureFixture) -> None:
    """The first hundred stay, and no facet has to go for them."""
    transport = MemoryTransport()
    session.swap(OpenLineageClient(transport=transport))
    with run("tagged", tags={"first": "1"}) as active:
        for number in range(5_000):
            active.run_tag(f"k{number}", "y" * 500)
        active.add_run_facet({"a": 1}, "mine")
    body = transport.envelopes[-1].body
    document = json.loads(body)
    assert len(body) <= MAX_EVENT
    assert document["eventType"] == "COMPLETE"
    facets = document["run"]["facets"]
    assert len(facets["tags"]["tags"]) == 100
    assert facets["lineageKit_leftOut"]["runTagsLeftOut"] > 4_800
    assert "mine" in facets
    assert "jobType" in document["job"]["facets"]
    assert "tags of the run" in caplog.text
    assert event_breaches(document) == []


def test_endless_names_are_said_to_stay(caplog: pytest.LogCaptureFixture) -> None:
    """The names of run and job are never cut: such an event goes out, with a warning that tells."""
    event = RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("a", "b" * 1_000_000))
    body, document = _sent(event)
    assert len(body) > MAX_EVENT
    assert document["job"]["name"] == event.job.name
    assert "its names cannot be cut; destinations may refuse it" in caplog.text


facets = some.dictionaries(
    some.sampled_from(["parent", "tags", "errorMessage", "processing_engine", "schema", "a", "b", "ü" * 50]),
    some.integers(0, 3000),
    max_size=6,
)


def _facet(key: str, number: int) -> dict[str, Any]:
    """A facet of that key of about that size; valid where the standard knows the key."""
    base = {"_producer": "https://example.com/p", "_schemaURL": "https://example.com/s"}
    text = '\u0001"ü' * (number // 9)
    match key:
        case "tags":
            tags = [{"key": "k", "value": "v" * 20} for _ in range(number // 30)]
            return {**base, "tags": [*tags, {"key": "k", "value": text}]}
        case "errorMessage":
            return {**base, "message": text, "programmingLanguage": "python", "stackTrace": text}
        case "parent":
            return {**base, "run": {"runId": ID}, "job": {"namespace": "n", "name": f"n{text}"}}
        case "processing_engine":
            return {**base, "version": f"3{text}"}
        case "schema":
            return {**base, "fields": [{"name": f"c{number}"} for _ in range(number // 20)]}
        case _:
            return {**base, "text": text}


def _holder(given: dict[str, Any], **identity: Any) -> dict[str, Any]:
    return {**identity, "facets": {key: _facet(key, size) for key, size in given.items()}}


@given(
    facets,
    facets,
    some.lists(some.tuples(some.integers(0, 400), facets), max_size=12),
    some.lists(some.tuples(some.integers(0, 400), facets), max_size=12),
    some.integers(0, 3000),
    some.sampled_from([2_500, 4_000, 10_000]),
)
def test_whatever_the_shape_it_fits_and_is_valid(
    run_facets: Any, job_facets: Any, inputs: Any, outputs: Any, strange: int, limit: int
) -> None:
    """Body within the limit, valid, run, job, type and time as they were; what went from the lists is counted."""
    tell = {"eventType": "COMPLETE", "eventTime": "2026-11-22T10:00:00Z"}
    event: dict[str, Any] = {
        **tell,
        "producer": "https://example.com/p",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": _holder({key: size for key, size in run_facets.items() if key != "schema"}, runId=ID),
        "job": _holder(
            {key: size for key, size in job_facets.items() if key in "tags a b"}, namespace="n", name="j"
        ),
        "inputs": [_holder(given, namespace="n", name="x" * size) for size, given in inputs],
        "outputs": [_holder(given, namespace="n", name="x" * size) for size, given in outputs],
        "strange": "x" * strange,
    }
    body = json.dumps(event).encode()
    small = shrink(body, "k", limit) if len(body) > limit else body
    after = json.loads(small)
    assert len(small) <= limit
    assert event_breaches(after) == []
    assert {key: after[key] for key in tell} == tell
    assert after["run"]["runId"] == ID
    assert (after["job"]["namespace"], after["job"]["name"]) == ("n", "j")
    mark = after["run"]["facets"].get("lineageKit_leftOut", {})
    for side in ("inputs", "outputs"):
        assert len(after[side]) + mark.get(f"{side}LeftOut", 0) == len(event[side])


def test_long_lists_of_what_went_are_bounded() -> None:
    """The marker names at most a hundred facets and fits as well."""
    body, document = _sent(_event({f"facet_{n}": {"text": "x" * 2_000} for n in range(1_000)}))
    left_out = document["run"]["facets"]["lineageKit_leftOut"]["leftOut"]
    assert len(body) <= MAX_EVENT
    assert len(left_out) == 100


def test_events_of_runs_are_cut_as_well() -> None:
    """What a block gathers is bounded by the same size."""
    transport = MemoryTransport()
    session.swap(OpenLineageClient(transport=transport))
    with run("wide") as active:
        active.add_output("s3://a/t.parquet", facets=_wide(50_000))
        active.add_output("s3://a/u.parquet", rows=3)
    start, complete = transport.envelopes
    assert len(start.body) < len(complete.body) <= MAX_EVENT
    assert [dataset.name for dataset in transport.events[1].outputs] == ["t.parquet", "u.parquet"]


def test_event_that_fits_is_not_touched() -> None:
    """At the limit nothing is taken."""
    text = "x" * (MAX_EVENT - 1_000)
    _, document = _sent(_event({"big": {"text": text}}))
    assert document["run"]["facets"]["big"]["text"] == text


@pytest.mark.parametrize("limit", [300, 1_000, 5_000])
def test_any_limit_is_kept_where_facets_suffice(limit: int) -> None:
    """The marker itself counts."""
    facets = {f"f{n}": {"text": "x" * n * 10} for n in range(40)}
    small = shrink(json.dumps({"run": {"facets": facets}, "job": {}, "inputs": []}).encode(), "k", limit)
    assert len(small) <= max(limit, 2_000)
    assert json.loads(small)["run"]["facets"]["lineageKit_leftOut"]
