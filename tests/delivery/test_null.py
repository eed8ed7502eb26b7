"""Delivery to nowhere."""

from __future__ import annotations

from lineage_kit import OpenLineageClient, configure, lineage_job, status


def test_events_to_nowhere_are_counted() -> None:
    """``noop`` takes every event, owes nothing and says how many there were."""
    configure(transport="noop")
    lineage_job("job")(lambda: None)()
    (destination,) = status()["destinations"]
    assert (destination.delivered, destination.owed, destination.destination) == (2, 0, "nowhere")


def test_closing_nowhere() -> None:
    """A client without a wire flushes and closes at once."""
    with OpenLineageClient(config={"transport": {"type": "null"}}) as client:
        assert client.flush(0)
    assert client.close(0)
