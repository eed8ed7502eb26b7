"""Decoding: lenient keeps whatever it does not know, strict lists every problem; neither is hurt by hostile input."""

import json
from typing import Any

import pytest

from lineage_kit.errors import DecodeError
from lineage_kit.event.decoding import decode
from lineage_kit.event.encoding import encode
from lineage_kit.event.facet import RunFacet
from lineage_kit.event.model import DatasetEvent, InputDataset, JobEvent, Run, RunEvent, RunState
from lineage_kit.facets import LineageJobFacet, NominalTimeRunFacet, ParentRunFacet, SQLJobFacet

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
BASE = {
    "_producer": "https://example.com",
    "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/SQLJobFacet.json",
}
RUN = {"runId": ID}
JOB = {"namespace": "n", "name": "j"}


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({"run": RUN, "job": JOB}, RunEvent),
        ({"job": JOB}, JobEvent),
        ({"dataset": JOB}, DatasetEvent),
        ({"job": JOB, "run": None}, JobEvent),
        ({"dataset": JOB, "run": RUN}, DatasetEvent),
    ],
)
def test_the_kind_of_event_shows_in_its_parts(tree: dict[str, Any], kind: type) -> None:
    """Run and job make a run event, job a job event, dataset a dataset event."""
    event = decode(json.dumps(tree))
    assert type(event) is kind
    assert json.loads(encode(event)) == tree


ODD: list[dict[str, Any]] = [
    {"run": {}, "job": {}},
    {"run": {"runId": "bad"}, "job": JOB, "eventType": "LATER"},
    {"run": {"runId": 5}, "job": {"namespace": "", "name": None}, "eventType": None},
    {"run": RUN, "job": JOB, "producer": None, "schemaURL": 7, "eventTime": []},
    {"run": {**RUN, "facets": {}}, "job": {**JOB, "facets": None}, "inputs": None, "outputs": {}},
    {"run": {**RUN, "facets": {"a": None, "b": 5, "c": {}, "d": {"x": None}}}, "job": JOB},
    {
        "run": {**RUN, "facets": {"parent": {**BASE, "run": {**RUN, "facets": {}}, "job": JOB}}},
        "job": JOB,
        "x": None,
    },
    {
        "run": {**RUN, "facets": {"parent": {**BASE, "run": {**RUN, "facets": []}, "job": JOB}}},
        "job": JOB,
        "x": None,
    },
    {"run": RUN, "job": {**JOB, "facets": {"sql": {**BASE, "query": 5}, "tags": []}}},
    {
        "run": RUN,
        "job": JOB,
        "inputs": [{**JOB, "facets": {}, "inputFacets": {}, "x": 1}, {}],
        "extra": {"y": None},
    },
    {"run": RUN, "job": JOB, "inputs": [5, JOB], "outputs": [None]},
    {"run": RUN, "job": JOB, "big": 2**80, "half": 0.5, "whole": 3.0, "tiny": 1e-300, "zero": -0.0},
    {"dataset": {**JOB, "inputFacets": {"a": 1}}, "job": 5},
    {"job": JOB, "eventType": "START", "dataset": "x"},
]


@pytest.mark.parametrize("tree", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize(
    "form", [json.dumps, lambda tree: json.dumps(tree).encode(), dict], ids=["str", "bytes", "dict"]
)
def test_odd_events_come_back_as_they_were(tree: dict[str, Any], form: Any) -> None:
    """Unknown keys at any level, nulls, wrong types, empty facets and absent parts survive reading and writing."""
    back = json.loads(encode(decode(form(tree))))
    assert back == tree
    assert json.dumps(back, sort_keys=True) == json.dumps(tree, sort_keys=True)


@pytest.mark.parametrize("tree", ODD, ids=range(len(ODD)))
def test_fields_hold_their_types_whatever_was_read(tree: dict[str, Any]) -> None:
    """Who reads a decoded event meets texts, dicts and lists where they belong."""
    event = decode(tree)
    assert isinstance(event.eventTime, str)
    assert isinstance(event.producer, str)
    if not isinstance(event, DatasetEvent):
        assert isinstance(event.job.name, str)
        assert isinstance(event.job.facets, dict)
        assert all(type(dataset) is InputDataset for dataset in event.inputs)
    if isinstance(event, RunEvent):
        assert isinstance(event.run.runId, str)
        assert not event.eventType or isinstance(event.eventType, RunState)


def test_facets_are_typed_where_nothing_is_lost() -> None:
    """Known facets become objects, with nested parts; with one unknown key they stay plain."""
    facets = {
        "parent": {**BASE, "run": RUN, "job": JOB, "root": {"run": RUN, "job": JOB}},
        "nominalTime": {**BASE, "nominalStartTime": "2026-11-22T00:00:00Z", "more": 1},
    }
    lineage = {
        **BASE,
        "entries": [{"type": "JOB", "inputs": [{"type": "DATASET", "namespace": "n", "name": "d"}]}],
    }
    tree = {
        "run": {**RUN, "facets": facets},
        "job": {**JOB, "facets": {"sql": {**BASE, "query": "x"}, "lineage": lineage}},
    }
    event = decode(tree)
    assert isinstance(event, RunEvent)
    parent = event.run.facets["parent"]
    assert isinstance(parent, ParentRunFacet)
    assert parent.root.run == Run(ID)  # type: ignore[union-attr]
    assert isinstance(event.job.facets["lineage"], LineageJobFacet)
    assert isinstance(event.job.facets["sql"], SQLJobFacet)
    assert event.run.facets["nominalTime"] == facets["nominalTime"]
    assert not isinstance(event.run.facets["nominalTime"], NominalTimeRunFacet)


def test_a_facet_of_ones_own_is_typed_once_its_class_is_known() -> None:
    """Declaring the class is enough; one that raises leaves the facet plain."""

    class PickyRunFacet(RunFacet, key="picky", schema="https://example.com/Picky.json"):
        size: int

        def __post_init__(self) -> None:
            if self.size > 3:
                raise KeyError(self.size)

    small, large = {**BASE, "size": 3}, {**BASE, "size": 4}
    for facet, expected in ((small, PickyRunFacet), (large, dict)):
        event = decode({"run": {**RUN, "facets": {"picky": facet}}, "job": JOB})
        assert type(event.run.facets["picky"]) is expected  # type: ignore[union-attr]
        assert json.loads(encode(event))["run"]["facets"]["picky"] == facet


def test_changes_after_decoding_win() -> None:
    """What the user sets is sent, also where something odd was read."""
    event = decode({"run": {"runId": "bad"}, "job": JOB, "eventType": "LATER", "producer": None, "x": 1})
    assert isinstance(event, RunEvent)
    event.eventType, event.producer, event.run = RunState.FAIL, "https://example.com", Run(ID)
    event.job.facets["sql"] = SQLJobFacet("x")
    sent = json.loads(encode(event))
    assert (sent["eventType"], sent["producer"], sent["run"], sent["x"]) == (
        "FAIL",
        "https://example.com",
        RUN,
        1,
    )
    assert sent["job"]["facets"]["sql"]["query"] == "x"


BROKEN: list[tuple[Any, str]] = [
    (b"", "is not JSON"),
    ("{", "is not JSON"),
    (b"\xff\xfe{\x00}\x00", "is not UTF-8: byte 0xff at offset 0"),
    (b'{"a": "\xe4"}', "is not UTF-8: byte 0xe4 at offset 7"),
    ("[" * 100_000, "nested too deep"),
    ('{"a":' * 100_000, "nested too deep"),
    ("NaN", "NaN is not a JSON number"),
    ('{"run": {}, "job": {}, "x": Infinity}', "Infinity is not a JSON number"),
    ('{"job": {}} {}', "Extra data"),
    ("[]", "must be one JSON object, not a list"),
    ("null", "not null"),
    ("5", "not 5"),
    ('"x"', "not 'x'"),
    ("{}", "holds neither run and job"),
    ('{"x": ' + "9" * 5000 + "}", "is not JSON"),
]


@pytest.mark.parametrize(("data", "message"), BROKEN, ids=[message for _, message in BROKEN])
@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_what_is_no_event_is_one_error(data: Any, message: str, strict: bool) -> None:
    """Text that is no JSON, no object, too deep, or holds no event gives a DecodeError that says so."""
    with pytest.raises(DecodeError, match=message) as caught:
        decode(data, strict=strict)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("tree", [{"run": RUN}, {"run": RUN, "job": 5}, {"job": [], "dataset": "x"}])
def test_without_its_parts_there_is_no_event(tree: dict[str, Any]) -> None:
    """Even lenient decoding needs a run and a job, a job, or a dataset that are objects."""
    with pytest.raises(DecodeError, match="holds neither run and job"):
        decode(tree)


def test_a_byte_order_mark_and_half_characters_are_read() -> None:
    """Lenient decoding takes what other JSON readers take; half characters leave as U+FFFD."""
    event = decode(b'\xef\xbb\xbf{"job": {"namespace": "n", "name": "cut \\ud83d"}}')
    assert json.loads(encode(event)) == {"job": {"namespace": "n", "name": "cut \ufffd"}}


def test_strict_lists_every_problem_with_its_path() -> None:
    """One error tells all, warnings too; a valid event is read as ever."""
    tree = {
        "run": {"runId": 5, "facets": {"parent": {}}},
        "job": {"namespace": "n"},
        "eventTime": "2026-11-22T10:00:00",
    }
    with pytest.raises(DecodeError) as caught:
        decode(tree, strict=True)
    paths = [problem.path for problem in caught.value.problems]  # type: ignore[attr-defined]
    assert set(paths) >= {
        "run.runId",
        "job.name",
        "eventTime",
        "producer",
        "schemaURL",
        "run.facets.parent.run",
    }
    for path in paths:
        assert path in str(caught.value)
    good = encode(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), decode({"job": JOB}).job))  # type: ignore[union-attr]
    assert decode(good, strict=True) == decode(good)


def test_the_public_name_stays_a_function() -> None:
    """`lineage_kit.event.decode` can be called, also after the module that does the work was loaded."""
    import lineage_kit.event
    import lineage_kit.event.decoding

    event = lineage_kit.event.decode(
        {"eventTime": "2026-11-22T10:00:00Z", "job": {"namespace": "a", "name": "b"}}
    )
    assert isinstance(event, lineage_kit.event.decoding.JobEvent)
