"""Facets: built by position or name as people write them, refused where the standard forbids a value."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineage_kit import facets
from lineage_kit.errors import EventError
from lineage_kit.event.encoding import encode
from lineage_kit.event.facet import PRODUCER
from lineage_kit.event.facets import facet_class, standard
from lineage_kit.event.model import Job, Run, RunEvent
from lineage_kit.facets import (
    ColumnLineageDatasetFacet,
    DataQualityMetricsDatasetFacet,
    DataQualityMetricsInputDatasetFacet,
    Fields,
    InputField,
    LifecycleStateChange,
    LifecycleStateChangeDatasetFacet,
    LineageDatasetEntry,
    LineageDatasetInput,
    LineageJobEntry,
    LineageJobFacet,
    NominalTimeRunFacet,
    ParentRunFacet,
    RunFacet,
    SchemaDatasetFacet,
    SchemaDatasetFacetFields,
    SourceCodeLocationJobFacet,
    SQLJobFacet,
    Transformation,
)

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"


def _plain(facet: Any) -> Any:
    return json.loads(msgspec.json.encode(facet))


@pytest.mark.parametrize(
    ("facet", "own"),
    [
        (SQLJobFacet("select 1"), {"query": "select 1"}),
        (SourceCodeLocationJobFacet("git", "https://a/b"), {"type": "git", "url": "https://a/b"}),
        (
            NominalTimeRunFacet(nominalStartTime="2026-11-22T00:00:00Z"),
            {"nominalStartTime": "2026-11-22T00:00:00Z"},
        ),
        (
            SchemaDatasetFacet(fields=[SchemaDatasetFacetFields(name="id", type="int")]),
            {"fields": [{"name": "id", "type": "int"}]},
        ),
        (
            ColumnLineageDatasetFacet({"a": Fields([InputField("n", "d", "x", [Transformation("DIRECT")])])}),
            {
                "fields": {
                    "a": {
                        "inputFields": [
                            {
                                "namespace": "n",
                                "name": "d",
                                "field": "x",
                                "transformations": [{"type": "DIRECT"}],
                            }
                        ]
                    }
                }
            },
        ),
        (
            LineageJobFacet([LineageDatasetEntry("n", "out", inputs=[LineageDatasetInput("n", "in")])]),
            {
                "entries": [
                    {
                        "namespace": "n",
                        "name": "out",
                        "type": "DATASET",
                        "inputs": [{"namespace": "n", "name": "in", "type": "DATASET"}],
                    }
                ]
            },
        ),
        (
            ParentRunFacet(run=Run(ID), job=Job("n", "j")),
            {"run": {"runId": ID}, "job": {"namespace": "n", "name": "j"}},
        ),
    ],
)
def test_own_fields_come_first_and_by_name(facet: Any, own: dict[str, Any]) -> None:
    """The JSON holds what was given, the producer and the schema URL, and nothing else."""
    tree = _plain(facet)
    assert tree.pop("_producer") == PRODUCER
    assert tree.pop("_schemaURL") == facet.schemaURL
    assert tree == own


def test_a_producer_of_ones_own_is_kept() -> None:
    """Producer and deletion are keywords of every job and dataset facet."""
    tree = _plain(SQLJobFacet("select 1", producer="https://example.com/etl", deleted=True))
    assert (tree["_producer"], tree["_deleted"]) == ("https://example.com/etl", True)


def test_an_empty_list_is_not_the_same_as_no_list() -> None:
    """An explicit empty ``inputs`` says "made of nothing" and is sent; an unset one is absent."""
    assert _plain(LineageDatasetEntry("n", "o", inputs=[]))["inputs"] == []
    assert "inputs" not in _plain(LineageDatasetEntry("n", "o"))


def test_one_key_may_be_two_facets() -> None:
    """``dataQualityMetrics`` and ``subset`` are told apart by what they hang on."""
    assert standard()["dataset", "dataQualityMetrics"] is DataQualityMetricsDatasetFacet
    assert standard()["input", "dataQualityMetrics"] is DataQualityMetricsInputDatasetFacet
    assert standard()["input", "subset"] is facets.InputSubsetInputDatasetFacet
    assert standard()["output", "subset"] is facets.OutputSubsetOutputDatasetFacet


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: LifecycleStateChangeDatasetFacet("create"),
            "none of ALTER, CREATE, .*; did you mean CREATE?",
        ),
        (lambda: LifecycleStateChangeDatasetFacet(None), "an object of type NoneType is none of"),
        (lambda: LineageJobEntry(namespace="n"), "needs namespace and name together; name is missing"),
        (lambda: LineageJobEntry(runId="x"), "is not a UUID"),
        (lambda: LineageDatasetEntry("n", "d", "JOB"), "'JOB' is none of DATASET"),
        (lambda: facets.RunIdentifier("x"), "is not a UUID"),
    ],
)
def test_what_the_standard_forbids_is_refused_at_once(make: Any, message: str) -> None:
    """Wrong enums, half identities and wrong run ids are errors in the constructor."""
    with pytest.raises(EventError, match=message):
        make()


def test_an_enum_is_given_as_member_or_text() -> None:
    """Both give the member."""
    for given in ("RENAME", LifecycleStateChange.RENAME):
        assert LifecycleStateChangeDatasetFacet(given).lifecycleStateChange is LifecycleStateChange.RENAME


def test_a_facet_of_ones_own_takes_three_lines() -> None:
    """A subclass with a key and a schema URL builds, encodes, and is found by its home and key."""

    class RowQualityRunFacet(RunFacet, key="rowQuality", schema="https://example.com/RowQuality.json"):
        bad_rows: int
        checked: int = 0

    facet = RowQualityRunFacet(3)
    event = RunEvent(eventTime="2026-11-22T00:00:00Z", run=Run(ID, {"rowQuality": facet}), job=Job("n", "j"))
    assert json.loads(encode(event))["run"]["facets"]["rowQuality"] == {
        "bad_rows": 3,
        "checked": 0,
        "_producer": PRODUCER,
        "_schemaURL": "https://example.com/RowQuality.json",
    }
    assert facet_class("run", "rowQuality") is RowQualityRunFacet


def test_a_facet_of_ones_own_never_replaces_a_standard_one() -> None:
    """The standard's key stays the standard's class."""

    class MySQLFacet(facets.JobFacet, key="sql", schema="https://example.com/sql.json"):
        text: str

    assert facet_class("job", "sql") is SQLJobFacet
    assert MySQLFacet.facet_key == "sql"


def test_every_public_name_is_there_and_sorted() -> None:
    """``__all__`` lists what can be imported, each once."""
    assert facets.__all__ == sorted(set(facets.__all__))
    for name in facets.__all__:
        assert getattr(facets, name) is not None
    assert dir(facets) == facets.__all__


def test_a_misspelt_facet_is_met_with_the_nearest() -> None:
    """The error of an unknown name says which name is meant."""
    with pytest.raises(AttributeError, match="did you mean 'SQLJobFacet'"):
        facets.SqlJobFacet  # noqa: B018


def test_facets_load_on_first_use() -> None:
    """Importing the module loads no facet; asking for a run facet loads no dataset facet."""
    code = (
        "import sys, lineage_kit.facets as f; p = 'lineage_kit.event.facets.';"
        "print([m for m in sys.modules if m.startswith(p)]); f.ErrorMessageRunFacet;"
        "print(p + 'run' in sys.modules, p + 'dataset' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split("\n")[:2] == ["[]", "True False"]
