"""Facets that list things are united when a dataset is noted twice; all others are replaced."""

from __future__ import annotations

import json

import pytest

from lineage_kit import Dataset, Job, OpenLineageClient, OutputDataset, Run, RunEvent, RunState
from lineage_kit.event import decode
from lineage_kit.event.check import problems
from lineage_kit.facets import (
    Assertion,
    ColumnLineageDatasetFacet,
    DataQualityAssertionsDatasetFacet,
    Fields,
    InputField,
    LineageDatasetFacet,
    LineageDatasetInput,
    LineageFieldEntry,
    Owner,
    OwnershipDatasetFacet,
)
from lineage_kit.notes.notes import merge
from lineage_kit.notes.uniting import merge_facets
from lineage_kit.transport import MemoryTransport

ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def lineage(column, *sources):
    """Column lineage of one column."""
    return ColumnLineageDatasetFacet({column: Fields([InputField("n", "t", source) for source in sources])})


def test_column_lineage_is_united():
    """Columns of both, and for a column of both the sources of both, each once."""
    merged = merge_facets(
        {"columnLineage": lineage("a", "x", "y")}, {"columnLineage": lineage("a", "y", "z")}
    )
    fields = merged["columnLineage"].fields
    assert [one.field for one in fields["a"].inputFields] == ["x", "y", "z"]
    merged = merge_facets(merged, {"columnLineage": lineage("b", "x")})
    assert list(merged["columnLineage"].fields) == ["a", "b"]


def test_dicts_and_structs_meet():
    """A facet that was given as a plain dict is united with a struct, either way round."""
    plain = {"fields": {"a": {"inputFields": [{"namespace": "n", "name": "t", "field": "w"}]}}, "more": 1}
    for first, second in ((plain, lineage("a", "x")), (lineage("a", "x"), plain)):
        merged = merge_facets({"columnLineage": first}, {"columnLineage": second})["columnLineage"]
        fields = merged["fields"] if isinstance(merged, dict) else merged.fields
        made = fields["a"]
        assert len(made["inputFields"] if isinstance(made, dict) else made.inputFields) == 2


def test_lineage_of_a_dataset_and_its_checks_are_united():
    """The ``lineage`` facet of a dataset, and its assertions."""
    one = LineageDatasetFacet([LineageDatasetInput("n", "a")], {"c": LineageFieldEntry([])})
    other = LineageDatasetFacet([LineageDatasetInput("n", "b")])
    merged = merge_facets({"lineage": one}, {"lineage": other})["lineage"]
    assert ([item.name for item in merged.inputs], list(merged.fields)) == (["a", "b"], ["c"])
    key = "dataQualityAssertions"
    first, second = (DataQualityAssertionsDatasetFacet([Assertion(name, True)]) for name in "ab")
    assert len(merge_facets({key: first}, {key: second})[key].assertions) == 2


def test_all_others_are_replaced():
    """One owner after another is a change, not a list; what is deleted is gone."""
    first, second = OwnershipDatasetFacet([Owner("a")]), OwnershipDatasetFacet([Owner("b")])
    assert merge_facets({"ownership": first}, {"ownership": second}) == {"ownership": second}
    gone = {"columnLineage": {"_deleted": True}}
    assert merge_facets({"columnLineage": lineage("a", "x")}, gone) == gone


@pytest.mark.parametrize("odd", [3, "text", None, [], {}, {"fields": 3}, {"fields": {"a": 3}}, object()])
@pytest.mark.parametrize("key", ["columnLineage", "lineage", "subset", "dataQualityAssertions"])
def test_what_has_another_shape_replaces(key, odd):
    """A facet of the user's that only has the name of a standard one raises nothing."""
    usual = {"columnLineage": lineage("a", "x")}.get(key, {"entries": [], "assertions": []})
    for first, second in ((odd, usual), (usual, odd), (odd, odd)):
        assert key in merge_facets({key: first}, {key: second})


def test_extra_fields_stay_when_datasets_become_one():
    """What stood beside the fields of two datasets, as `decode` found it, is in the one they become."""
    parts = [
        {"namespace": "s3://raw", "name": f"orders/2026-11-2{day}.csv", f"extra{day}": day} for day in (1, 2)
    ]
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-22T00:00:00Z",
        "run": {"runId": ID},
        "job": {"namespace": "n", "name": "j"},
        "producer": "https://example.com/etl",
        "inputs": parts,
    }
    transport = MemoryTransport()
    with OpenLineageClient(transport=transport) as client:
        client.emit(decode(event))
    [dataset] = json.loads(transport.envelopes[0].body)["inputs"]
    assert (dataset["name"], dataset["extra1"], dataset["extra2"]) == ("orders", 1, 2)
    assert len(dataset["inputFacets"]["subset"]["inputCondition"]["locations"]) == 2


def test_merging_changes_neither():
    """Both datasets are as they were."""
    first = OutputDataset("n", "t", {"columnLineage": lineage("a", "x")})
    second = OutputDataset("n", "t", {"columnLineage": lineage("a", "y")})
    merge(first, second)
    assert (first.facets, second.facets) == (
        {"columnLineage": lineage("a", "x")},
        {"columnLineage": lineage("a", "y")},
    )


def test_an_event_by_hand_has_one_lineage_for_datasets_that_become_one():
    """Two days of an output become one dataset with the columns of both; the job's edges carry its name."""
    days = [
        OutputDataset("s3://lake", f"totals/2026-11-2{day}.csv", {"columnLineage": lineage(f"c{day}", "x")})
        for day in (1, 2)
    ]
    edges = {
        "entries": [
            {"namespace": "s3://lake", "name": "totals/2026-11-21.csv", "type": "DATASET", "inputs": []}
        ]
    }
    transport = MemoryTransport()
    with OpenLineageClient(transport=transport) as client:
        job = Job("n", "j", {"lineage": edges})
        client.emit(
            RunEvent(
                RunState.COMPLETE,
                "2026-11-22T00:00:00Z",
                Run(ID),
                job,
                inputs=[Dataset("n", "t")],
                outputs=days,
            )
        )
    body = transport.envelopes[0].body
    event = json.loads(body)
    [output] = event["outputs"]
    assert list(output["facets"]["columnLineage"]["fields"]) == ["c1", "c2"]
    assert event["job"]["facets"]["lineage"]["entries"][0]["name"] == output["name"] == "totals"
    assert [problem for problem in problems(body) if problem.severity == "error"] == []
