"""Direct delivery: the event is there when submit returns, and no exception of a wire comes back with it."""

import contextlib
import gc
import logging
import threading
from typing import Any

import pytest

from lineage_kit import report
from lineage_kit.delivery import DirectDelivery
from lineage_kit.delivery.base import in_words
from lineage_kit.delivery.process import incarnation
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.errors import BrokenDestination, LineageError, Rejected, Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.notes.scope import Suppressed, current_scope
from tests.delivery.stand_ins import PATIENCE, Answers, Gate, Recorder, event, total, whole_run


def test_events_are_there_when_submit_returns() -> None:
    """Sent on the caller's own thread, in order, nothing owed."""
    wire = Recorder()
    delivery = DirectDelivery(wire, "file")
    for count, one in enumerate(whole_run("a"), 1):
        assert delivery.submit(one)
        assert len(wire.sent) == count
    assert wire.threads == {threading.get_ident()}
    assert delivery.flush(0.0)
    status = delivery.status()[0]
    assert (status.mode, status.owed, status.delivered, status.dropped) == ("direct", 0, 2, {})


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unreachable("refused"), "failed"),
        (BrokenDestination("read-only"), "failed"),
        (Rejected("400"), "rejected"),
        (OSError("disk full"), "failed"),
        (RecursionError(), "failed"),
    ],
)
def test_a_failure_is_counted_and_said_and_not_raised(
    error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The event is lost, the caller goes on, and the next event is tried."""
    delivery = DirectDelivery(Recorder(Answers([error])), "file")
    assert [delivery.submit(one) for one in whole_run("a")] == [False, True]
    status = delivery.status()[0]
    assert (status.delivered, status.dropped, status.owed) == (1, {reason: 1}, 0)
    assert "file did not take an event" in caplog.text
    assert in_words(error) in caplog.text


@pytest.mark.parametrize(
    ("failures", "said"), [(0, []), (1, []), (3, ["3 lineage events were lost: file did not take them"])]
)
def test_how_many_were_lost_is_said_at_the_close(
    failures: int, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Trouble is spoken of once a minute, so that the end tells the sum, once; a single loss has been told."""
    delivery = DirectDelivery(Recorder(Answers([OSError()] * failures)), "file")
    for number in range(5):
        delivery.submit(event(f"run{number}"))
    told = len(caplog.messages)
    assert told == bool(failures)
    assert delivery.close(1.0)
    assert delivery.close(1.0)
    assert caplog.messages[told:] == said
    assert incarnation().last_words == set()


def test_strict_turns_a_failure_into_an_exception() -> None:
    """Tests that ask for it hear of trouble at once; the counts are the same."""
    report.use_strict(True)
    delivery = DirectDelivery(Recorder(Answers([OSError()])), "file")
    with pytest.raises(LineageError, match="file did not take an event"):
        delivery.submit(event("a"))
    assert delivery.status()[0].dropped == {"failed": 1}
    assert delivery.submit(event("b"))


def test_what_interrupts_the_user_passes_through() -> None:
    """KeyboardInterrupt in the middle of a send reaches the user; the event goes out before the next one."""
    wire = Recorder(Answers([KeyboardInterrupt()]))
    delivery = DirectDelivery(wire, "file")
    with pytest.raises(KeyboardInterrupt):
        delivery.submit(event("a"))
    assert delivery.status()[0].owed == 1
    assert delivery.submit(event("b"))
    assert [one.run_id for one in wire.sent] == ["a", "b"]
    status = delivery.status()[0]
    assert (status.delivered, status.dropped, status.owed) == (2, {}, 0)


def test_an_event_at_which_a_transport_always_interrupts_is_given_up() -> None:
    """It keeps no other event back for ever; the loss is counted."""
    delivery = DirectDelivery(Recorder(Answers([KeyboardInterrupt()] * 3)), "file")
    with pytest.raises(KeyboardInterrupt):
        delivery.submit(event("a"))
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            delivery.flush(0.0)
    assert delivery.submit(event("b"))
    status = delivery.status()[0]
    assert (status.delivered, status.dropped, status.owed) == (1, {"interrupted": 1}, 0)


@pytest.mark.parametrize("failures", [0, 1])
def test_an_interrupted_submit_may_be_repeated(failures: int) -> None:
    """Whether the event went out or still waits: `again` with the same object sends it once."""
    wire = Recorder(Answers([KeyboardInterrupt()] * failures))
    delivery = DirectDelivery(wire, "file")
    one = event("a")
    with contextlib.suppress(KeyboardInterrupt):
        delivery.submit(one)
    assert delivery.submit(one, again=True)
    assert (len(wire.sent), delivery.status()[0].owed) == (1, 0)


def test_close_sends_what_an_interrupted_submit_left() -> None:
    """An event that waits is not forgotten by who closes."""
    wire = Recorder(Answers([KeyboardInterrupt()]))
    delivery = DirectDelivery(wire, "file")
    with pytest.raises(KeyboardInterrupt):
        delivery.submit(event("a"))
    assert delivery.close(1.0)
    assert len(wire.sent) == 1


def test_a_full_stack_is_no_fault_of_the_transport() -> None:
    """At the recursion limit an event is not lost: it waits until there is room."""

    def deep() -> None:
        delivery.submit(event(None, None))
        deep()

    wire = Recorder()
    delivery = DirectDelivery(wire, "file")
    with pytest.raises(RecursionError):
        deep()
    assert delivery.flush(1.0)
    assert delivery.status()[0].dropped == {}


def test_flush_sends_what_an_interrupted_submit_left() -> None:
    """An interruption between taking an event and sending it does not lose it."""
    wire = Recorder()
    delivery = DirectDelivery(wire, "file")
    delivery._here.get().waiting.append(event("left"))
    assert delivery.status()[0].owed == 1
    assert delivery.flush(0.0)
    assert (len(wire.sent), delivery.status()[0].owed) == (1, 0)


def test_a_budget_allows_more_than_one_try() -> None:
    """Within its budget a submit tries until the event is there."""
    wire = Recorder(Answers([Unreachable("503")] * 3))
    delivery = DirectDelivery(wire, "http", budget=PATIENCE, retry=RetryPolicy(factor=0.0))
    assert delivery.submit(event("a"))
    assert len(wire.tries) == 4
    assert delivery.status()[0].dropped == {}


def test_a_budget_ends() -> None:
    """When no further try fits into the budget the event is given up and counted."""
    wire = Recorder(Answers([Unreachable("503", retry_after=100.0)] * 3))
    delivery = DirectDelivery(wire, "http", budget=1.0)
    assert not delivery.submit(event("a"))
    assert len(wire.tries) == 1
    assert delivery.status()[0].dropped == {"failed": 1}


@pytest.mark.parametrize("error", [Rejected("400"), BrokenDestination("404")])
def test_a_budget_is_not_spent_on_what_cannot_get_better(error: Exception) -> None:
    """A malformed event, or a wrong address, is tried once."""
    wire = Recorder(Answers([error] * 3))
    delivery = DirectDelivery(wire, "http", budget=PATIENCE, retry=RetryPolicy(factor=0.0, longest=0.0))
    assert not delivery.submit(event("a"))
    assert len(wire.tries) == 1


def test_one_event_is_sent_at_a_time() -> None:
    """Threads take turns; none of their events is lost or torn."""
    wire = Recorder()
    delivery = DirectDelivery(wire, "file")

    def emit(number: int) -> None:
        for run in range(20):
            for one in whole_run(f"{number}-{run}"):
                assert delivery.submit(one)

    threads = [threading.Thread(target=emit, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (len(wire.sent), wire.most_at_once) == (2000, 1)
    assert delivery.status()[0].delivered == 2000


def test_an_event_emitted_by_the_send_itself_follows_after_it() -> None:
    """Who comes in again on his own thread is neither deadlocked nor nested into the send."""
    more = [event("inner", "START"), event("inner", "COMPLETE")]

    def answer(envelope: Envelope) -> None:
        if more:
            assert delivery.submit(more.pop(0))

    wire = Recorder(answer)
    delivery = DirectDelivery(wire, "file")
    assert delivery.submit(event("outer"))
    assert [(one.run_id, one.state) for one in wire.sent] == [
        ("outer", "START"),
        ("inner", "START"),
        ("inner", "COMPLETE"),
    ]
    assert wire.most_at_once == 1


def test_a_logging_handler_that_emits_does_not_go_round_in_circles() -> None:
    """A failure is logged, the handler emits, that fails too: both are counted and the first is said."""
    wire = Recorder(Answers([OSError()] * 2))
    delivery = DirectDelivery(wire, "file")

    class Emitting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            delivery.submit(event("from-logging"))

    handler = Emitting()
    logging.getLogger("lineage_kit").addHandler(handler)
    try:
        assert not delivery.submit(event("a"))
    finally:
        logging.getLogger("lineage_kit").removeHandler(handler)
    assert len(wire.tries) == 2
    assert total(delivery.status()[0]) == 2


def test_a_finaliser_that_emits_during_a_send_is_heard() -> None:
    """Garbage collected in the middle of a send may end runs of its own."""

    class Ending:
        def __init__(self) -> None:
            self.cycle = self

        def __del__(self) -> None:
            delivery.submit(event("from-finaliser"))

    def answer(envelope: Envelope) -> None:
        if envelope.run_id == "a":
            Ending()
            gc.collect()

    wire = Recorder(answer)
    delivery = DirectDelivery(wire, "file")
    assert delivery.submit(event("a"))
    assert [one.run_id for one in wire.sent] == ["a", "from-finaliser"]


def test_delivering_is_not_watched() -> None:
    """What a transport does opens no run and is not captured; the caller's own scope comes back."""
    scopes: list[Any] = []
    delivery = DirectDelivery(Recorder(lambda envelope: scopes.append(current_scope())), "file")
    before = current_scope()
    delivery.submit(event("a"))
    assert isinstance(scopes[0], Suppressed)
    assert current_scope() is before


def test_closing_closes_the_transport_once_and_refuses_what_comes_after() -> None:
    """Events after the close are counted; closing again changes nothing."""
    wire = Recorder()
    delivery = DirectDelivery(wire, "file")
    delivery.submit(event("a"))
    assert delivery.close(PATIENCE)
    assert delivery.close(PATIENCE)
    assert not delivery.submit(event("b"))
    status = delivery.status()[0]
    assert (wire.closed, status.delivered, status.dropped) == (1, 1, {"closed": 1})


def test_close_does_not_wait_for_a_send_that_never_ends() -> None:
    """Another thread's hanging send costs the time-out; the transport is not closed under its feet."""
    gate = Gate()
    wire = Recorder(gate)
    delivery = DirectDelivery(wire, "file")
    thread = threading.Thread(target=delivery.submit, args=(event("a"),))
    thread.start()
    assert gate.entered.wait(PATIENCE)
    assert not delivery.close(0.05)
    assert wire.closed == 0
    gate.open()
    thread.join(PATIENCE)


def test_a_transport_that_cannot_close_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """An exception in close stays inside."""

    class Wire(Recorder):
        def close(self, timeout: float = 1.0) -> None:
            raise OSError("stale handle")

    assert DirectDelivery(Wire(), "file").close(1.0)
    assert "closing file failed (OSError)" in caplog.text
