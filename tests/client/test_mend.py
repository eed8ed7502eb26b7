"""What is merely unclean in an event is put right on a copy."""

import time
from collections import OrderedDict
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

from lineage_kit import report
from lineage_kit.client.mend import BASES, mend_event, mend_facets, mend_producer, mend_time
from lineage_kit.event.decoding import decode
from lineage_kit.event.encoding import encode
from lineage_kit.event.facet import PRODUCER
from lineage_kit.event.facets.job import SQLJobFacet
from lineage_kit.event.model import (
    Dataset,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)

RUN = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
TIME = "2026-11-22T17:31:09.123456Z"
OWN = "https://example.com/etl"


def _event(**changes: Any) -> RunEvent:
    fields: dict[str, Any] = {
        "eventTime": TIME,
        "run": Run(RUN),
        "job": Job("n", "j"),
        "producer": OWN,
        **changes,
    }
    return RunEvent(RunState.START, **fields)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A local time that is not UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def test_a_clean_event_is_the_same_object() -> None:
    """Nothing is copied where nothing changes, for all three kinds."""
    for event in (
        _event(inputs=[InputDataset("a", "b")], outputs=[Dataset("a", "c")]),
        JobEvent(eventTime=TIME, job=Job("n", "j"), producer=OWN),
        DatasetEvent(eventTime="2026-11-22T17:31:09+01:00", dataset=Dataset("a", "b"), producer=OWN),
        _event(producer=PRODUCER),
    ):
        assert mend_event(event) is event
    assert report.counts() == {}


TIMES = {
    "2026-11-22T10:00:00": "2026-11-22T09:00:00.000000Z",
    "2026-07-22T10:00:00.5": "2026-07-22T08:00:00.500000Z",
    "2026-11-22 10:00:00": "2026-11-22T09:00:00.000000Z",
    "2026-11-22": "2026-11-21T23:00:00.000000Z",
    "2026-11-22T10": "2026-11-22T09:00:00.000000Z",
    "20261122T100000Z": "2026-11-22T10:00:00.000000Z",
    "2026-11-22T10:00:00+0000": "2026-11-22T10:00:00.000000Z",
    "2026-11-22T10:00:00.1234567891Z": "2026-11-22T10:00:00.123456Z",
    "2026-11-22T10:00:00+00:00[Europe/London]": "2026-11-22T10:00:00.000000Z",
    " 2026-11-22T10:00:00Z ": "2026-11-22T10:00:00.000000Z",
}


@pytest.mark.parametrize("given", TIMES)
@pytest.mark.usefixtures("berlin")
def test_times_are_sent_in_utc(given: str) -> None:
    """A time without zone is local; forms that backends refuse become the plain one."""
    event = _event(eventTime=given)
    assert mend_event(event).eventTime == TIMES[given]
    assert event.eventTime == given


@pytest.mark.usefixtures("berlin")
def test_datetime_objects_are_times() -> None:
    """With a zone or without, a datetime is written out in UTC."""
    assert mend_time(datetime(2026, 11, 22, 10)) == "2026-11-22T09:00:00.000000Z"
    assert mend_time(datetime(2026, 11, 22, 10, tzinfo=UTC)) == "2026-11-22T10:00:00.000000Z"
    assert (
        mend_time(datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=-5))))
        == "2026-11-22T15:00:00.000000Z"
    )


@pytest.mark.parametrize("given", ["yesterday", "", "2026-11-22T10:00:60Z", 5, object(), datetime.max])
def test_what_is_no_time_is_said(given: object) -> None:
    """It is handed on for the encoder, with one word."""
    mended = mend_time(given)
    assert mended is given or str(mended).startswith("9999")
    assert report.counts() in ({"mend.time": 1}, {})


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("OpenLineage.io/website/blog", "https://OpenLineage.io/website/blog"),
        ("my own producer", "https://my%20own%20producer"),
        ("https://example.com/with space", "https://example.com/with%20space"),
        ("urn:etl:orders", "urn:etl:orders"),
        (OWN, OWN),
        ("", PRODUCER),
        (None, PRODUCER),
        (5, PRODUCER),
    ],
)
def test_a_producer_is_a_uri(given: Any, sent: str) -> None:
    """A producer without a scheme gets one, and none at all is ours."""
    assert mend_producer(given) == sent


def test_a_producer_that_is_no_uri_is_said_once() -> None:
    """However many events carry it."""
    for _ in range(3):
        assert mend_event(_event(producer="said.example/once")).producer == "https://said.example/once"
    assert report.counts() == {"mend.producer": 1}


def test_the_configured_producer_replaces_ours_alone() -> None:
    """What an event or facet chose for itself stays."""
    assert mend_event(_event(producer=PRODUCER), OWN).producer == OWN
    assert mend_event(_event(producer="https://chosen.example"), OWN).producer == "https://chosen.example"
    chosen = SQLJobFacet("x", producer="https://chosen.example")
    facets = {
        "sql": SQLJobFacet("x"),
        "chosen": chosen,
        "raw": {"_producer": PRODUCER, "_schemaURL": "https://x"},
    }
    mended = mend_facets(facets, "job", OWN)
    assert (mended["sql"].producer, mended["raw"]["_producer"]) == (OWN, OWN)
    assert mended["chosen"] is chosen
    assert facets["sql"].producer == PRODUCER  # type: ignore[attr-defined]


@pytest.mark.parametrize("home", BASES)
def test_a_plain_dict_becomes_a_facet(home: str) -> None:
    """Producer and schema are added where they lack; what is there stays, the caller's dict too."""
    given = {"a": {"x": 1}, "b": {"_producer": OWN}, "c": {"_producer": OWN, "_schemaURL": "https://s"}}
    mended = mend_facets(given, home)
    assert mended["a"] == {"x": 1, "_producer": PRODUCER, "_schemaURL": BASES[home]}
    assert mended["b"] == {"_producer": OWN, "_schemaURL": BASES[home]}
    assert mended["c"] is given["c"]
    assert given["a"] == {"x": 1}


def test_empty_facets_are_left_out() -> None:
    """A facet that is None says nothing; what has no shape of a facet is left for the encoder."""
    assert mend_facets({"a": None, "b": [1], "c": "x", 5: None}, "run") == {"b": [1], "c": "x"}
    clean = {"a": SQLJobFacet("x"), "b": [1]}
    assert mend_facets(clean, "job") is clean
    assert mend_facets({}, "job") == {}


def test_parts_may_be_dicts() -> None:
    """Run, job and datasets given as dicts become what they describe."""
    event = _event(
        run={"runId": RUN, "facets": {"a": {}}},
        job={"namespace": "n", "name": "j"},
        inputs=[{"namespace": "a", "name": "b"}],
        outputs=[MappingProxyType({"namespace": "a", "name": "c", "outputFacets": None})],
    )
    mended = mend_event(event)
    assert mended.run == Run(RUN, {"a": {}})
    assert mended.job == Job("n", "j")
    assert mended.inputs == [InputDataset("a", "b")]
    assert mended.outputs == [OutputDataset("a", "c")]


def test_what_is_no_dataset_is_left_out() -> None:
    """One bad item costs itself alone and is said."""
    good = InputDataset("a", "b")
    mended = mend_event(_event(inputs=[None, good, "s3://x/y", {"name": "lonely"}, 5]))
    assert mended.inputs == [good]
    assert report.counts() == {"mend.part": 4}


@pytest.mark.parametrize(
    "facets", [None, [], "x", OrderedDict(a={"x": 1}), MappingProxyType({"a": {"x": 1}})]
)
def test_facets_are_dicts_afterwards(facets: Any) -> None:
    """Whatever was given in place of the dict, the rest of the event goes on."""
    event = _event(run=Run(RUN), job=Job("n", "j"), inputs=[InputDataset("a", "b")])
    event.run.facets = event.job.facets = event.inputs[0].facets = event.inputs[0].inputFacets = facets
    mended = mend_event(event)
    for found in (
        mended.run.facets,
        mended.job.facets,
        mended.inputs[0].facets,
        mended.inputs[0].inputFacets,
    ):
        assert type(found) is dict
        assert found == ({"a": {"x": 1}} if hasattr(facets, "keys") else {})
    assert event.run.facets is facets


def test_unknown_fields_of_a_decoded_event_stay() -> None:
    """What was read from JSON and fits no field is still sent after mending."""
    event = decode(
        {
            "eventTime": "2026-11-22T10:00:00",
            "producer": "no.scheme",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": RUN},
            "job": {"namespace": "n", "name": "j"},
            "custom": 1,
        }
    )
    body = encode(mend_event(event))
    assert b'"custom":1' in body
    assert b"https://no.scheme" in body
