"""More threads for a destination that bears them: while many events wait, one event of a run at a time."""

import threading
from collections import Counter

import pytest

from lineage_kit.delivery.sending.sender import FEW
from lineage_kit.errors import Unreachable
from lineage_kit.event.envelope import Envelope
from tests.delivery.stand_ins import PATIENCE, Gate, Outage, Recorder, event, in_order, whole_run

MANY = 4 * FEW
LANES = 5


class Wide(Recorder):
    """Bears several tries at the same time; notes which runs are under way together."""

    def __init__(self, answer=lambda envelope: None, lanes: int = LANES) -> None:
        super().__init__(answer)
        self.lanes = lanes
        self.together: list[str] = []
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def send(self, envelope: Envelope) -> str:
        """One try."""
        with self._lock:
            self._under_way[envelope.run_id] += 1
            if self._under_way[envelope.run_id] > 1:
                self.together.append(envelope.run_id)
        try:
            return super().send(envelope)
        finally:
            with self._lock:
                self._under_way[envelope.run_id] -= 1


@pytest.mark.parametrize("lanes", [1, 2, LANES])
def test_as_many_threads_as_the_transport_bears(background, lanes: int) -> None:
    """All of them are at it while many events wait, and never one more."""
    gate = Gate()
    wire = Wide(gate, lanes)
    delivery = background(wire)
    for number in range(MANY):
        delivery.submit(event(number))
    wire.wait(lambda wire: len(wire.tries) == lanes)
    gate.open()
    assert delivery.flush(PATIENCE)
    assert wire.most_at_once == lanes
    assert len(wire.sent) == MANY


def test_few_events_go_on_one_thread_as_they_came(background) -> None:
    """Where little waits it is not worth another connection: all in order, over one thread."""
    gate = Gate()
    wire = Wide(gate)
    delivery = background(wire)
    given = [one for number in range(FEW // 2 - 1) for one in whole_run(number)]
    for one in given:
        delivery.submit(one)
    gate.open()
    assert delivery.flush(PATIENCE)
    assert wire.most_at_once == len(wire.threads) == 1
    assert wire.sent == given


def test_one_event_of_a_run_is_under_way(background) -> None:
    """The next waits for its verdict, however many threads there are: each run arrives in order."""
    wire = Wide()
    delivery = background(wire)
    for number in range(MANY):
        for state in ("START", "RUNNING", "COMPLETE"):
            delivery.submit(event(number % (LANES + 1), state, mark=number))
            delivery.submit(event(f"other {number}", state))
    assert delivery.flush(PATIENCE)
    assert wire.together == []
    assert in_order(one for one in wire.sent if str(one.run_id).startswith("other"))
    for run in range(LANES + 1):
        marks = [int(one.body.split(b":")[2]) for one in wire.sent if one.run_id == str(run)]
        assert marks == sorted(marks)


def test_one_knocks_at_a_destination_that_is_down(background) -> None:
    """Helpers do not hammer it: after a failure one try at a time, until one gets through."""
    outage, gate = Outage(), Gate()
    wire = Wide(outage)
    delivery = background(wire)
    delivery.submit(event("first"))
    wire.wait(lambda wire: len(wire.tries) >= 2)
    for number in range(MANY):
        delivery.submit(event(number))
    tries = len(wire.tries)
    wire.wait(lambda wire: len(wire.tries) > tries + 10)
    assert wire.most_at_once == 1
    outage.over()
    assert delivery.flush(PATIENCE)
    assert len(wire.sent) == MANY + 1
    gate.open()


def test_a_failure_of_one_thread_stops_the_others(background) -> None:
    """What is under way ends; nobody begins another try but one who knocks."""
    failures = threading.Semaphore(LANES)
    gate = Gate()

    def answer(envelope: Envelope) -> None:
        gate(envelope)
        if failures.acquire(blocking=False):
            raise Unreachable("refused")

    wire = Wide(answer)
    delivery = background(wire)
    given = [one for number in range(MANY) for one in whole_run(number)]
    for one in given:
        delivery.submit(one)
    wire.wait(lambda wire: len(wire.tries) == LANES)
    gate.open()
    assert delivery.flush(PATIENCE)
    assert Counter(wire.sent) == Counter(given)
    assert in_order(wire.sent)
    assert wire.together == []


def test_helpers_are_gone_when_there_is_nothing_to_do(background) -> None:
    """No thread of theirs outlives what they came for; after the close there is none at all."""
    gate = Gate()
    wire = Wide(gate)
    delivery = background(wire)
    helpers = delivery._here.get().worker._helpers
    for number in range(MANY):
        delivery.submit(event(number))
    wire.wait(lambda wire: len(wire.tries) == LANES)
    assert len(helpers) == LANES - 1
    gate.open()
    assert delivery.close(PATIENCE)
    assert len(helpers) == 0
    assert wire.closed == 1


def test_a_transport_may_flush_on_the_thread_of_a_helper(background) -> None:
    """It would wait for itself: the call returns at once, and nothing hangs."""
    flushed: list[bool] = []
    wire = Wide(lambda envelope: flushed.append(delivery.flush(PATIENCE)))
    delivery = background(wire)
    for number in range(MANY):
        delivery.submit(event(number))
    assert delivery.flush(PATIENCE)
    assert len(flushed) == MANY


def test_closing_does_not_wait_for_a_helper_that_hangs(background) -> None:
    """The close returns in its time, and says that something was left behind."""
    gate = Gate()
    delivery = background(Wide(gate))
    for number in range(MANY):
        delivery.submit(event(number))
    gate.entered.wait(PATIENCE)
    assert not delivery.close(0.05)
    gate.open()
