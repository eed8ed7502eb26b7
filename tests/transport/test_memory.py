"""Events kept in this process."""

from lineage_kit import report
from lineage_kit.event.model import RunEvent
from lineage_kit.transport.memory import MemoryConfig, MemoryTransport


def test_events_come_back_as_objects(envelope) -> None:
    """Decoded when they are asked for, the same objects each time, readable after closing."""
    transport = MemoryTransport()
    transport.send(envelope("one"))
    first = transport.events
    transport.send(envelope("two", "COMPLETE"))
    transport.close()
    assert [type(event) for event in transport.events] == [RunEvent, RunEvent]
    assert [(event.job.name, str(event.eventType)) for event in transport.events] == [
        ("one", "START"),
        ("two", "COMPLETE"),
    ]
    assert transport.events[0] is first[0]
    assert transport.envelopes[0].body == envelope("one").body


def test_the_oldest_go_when_it_is_full(envelope) -> None:
    """And that is said."""
    transport = MemoryTransport(MemoryConfig(max_events=2))
    for job in ("a", "b", "c"):
        transport.send(envelope(job))
    assert [event.job.name for event in transport.events] == ["b", "c"]
    assert report.counts() == {"memory.full": 1}


def test_it_can_be_emptied(envelope) -> None:
    """For the next test."""
    transport = MemoryTransport()
    transport.send(envelope())
    transport.clear()
    assert transport.events == []
