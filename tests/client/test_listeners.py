"""Whoever shows what leaves to a person sees each event once, whatever becomes of it."""

from lineage_kit import OpenLineageClient, lineage_job
from lineage_kit.client.client import do_not_listen, listen
from lineage_kit.event import new_id
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.model import Job, Run, RunEvent, RunState


def test_listeners_see_each_event_of_every_client(lineage_events) -> None:
    """Of decorated functions and of clients, until they stop; and the events go where they go."""
    heard: list[Envelope] = []
    listen(heard.append)
    try:
        lineage_job(lambda: None)()
        with OpenLineageClient() as client:
            client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(new_id()), Job("n", "j")))
    finally:
        do_not_listen(heard.append)
    lineage_job(lambda: None)()
    assert [envelope.state for envelope in heard] == ["START", "COMPLETE", "START"]
    assert [envelope.body for envelope in heard] == lineage_events.bodies[:3]
    assert len(lineage_events) == 5


def test_a_client_that_is_disabled_has_nothing_to_show() -> None:
    """What is not sent is not shown."""
    heard: list[Envelope] = []
    listen(heard.append)
    try:
        client = OpenLineageClient(config={"disabled": True})
        client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(new_id()), Job("n", "j")))
    finally:
        do_not_listen(heard.append)
    assert heard == []


def test_a_listener_that_fails_costs_no_event(lineage_events) -> None:
    """It is shown what has been handed over already."""

    def broken(_envelope: Envelope) -> None:
        raise RuntimeError("cannot show it")

    listen(broken)
    try:
        OpenLineageClient().emit(
            RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(new_id()), Job("n", "j"))
        )
    finally:
        do_not_listen(broken)
    assert lineage_events.states == ["START j"]
