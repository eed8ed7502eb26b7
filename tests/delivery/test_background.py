"""Events leave in order, on a thread of the destination's own, and nobody waits for them."""

import _thread
import logging
import threading
import time
from typing import Any

import pytest

from lineage_kit import report
from lineage_kit.delivery.base import in_words
from lineage_kit.delivery.sending import worker
from lineage_kit.notes.scope import Suppressed, current_scope
from lineage_kit.transport.base import Transport
from tests.delivery.conftest import Background
from tests.delivery.stand_ins import PATIENCE, Gate, Outage, Recorder, event, in_order, whole_run


def test_events_arrive_in_the_order_in_which_they_were_submitted(background: Background) -> None:
    """A START never comes after its run's later events, and nothing overtakes anything."""
    wire = Recorder()
    delivery = background(wire)
    events = [one for run in range(200) for one in whole_run(run)]
    assert all(delivery.submit(one) for one in events)
    assert delivery.flush(PATIENCE)
    assert wire.sent == events


def test_order_is_kept_while_tries_fail(background: Background) -> None:
    """An event that has to be tried again holds back those behind it."""
    chances = iter(range(10**9))

    def answer(envelope: object) -> None:
        if next(chances) % 3:
            raise ConnectionError

    wire = Recorder(answer)
    delivery = background(wire)
    events = [one for run in range(20) for one in whole_run(run)]
    for one in events:
        delivery.submit(one)
    assert delivery.flush(PATIENCE)
    assert wire.sent == events


def test_nothing_runs_before_the_first_event(background: Background) -> None:
    """Making, asking and flushing a delivery starts no thread; the first event does, and one is enough."""
    wire = Recorder()
    delivery = background(wire)
    assert delivery.flush(0.0)
    assert delivery.status()[0].owed == 0
    assert delivery._here.get().worker._thread is None
    for run in range(50):
        delivery.submit(event(run))
    assert delivery.flush(PATIENCE)
    assert len(wire.threads) == 1
    assert threading.get_ident() not in wire.threads


def test_submit_does_not_wait_for_a_destination_that_never_answers(background: Background) -> None:
    """While one send hangs, events are taken all the same, and other destinations get theirs."""
    gate, other = Gate(), Recorder()
    hanging, moving = background(Recorder(gate), "hanging"), background(other, "moving")
    assert hanging.submit(event("a"))
    assert gate.entered.wait(PATIENCE)
    assert all(hanging.submit(event(run)) and moving.submit(event(run)) for run in range(100))
    assert moving.flush(PATIENCE)
    assert hanging.status()[0].owed == 101
    gate.open()
    assert hanging.flush(PATIENCE)


def test_an_event_after_idling_is_sent_without_being_asked_for(background: Background) -> None:
    """The worker wakes for a new event by itself: no flush, no polling."""
    wire = Recorder()
    delivery = background(wire)
    for count in range(1, 6):
        delivery.submit(event(count))
        wire.wait(lambda wire, count=count: len(wire.sent) == count)


def test_a_worker_with_nothing_to_do_ends_and_comes_back(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An idle destination costs no thread; the next event starts one."""
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.0)
    wire = Recorder()
    delivery = background(wire)
    for run in range(300):
        delivery.submit(event(run))
        if run % 10 == 0:
            wire.wait(lambda wire, run=run: len(wire.sent) == run + 1)
    assert delivery.flush(PATIENCE)
    ours = delivery._here.get().worker
    while ours._thread is not None:
        time.sleep(0)
    assert [one.run_id for one in wire.sent] == [str(run) for run in range(300)]


def test_events_wait_when_no_thread_can_be_started(
    background: Background, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine out of threads costs a warning; the events are taken and leave as soon as there is a thread."""

    def refuse(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    wire = Recorder()
    delivery = background(wire)
    with monkeypatch.context() as patch:
        patch.setattr(_thread, "start_new_thread", refuse)
        assert [delivery.submit(one) for one in whole_run("a")] == [True, True]
        assert not delivery.flush(0.05)
    assert wire.sent == []
    assert "no thread can be started for wire" in caplog.text
    assert delivery.flush(PATIENCE)
    assert len(wire.sent) == 2


def test_when_full_whole_runs_are_refused_and_counted(background: Background) -> None:
    """A run for which there is no room is refused from its START on; what was admitted arrives whole."""
    gate = Gate()
    wire = Recorder(gate)
    delivery = background(wire, limit=200_000)
    runs = [whole_run(run) for run in range(500)]
    taken = [delivery.submit(start) for start, _ in runs]
    assert 0 < sum(taken) < 500
    assert [delivery.submit(end) for _, end in runs] == taken
    assert not delivery.submit(event(None, None, size=200_000))
    gate.open()
    assert delivery.flush(PATIENCE)
    status = delivery.status()[0]
    assert (status.delivered, status.dropped) == (2 * sum(taken), {"full": 2 * (500 - sum(taken)) + 1})
    assert len({one.run_id for one in wire.sent}) * 2 == len(wire.sent)
    assert in_order(wire.sent)
    assert report.counts()["delivery.full:wire"] == status.dropped["full"]


def test_delivering_is_not_watched(background: Background) -> None:
    """What a transport does opens no run and is not captured."""
    scopes = []
    delivery = background(Recorder(lambda envelope: scopes.append(current_scope())))
    delivery.submit(event("a"))
    assert delivery.flush(PATIENCE)
    assert isinstance(scopes[0], Suppressed)


def test_one_event_is_sent_at_a_time(background: Background) -> None:
    """However many threads submit, a transport is called by one thread at a time and loses nothing."""
    wire = Recorder()
    delivery = background(wire)

    def emit(thread: int) -> None:
        for run in range(20):
            for one in whole_run(f"{thread}-{run}"):
                delivery.submit(one)

    threads = [threading.Thread(target=emit, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert delivery.flush(PATIENCE)
    assert (len(wire.sent), len({one.body for one in wire.sent}), wire.most_at_once) == (4000, 4000, 1)
    assert in_order(wire.sent)


def test_status_tells_how_a_destination_is(background: Background) -> None:
    """Name, address, mode, counts, and when and why it last went well and badly."""
    outage = Outage()
    wire = Recorder(outage)
    delivery = background(wire, "marquez")
    before = time.time()
    delivery.submit(event("a"))
    wire.wait(lambda wire: len(wire.tries) > 2)
    status = delivery.status()[0]
    assert (status.name, status.destination, status.mode) == ("marquez", "recorder", "background")
    assert (status.owed, status.delivered, status.dropped) == (1, 0, {})
    assert (status.last_error, status.last_success) == ("refused", None)
    assert status.last_error_time is not None
    assert before <= status.last_error_time <= time.time()
    outage.over()
    assert delivery.flush(PATIENCE)
    status = delivery.status()[0]
    assert (status.owed, status.delivered, status.dropped) == (0, 1, {})
    assert status.last_success is not None


def test_what_a_users_transport_raises_is_told_with_its_line_and_without_secrets(
    background: Background,
) -> None:
    """Its author finds the mistake; what may hold a password is masked, and a long text is cut."""

    def answer(envelope: object) -> None:
        raise OSError("disk of mine")

    line = answer.__code__.co_firstlineno + 1
    wire = Recorder(answer)
    delivery = background(wire)
    delivery.submit(event("a"))
    wire.wait(lambda wire: len(wire.tries) > 1)
    assert delivery.status()[0].last_error == f"OSError: disk of mine, at {__file__}:{line}"
    assert in_words(RuntimeError("password=hunter2")) == "RuntimeError: ***"
    cut = in_words(ValueError("key sk-abcdef123456 " + "x" * 999))
    assert cut.startswith("ValueError: key *** xxx")
    assert len(cut) < 250


def test_a_mistake_in_a_transport_is_said_at_once_and_costs_no_event(
    background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    """With its frames at level DEBUG; once the program is mended the event gets through."""
    caplog.set_level(logging.DEBUG, "lineage_kit")
    mended = threading.Event()

    def answer(envelope: Any) -> None:
        if not mended.is_set():
            envelope.no_such_thing  # noqa: B018

    wire = Recorder(answer)
    delivery = background(wire, name="mine")
    delivery.submit(event("a"))
    wire.wait(lambda wire: len(wire.tries) > 1)
    place = f"{__file__}:{answer.__code__.co_firstlineno + 2}"
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    said = [line for line in said if line.startswith("mine ")]
    assert len(said) == 1
    assert said[0].startswith("mine takes no events; they wait until the program ends: AttributeError: ")
    assert said[0].endswith(f", at {place}")
    frames = [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG]
    frames = [text for text in frames if text.startswith("mine raised AttributeError: ")]
    assert "in answer" in frames[0]
    assert "envelope.no_such_thing" in frames[0]
    mended.set()
    assert delivery.flush(PATIENCE)
    assert delivery.status()[0].delivered == 1


def test_status_bears_a_transport_that_cannot_describe_itself(background: Background) -> None:
    """A describe that raises costs the address, not the status."""

    class Shy(Transport):
        def describe(self) -> str:
            raise RuntimeError

    assert background(Shy()).status()[0].destination == "Shy"
