"""What becomes of an event that a destination does not take at once."""

import logging

import pytest

from lineage_kit import report
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.delivery.sending.blame import BRAKE, GATEWAY_STRIKES, STRIKES
from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, Unreachable
from lineage_kit.event.envelope import Envelope
from tests.delivery.conftest import Background
from tests.delivery.stand_ins import PATIENCE, Answers, Outage, Recorder, event, whole_run

HOUR = RetryPolicy(total=0, factor=3600.0, longest=3600.0)


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("503", status=503),
        ConnectionResetError(),
        ValueError("a bug"),
        MemoryError(),
        RecursionError(),
    ],
)
def test_what_can_get_better_is_tried_until_it_does(background: Background, error: Exception) -> None:
    """An unreachable destination, and any mistake of a transport, is worth another try."""
    wire = Recorder(Answers([error] * 20))
    delivery = background(wire)
    delivery.submit(event("a"))
    assert delivery.flush(PATIENCE)
    assert (len(wire.tries), len(wire.sent)) == (21, 1)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_no_exception_of_a_transport_ends_delivery(background: Background, error: BaseException) -> None:
    """Not even what ends programs: the event is tried again by the same thread."""
    wire = Recorder(Answers([error, error]))
    delivery = background(wire)
    for one in whole_run("a"):
        delivery.submit(one)
    assert delivery.flush(PATIENCE)
    assert (len(wire.tries), len(wire.sent), len(wire.threads)) == (4, 2, 1)


@pytest.mark.parametrize("error", [Rejected("400: malformed", status=400), TooLarge("413", status=413)])
def test_a_rejected_event_is_dropped_counted_and_said(
    background: Background, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """An event that will never be taken does not hold up the others, and does not vanish quietly."""
    wire = Recorder(Answers([error]))
    delivery = background(wire)
    for one in whole_run("a"):
        delivery.submit(one)
    assert delivery.flush(PATIENCE)
    status = delivery.status()[0]
    assert (status.delivered, status.dropped, status.last_error) == (1, {"rejected": 1}, str(error))
    assert f"wire refuses an event for good: {error}" in caplog.text


def test_events_for_a_broken_destination_are_kept(
    background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong address or password is said at once, and costs no event."""
    wire = Recorder(Answers([BrokenDestination("401 Unauthorized")] * 2))
    delivery = background(wire, retry=HOUR)
    delivery.submit(event("a"))
    wire.wait(lambda wire: len(wire.tries) == 1)
    assert not delivery.flush(0.0)
    wire.wait(lambda wire: len(wire.tries) == 2)
    assert (delivery.status()[0].owed, delivery.status()[0].broken) == (1, True)
    assert delivery.flush(PATIENCE)
    assert (delivery.status()[0].delivered, delivery.status()[0].broken) == (1, False)
    assert "wire takes no events; they wait until the program ends: 401 Unauthorized" in caplog.text


def test_an_outage_is_said_once(background: Background, caplog: pytest.LogCaptureFixture) -> None:
    """A hiccup is not worth a word; an outage is worth one a minute, however many tries fail."""
    outage = Outage()
    wire = Recorder(outage)
    delivery = background(wire, retry=RetryPolicy(total=3, factor=0.0, longest=0.0))
    delivery.submit(event("a"))
    wire.wait(lambda wire: len(wire.tries) > 50)
    outage.over()
    assert delivery.flush(PATIENCE)
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert said == ["wire is down, 1 event waits for it: refused"]
    assert report.counts()["delivery.unreachable:wire"] > 40


def test_nothing_is_tried_during_a_pause(background: Background) -> None:
    """New events do not wake a destination that is being left alone."""
    wire = Recorder(Answers([Unreachable("refused")]))
    delivery = background(wire, retry=HOUR)
    delivery.submit(event(0))
    wire.wait(lambda wire: len(wire.tries) == 1)
    for run in range(1, 100):
        delivery.submit(event(run))
    assert len(wire.tries) == 1
    assert delivery.status()[0].owed == 100


def test_flush_ends_a_pause_with_one_try(background: Background) -> None:
    """Who flushes asks for a try now; when it succeeds the rest follows at once."""
    wire = Recorder(Answers([Unreachable("refused")]))
    delivery = background(wire, retry=HOUR)
    for run in range(10):
        delivery.submit(event(run))
    wire.wait(lambda wire: len(wire.tries) == 1)
    assert delivery.flush(PATIENCE)
    assert len(wire.sent) == 10


def test_a_destination_that_comes_back_is_tried_with_one_event_first(background: Background) -> None:
    """During an outage the oldest event alone knocks; the others are not spent on it."""
    outage = Outage()
    wire = Recorder(outage)
    delivery = background(wire)
    for run in range(5):
        delivery.submit(event(run))
    wire.wait(lambda wire: len(wire.tries) > 20)
    assert {one.run_id for one in wire.tries[:20]} == {"0"}
    outage.over()
    assert delivery.flush(PATIENCE)
    assert [one.run_id for one in wire.sent] == ["0", "1", "2", "3", "4"]


def _refuses(poison: str, status: int = 500) -> Recorder:
    def answer(envelope: Envelope) -> None:
        if envelope.run_id == poison:
            raise Unreachable(f"{status} from the server", status=status)

    return Recorder(answer)


def test_an_event_that_always_meets_500_while_others_get_through_is_rejected(background: Background) -> None:
    """Some destinations answer 500 to what they cannot read: such an event does not block the others for ever."""
    wire = _refuses("poison")
    delivery = background(wire)
    for one in [*whole_run("poison"), *whole_run("a"), *whole_run("b")]:
        delivery.submit(one)
    assert delivery.flush(PATIENCE)
    assert [one.run_id for one in wire.sent] == ["a", "a", "b", "b"]
    assert sum(one.run_id == "poison" for one in wire.tries) == 2 * (STRIKES + 1)
    assert delivery.status()[0].dropped == {"rejected": 2}


def test_while_nothing_gets_through_nothing_is_rejected(background: Background) -> None:
    """A destination that answers 500 to everything is down: every event is kept, and their order."""
    answers = Answers([Unreachable("500", status=500)] * 60)
    wire = Recorder(answers)
    delivery = background(wire)
    events = [one for run in range(5) for one in whole_run(run)]
    for one in events:
        delivery.submit(one)
    assert delivery.flush(PATIENCE)
    assert delivery.status()[0].dropped == {}
    assert sorted(one.body for one in wire.sent) == sorted(one.body for one in events)


@pytest.mark.parametrize("status", [429, None])
def test_other_answers_never_count_against_an_event(background: Background, status: "int | None") -> None:
    """Being too busy, or not there, says nothing about an event."""
    wire = Recorder(Answers([Unreachable("busy", status=status)] * 30))
    delivery = background(wire)
    events = [event(run) for run in range(3)]
    for one in events:
        delivery.submit(one)
    assert delivery.flush(PATIENCE)
    assert wire.sent == events


@pytest.mark.parametrize("status", [502, 503, 504])
def test_answers_of_gateways_count_less(background: Background, status: int) -> None:
    """A gateway's 5xx says little about an event: many are needed, and still others must get through meanwhile."""
    wire = _refuses("poison", status)
    delivery = background(wire)
    for run in ("poison", "a", "b"):
        delivery.submit(event(run))
    assert delivery.flush(PATIENCE)
    assert [one.run_id for one in wire.sent] == ["a", "b"]
    assert sum(one.run_id == "poison" for one in wire.tries) == GATEWAY_STRIKES + 1


def test_an_innocent_event_is_tried_once_more_when_the_destination_comes_back(background: Background) -> None:
    """After an outage of 500 the first to get through may be another event: that alone proves nothing."""
    for failures in range(STRIKES, STRIKES + 8):
        wire = Recorder(Answers([Unreachable("500", status=500)] * failures))
        delivery = background(wire)
        for run in range(3):
            delivery.submit(event(run))
        assert delivery.flush(PATIENCE)
        assert sorted(one.run_id or "" for one in wire.sent) == ["0", "1", "2"]


def test_a_destination_that_refuses_everything_is_broken(
    background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    """Many refusals in a row with nothing taken are the fault of the destination: what follows is kept."""
    answers = Answers([Rejected("400", status=400)] * (BRAKE + 3))
    wire = Recorder(answers)
    delivery = background(wire)
    for run in range(BRAKE + 5):
        delivery.submit(event(run))
    assert delivery.flush(PATIENCE)
    status = delivery.status()[0]
    assert (status.delivered, status.dropped) == (5, {"rejected": BRAKE})
    assert f"it refuses every event, {BRAKE} in a row and none taken: 400" in caplog.text
