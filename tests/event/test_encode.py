"""Encoding: plain events in one step, unclean ones mended on the way, absent things absent."""

import json
import math
from typing import Any

import msgspec
import pytest

from lineage_kit.event.encoding import encode, encode_reporting
from lineage_kit.event.model import Dataset, InputDataset, Job, Run, RunEvent, RunState
from lineage_kit.facets import (
    ColumnMetrics,
    DataQualityMetricsInputDatasetFacet,
    DocumentationJobFacet,
    SchemaDatasetFacet,
    SchemaDatasetFacetFields,
    SQLJobFacet,
)

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"


def _event(**facets: Any) -> RunEvent:
    return RunEvent(RunState.START, "2026-11-22T17:31:09Z", Run(ID, facets), Job("n", "j"))


def _sent(event: RunEvent) -> dict[str, Any]:
    return json.loads(encode(event))


def test_the_json_is_compact_utf8() -> None:
    """No spaces, no escapes for letters."""
    body = encode(RunEvent(RunState.START, "t", Run(ID), Job("n", "käse 🧀")))
    assert '"name":"käse 🧀"'.encode() in body
    assert b", " not in body


@pytest.mark.parametrize("query", ["select 1 where x is null", 'a[null] "null"', "null", "\\u0000"])
def test_the_word_null_in_a_text_is_no_null(query: str) -> None:
    """Texts are sent as they are, whatever they look like."""
    event = _event()
    event.job.facets["sql"] = SQLJobFacet(query)
    body, said = encode_reporting(event)
    assert json.loads(body)["job"]["facets"]["sql"]["query"] == query
    assert said == ()


def test_none_in_a_typed_facet_is_absent() -> None:
    """A field given as None is left out, without a word."""
    event = _event()
    event.job.facets["documentation"] = DocumentationJobFacet("x", contentType=None)  # type: ignore[arg-type]
    body, said = encode_reporting(event)
    assert "contentType" not in json.loads(body)["job"]["facets"]["documentation"]
    assert said == ()


def test_none_in_a_plain_facet_is_absent() -> None:
    """A key whose value is None is left out; None in a list keeps its place."""
    sent = _sent(_event(custom={"a": None, "b": [1, None], "c": {"d": None}}, gone=None))
    assert sent["run"]["facets"] == {"custom": {"b": [1, None], "c": {}}}


def test_none_among_datasets_is_absent() -> None:
    """A list of datasets with None in it is sent without."""
    event = _event()
    event.inputs = [None, InputDataset("n", "d")]  # type: ignore[list-item]
    assert _sent(event)["inputs"] == [{"namespace": "n", "name": "d"}]


def test_a_schema_field_of_none_is_absent() -> None:
    """An unset type of a column leaves no null behind."""
    schema = SchemaDatasetFacet([SchemaDatasetFacetFields("id", None)])  # type: ignore[arg-type]
    event = _event()
    event.inputs = [Dataset("n", "d", {"schema": schema})]
    assert _sent(event)["inputs"][0]["facets"]["schema"]["fields"] == [{"name": "id"}]


def test_a_number_that_is_none_is_left_out_of_typed_facets() -> None:
    """NaN and infinities vanish from metrics, quantiles included, and each is told with its path."""
    metrics = ColumnMetrics(sum=math.nan, count=2, max=math.inf, quantiles={"0.5": math.nan, "0.9": 1.5})
    event = _event()
    event.inputs = [
        InputDataset(
            "n", "d", inputFacets={"dataQualityMetrics": DataQualityMetricsInputDatasetFacet({"a": metrics})}
        )
    ]
    body, said = encode_reporting(event)
    facet = json.loads(body)["inputs"][0]["inputFacets"]["dataQualityMetrics"]
    assert facet["columnMetrics"] == {"a": {"count": 2, "quantiles": {"0.9": 1.5}}}
    where = "inputs[0].inputFacets.dataQualityMetrics.columnMetrics.a"
    assert said == (
        f"{where}.sum: NaN cannot be sent; left out",
        f"{where}.max: Infinity cannot be sent; left out",
        f'{where}.quantiles["0.5"]: NaN cannot be sent; left out',
    )


def test_a_number_that_is_none_is_a_text_in_plain_facets() -> None:
    """In facets of the user's own the value is named, and told."""
    body, said = encode_reporting(_event(custom={"x": math.nan, "y": [math.inf, -math.inf]}))
    assert json.loads(body)["run"]["facets"]["custom"] == {"x": "NaN", "y": ["Infinity", "-Infinity"]}
    assert said[0] == "run.facets.custom.x: NaN cannot be sent; sent as text"
    assert len(said) == 3


def test_raw_json_is_sent_as_it_is() -> None:
    """A part that is encoded already stays; in an event that must be mended it is read again."""
    raw = msgspec.Raw(b'{"a":1,"b":[2]}')
    assert _sent(_event(custom=raw))["run"]["facets"]["custom"] == {"a": 1, "b": [2]}
    assert _sent(_event(custom=raw, other=math.nan))["run"]["facets"]["custom"] == {"a": 1, "b": [2]}


def test_encoding_never_changes_the_event() -> None:
    """Mending happens on a copy."""
    facets = {"custom": {"x": math.nan, "y": None, "z": "\x00"}}
    event = _event(**facets)
    encode(event)
    assert event.run.facets["custom"] is facets["custom"]
    assert facets["custom"]["y"] is None
    assert math.isnan(facets["custom"]["x"])


def test_a_mended_event_differs_in_the_mended_place_only() -> None:
    """The slow way gives the same JSON as the fast one for all that was clean."""
    clean = _event(a={"b": [1, 2.5, "x", True]})
    unclean = _event(a={"b": [1, 2.5, "x", True]}, nan={"x": math.nan})
    unclean_tree = _sent(unclean)
    del unclean_tree["run"]["facets"]["nan"]
    assert unclean_tree == _sent(clean)
