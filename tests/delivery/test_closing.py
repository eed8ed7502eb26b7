"""Flushing and closing end when they say they do, whatever a transport does."""

import threading

import pytest

from lineage_kit.delivery.retry import RetryPolicy
from tests.delivery.conftest import Background
from tests.delivery.stand_ins import PATIENCE, Gate, Outage, Recorder, event, total, whole_run


def test_flush_is_true_when_nothing_is_owed(background: Background) -> None:
    """After flush said True, everything submitted before has reached the destination."""
    wire = Recorder()
    delivery = background(wire)
    for run in range(50):
        delivery.submit(event(run))
    assert delivery.flush(PATIENCE)
    assert len(wire.sent) == 50
    assert delivery.flush(0.0)


def test_flush_is_false_when_time_is_up(background: Background) -> None:
    """A destination that does not answer makes flush wait no longer than it was told to."""
    gate = Gate()
    delivery = background(Recorder(gate))
    delivery.submit(event("a"))
    assert not delivery.flush(0.05)
    assert not delivery.flush(-1.0)
    gate.open()
    assert delivery.flush(PATIENCE)


def test_flush_on_the_workers_own_thread_does_not_wait_for_itself(background: Background) -> None:
    """A transport that flushes while it sends gets its answer at once."""
    answers = []
    delivery = background(Recorder(lambda envelope: answers.append(delivery.flush(PATIENCE))))
    delivery.submit(event("a"))
    assert delivery.flush(PATIENCE)
    assert answers == [False]


def test_several_threads_may_flush_at_once(background: Background) -> None:
    """All who wait hear that nothing is owed any more."""
    gate = Gate()
    delivery = background(Recorder(gate))
    delivery.submit(event("a"))
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(delivery.flush(PATIENCE))) for _ in range(10)]
    for thread in threads:
        thread.start()
    gate.open()
    for thread in threads:
        thread.join(PATIENCE)
    assert answers == [True] * 10


def test_close_delivers_what_is_owed_and_closes_the_transport_once(background: Background) -> None:
    """Nothing is left behind; closing again changes nothing."""
    wire = Recorder()
    delivery = background(wire)
    for run in range(50):
        delivery.submit(event(run))
    assert delivery.close(PATIENCE)
    assert delivery.close(PATIENCE)
    assert (len(wire.sent), wire.closed) == (50, 1)


def test_a_delivery_that_was_never_used_closes_its_transport(background: Background) -> None:
    """Closing needs no event before it."""
    wire = Recorder()
    assert background(wire).close(PATIENCE)
    assert wire.closed == 1


def test_the_transport_is_closed_by_the_thread_that_sends(background: Background) -> None:
    """A transport need not be safe against close during send."""
    threads = []

    class Wire(Recorder):
        def close(self, timeout: float = 1.0) -> None:
            threads.append(threading.get_ident())

    wire = Wire()
    delivery = background(wire)
    delivery.submit(event("a"))
    assert delivery.close(PATIENCE)
    assert set(threads) == wire.threads


def test_events_after_close_are_refused_counted_and_said_once(
    background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    """Emitting after closing is a mistake that shows, and harms nothing."""
    wire = Recorder()
    delivery = background(wire)
    delivery.submit(event("a"))
    assert delivery.close(PATIENCE)
    assert [delivery.submit(one) for one in whole_run("b")] == [False, False]
    assert delivery.status()[0].dropped == {"closed": 2}
    assert caplog.text.count("after wire was closed") == 1
    assert delivery.flush(0.0)
    assert len(wire.sent) == 1


def test_close_returns_although_the_transport_never_does(background: Background) -> None:
    """A send that hangs for ever costs the time-out; what could not be sent is counted."""
    gate = Gate()
    wire = Recorder(gate)
    delivery = background(wire)
    for run in range(3):
        delivery.submit(event(run))
    assert gate.entered.wait(PATIENCE)
    assert not delivery.close(0.05)
    assert not delivery.close(PATIENCE)
    status = delivery.status()[0]
    assert (status.owed, status.dropped, total(status)) == (0, {"closed": 3}, 3)
    gate.open()
    wire.wait(lambda wire: wire.closed == 1)
    assert total(delivery.status()[0]) == 3


def test_close_returns_although_closing_the_transport_never_does(background: Background) -> None:
    """A transport whose close hangs or raises does not hold up the program."""
    gate = Gate()

    class Hanging(Recorder):
        def close(self, timeout: float = 1.0) -> None:
            gate(event("a"))

    class Raising(Recorder):
        def close(self, timeout: float = 1.0) -> None:
            raise SystemExit

    for wire in (Hanging(), Raising()):
        delivery = background(wire)
        delivery.submit(event("a"))
        assert delivery.close(0.2)
    gate.open()


def test_close_gives_a_destination_that_is_left_alone_one_more_try(background: Background) -> None:
    """The last chance is not spent in a pause between tries."""
    outage = Outage()
    wire = Recorder(outage)
    delivery = background(wire, retry=RetryPolicy(total=0, factor=3600.0, longest=3600.0))
    delivery.submit(event("a"))
    wire.wait(lambda wire: len(wire.tries) == 1)
    outage.over()
    assert delivery.close(PATIENCE)
    assert len(wire.sent) == 1


def test_submitting_while_closing_loses_nothing_from_sight(background: Background) -> None:
    """Each event that meets a close is either delivered or counted as refused."""
    wire = Recorder()
    delivery = background(wire)
    taken: list[bool] = []
    started = threading.Event()

    def emit() -> None:
        for run in range(2000):
            taken.append(delivery.submit(event(run)))
            if run == 100:
                started.set()

    thread = threading.Thread(target=emit)
    thread.start()
    assert started.wait(PATIENCE)
    assert delivery.close(PATIENCE)
    thread.join()
    status = delivery.status()[0]
    assert (len(taken), total(status)) == (2000, 2000)
    assert len(wire.sent) == status.delivered == sum(taken)
