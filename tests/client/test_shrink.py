"""An event that is too big loses optional facets, largest first, and says which."""

import json
from typing import Any

import pytest

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
    """An event without run or job is shortened without a marker."""
    dataset = Dataset("s3://a", "b", {"schema": _wide(40_000), "mine": {"a": 1}})
    body, document = _sent(DatasetEvent("2026-11-22T10:00:00Z", dataset))
    assert len(body) <= MAX_EVENT
    assert set(document["dataset"]["facets"]) == {"mine"}
    assert problems(document) == []


def test_what_cannot_be_cut_is_sent_as_small_as_it_gets() -> None:
    """Names are never cut: an event of nothing but datasets leaves whole."""
    names = [f"{n}-{'x' * 100}" for n in range(10_000)]
    body, document = _sent(_event({"gone": {"a": 1}}, [OutputDataset("s3://a", name) for name in names]))
    assert len(body) > MAX_EVENT
    assert [dataset["name"] for dataset in document["outputs"]] == names
    assert document["run"]["facets"]["lineageKit_leftOut"]["leftOut"] == ["run.facets.gone"]
    assert problems(document) == []


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
