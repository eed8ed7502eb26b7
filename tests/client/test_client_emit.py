"""What `emit` takes, what it mends on the way, and what happens around the end of a client."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

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
from lineage_kit.event import decode, encode, new_id
from lineage_kit.event.check import problems
from lineage_kit.transport import MemoryTransport
from tests.support.shared import needs_shared, real_events

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
TIME = "2026-11-22T10:00:00Z"
PRODUCER = "https://example.com/etl"


class Sent:
    """A client over memory, and what came out of it."""

    def __init__(self, **config: Any) -> None:
        self.transport = MemoryTransport()
        self.client = OpenLineageClient(transport=self.transport, config=config or None)

    def __call__(self, event: Any) -> dict[str, Any]:
        self.client.emit(event)
        assert len(self.transport.envelopes) == 1, report.counts()
        body = self.transport.envelopes[0].body
        self.transport.clear()
        return json.loads(body)


@pytest.fixture
def sent() -> Sent:
    """Emits an event and gives the JSON that left."""
    return Sent()


def test_positional_run_event_of_the_documentation(sent: Sent) -> None:
    """State, time, run, job, producer, inputs and outputs may be given by position."""
    event = RunEvent(
        RunState.COMPLETE,
        TIME,
        Run(ID),
        Job("shop", "load"),
        PRODUCER,
        [Dataset("a", "b")],
        [Dataset("c", "d")],
    )
    document = sent(event)
    assert document["eventType"] == "COMPLETE"
    assert document["inputs"] == [{"namespace": "a", "name": "b"}]
    assert document["outputs"] == [{"namespace": "c", "name": "d"}]
    assert problems(document) == []


def test_keyword_events_of_all_three_kinds(sent: Sent) -> None:
    """Run, job and dataset events leave valid, each with the schema of its kind."""
    job, dataset = Job(namespace="shop", name="load"), Dataset(namespace="a", name="b")
    events = [
        RunEvent(eventType=RunState.START, eventTime=TIME, run=Run(runId=ID), job=job, producer=PRODUCER),
        JobEvent(eventTime=TIME, job=job, producer=PRODUCER, inputs=[InputDataset("a", "b")]),
        DatasetEvent(eventTime=TIME, dataset=dataset, producer=PRODUCER),
    ]
    for event in events:
        document = sent(event)
        assert problems(document) == []
        assert document["schemaURL"].endswith(f"/{type(event).__name__}")


def test_subclasses_are_events_too(sent: Sent) -> None:
    """An event class of the user's own is sent with the fields it adds."""

    class Ours(RunEvent):
        team: str = "shop"

    assert sent(Ours(RunState.START, TIME, Run(ID), Job("a", "b"), PRODUCER))["team"] == "shop"


def test_mapping_with_what_python_holds(sent: Sent) -> None:
    """A mapping is an event, with times, UUIDs, states, tuples and our own structs in it."""
    event = {
        "eventType": RunState.FAIL,
        "eventTime": datetime(2026, 11, 22, 11, 0, tzinfo=timezone(timedelta(hours=1))),
        "run": MappingProxyType({"runId": uuid.UUID(ID)}),
        "job": Job("shop", "load"),
        "inputs": ({"namespace": "a", "name": "b"}, Dataset("c", "d")),
    }
    document = sent(MappingProxyType(event))
    assert problems(document) == []
    assert (document["eventType"], document["eventTime"]) == ("FAIL", "2026-11-22T11:00:00+01:00")
    assert [dataset["name"] for dataset in document["inputs"]] == ["b", "d"]


def test_unknown_keys_of_a_mapping_are_kept(sent: Sent) -> None:
    """Keys that the standard does not know leave with the event, their secrets masked."""
    document = sent(
        {
            "eventTime": TIME,
            "producer": PRODUCER,
            "run": {"runId": ID, "attempt": 3},
            "job": {"namespace": "a", "name": "b", "team": "shop"},
            "outputs": [{"namespace": "a", "name": "b", "region": "eu"}],
            "extra": {"password": "hunter2"},
        }
    )
    assert (document["run"]["attempt"], document["job"]["team"]) == (3, "shop")
    assert document["outputs"][0]["region"] == "eu"
    assert document["extra"] == {"password": "***"}


def test_unreadable_parts_of_a_mapping_are_said(sent: Sent) -> None:
    """What stands under a known key and is no such thing costs that key and a word."""
    run = {"runId": ID, "facets": "password=hunter2"}
    document = sent(
        {
            "eventTime": TIME,
            "eventType": "BEGIN",
            "run": run,
            "job": {"namespace": "a", "name": "b"},
            "inputs": None,
        }
    )
    assert problems(document) == []
    assert "hunter2" not in json.dumps(document)
    assert set(report.counts()) == {"client.unreadable:RunEvent.eventType", "client.unreadable:Run.facets"}


@needs_shared
def test_events_of_real_producers_can_be_sent_on() -> None:
    """An event that was decoded leaves with the same run, job and names of facets, unless they were empty."""
    sent = Sent(dataset={"reducing_enabled": False}, facets={"source_code_location": {"disabled": True}})
    for name, text in real_events():
        event, original = decode(text), json.loads(text)
        if original.get("run", {}).get("runId") == "run_id":
            continue  # see below
        document = sent(event)
        assert document.get("run", {}).get("runId") == original.get("run", {}).get("runId"), name
        facets = original.get("job", {}).get("facets") or {}
        assert set(document.get("job", {}).get("facets", {})) == {key for key in facets if facets[key]}, name
        assert set(document) >= {key for key in original if original[key] is not None}, name
        assert json.loads(encode(event)) == original, name


def test_event_with_an_id_that_is_none(caplog: pytest.LogCaptureFixture) -> None:
    """A run id that is no UUID cannot be mended: the event is not sent, and the warning says why."""
    sent = Sent()
    sent.client.emit({"eventTime": TIME, "run": {"runId": "run_id"}, "job": {"namespace": "a", "name": "b"}})
    assert not sent.transport.events
    assert "runId 'run_id' is not a UUID" in caplog.text


@pytest.mark.parametrize(
    "garbage",
    [None, 3, "text", b"{}", [], {}, {"run": {}}, object(), RunEvent, Job("a", "b"), float("nan"), lambda: 0],
)
def test_garbage_is_counted_and_not_raised(garbage: Any) -> None:
    """What is no event is not sent, and said."""
    sent = Sent()
    sent.client.emit(garbage)
    assert not sent.transport.events
    assert report.counts() == {"client.emit": 1}


@pytest.mark.parametrize("missing", ["run", "job"])
def test_event_that_lost_a_part(missing: str) -> None:
    """An event whose run or job was taken out after it was made is not sent, and said."""
    sent = Sent()
    event = RunEvent(RunState.START, TIME, Run(ID), Job("a", "b"), PRODUCER)
    setattr(event, missing, None)
    sent.client.emit(event)
    assert not sent.transport.events
    assert report.counts()["client.emit"] == 1


def test_naive_time_is_local_time(sent: Sent) -> None:
    """A time without zone is taken as local and sent in UTC."""
    naive = datetime(2026, 7, 1, 12, 30, 15)
    expected = naive.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    for given in (naive, naive.isoformat()):
        event = RunEvent(RunState.START, given, Run(ID), Job("a", "b"), PRODUCER)
        assert sent(event)["eventTime"] == expected
        assert event.eventTime == given


def test_producer_without_scheme_is_said_once(sent: Sent, caplog: pytest.LogCaptureFixture) -> None:
    """The documentation's own producer is sent as a URI, with one warning."""
    event = RunEvent(RunState.START, TIME, Run(ID), Job("a", "b"), "OpenLineage.io/website/blog-2")
    for _ in range(3):
        assert sent(event)["producer"] == "https://OpenLineage.io/website/blog-2"
    assert caplog.text.count("is no URI") == 1


def test_values_json_cannot_carry(sent: Sent) -> None:
    """NaN, NUL, half characters and foreign objects become markers, are said, and the rest arrives."""
    facet = {
        "nan": float("nan"),
        "nul": "a\x00b",
        "half": "\ud800",
        "object": object(),
        "kept": [1, "x", None],
    }
    document = sent(RunEvent(RunState.START, TIME, Run(ID, {"mine": facet}), Job("a", "b"), PRODUCER))
    mine = document["run"]["facets"]["mine"]
    assert (mine["nan"], mine["nul"], mine["half"]) == ("NaN", "a\ufffdb", "\ufffd")
    assert "unserialisable" in mine["object"]
    assert mine["kept"][:2] == [1, "x"]
    assert problems(document) == []
    assert any(cause.startswith("encode:") for cause in report.counts())


def test_plain_facet_gets_producer_and_schema(sent: Sent) -> None:
    """A facet given as a bare dict leaves with the two fields that the standard demands."""
    document = sent(RunEvent(RunState.START, TIME, Run(ID, {"mine": {"a": 1}}), Job("a", "b"), PRODUCER))
    assert set(document["run"]["facets"]["mine"]) == {"a", "_producer", "_schemaURL"}


def test_order_and_times_of_a_getting_started_pair() -> None:
    """Events leave in the order in which they were emitted."""
    transport = MemoryTransport()
    with OpenLineageClient(transport=transport) as client:
        for state in RunState:
            client.emit(RunEvent(state, datetime.now().isoformat(), Run(ID), Job("a", "b"), PRODUCER))
    assert [event.eventType for event in transport.events] == list(RunState)


def test_emit_after_close_is_counted_and_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    """An event that comes too late is dropped, counted at its destination and said."""
    transport = MemoryTransport()
    client = OpenLineageClient(transport=transport)
    event = RunEvent(RunState.START, TIME, Run(ID), Job("a", "b"), PRODUCER)
    client.emit(event)
    assert client.close()
    client.emit(event)
    assert client.close()
    [status] = client.status()
    assert (status.delivered, status.dropped) == (1, {"closed": 1})
    assert len(transport.events) == 1
    assert "closed" in caplog.text


def test_context_manager_delivers_and_closes() -> None:
    """Leaving the block flushes; an exception in it passes through."""
    transport = MemoryTransport()
    with pytest.raises(KeyError), OpenLineageClient(transport=transport) as client:
        client.emit(RunEvent(RunState.START, TIME, Run(ID), Job("a", "b"), PRODUCER))
        assert client.flush(1.0)
        raise KeyError
    assert len(transport.events) == 1
    client.emit(RunEvent(RunState.START, TIME, Run(ID), Job("a", "b"), PRODUCER))
    assert len(transport.events) == 1


def test_output_given_as_input_class(sent: Sent) -> None:
    """A dataset on the wrong side is sent as one of the side it stands on."""
    event = RunEvent(
        RunState.START,
        TIME,
        Run(ID),
        Job("a", "b"),
        PRODUCER,
        [OutputDataset("a", "b")],
        [InputDataset("c", "d")],
    )
    document = sent(event)
    assert (document["inputs"], document["outputs"]) == (
        [{"namespace": "a", "name": "b"}],
        [{"namespace": "c", "name": "d"}],
    )


def test_half_characters_in_names_cost_no_event_on_its_way_to_disk(tmp_path, caplog) -> None:
    """What stands beside the body in the journal can be written too, and so can what the log says of it."""
    config = {
        "delivery": {"exit_timeout": 0, "journal": {"directory": str(tmp_path / "journal"), "enabled": True}}
    }
    client = OpenLineageClient("http://127.0.0.1:9", config=config)
    client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(new_id()), Job("n\udfff", "a\ud800b")))
    (status,) = client.status()
    assert (status.owed, status.dropped) == (1, {})
    assert "job.namespace: holds NUL or half characters" in caplog.text.encode().decode()
    client.close(0)
