"""Whoever comes in again from where he interrupted us is taken, not deadlocked: handlers, finalisers, callbacks."""

import gc
import logging
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from lineage_kit import report
from lineage_kit.delivery import DirectDelivery
from lineage_kit.delivery.base import Delivery
from lineage_kit.delivery.sending import worker
from tests.delivery.conftest import Background
from tests.delivery.stand_ins import PATIENCE, Recorder, event, in_order, total, whole_run

needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no interval timers"
)
needs_no_tracer = pytest.mark.skipif(
    sys.gettrace() is not None, reason="a tracer's own locks bear no interruption"
)


class Bang(BaseException):
    """What a signal handler raises into whatever was running."""


class Interrupter:
    """Calls a function from a signal handler, again and again, in the middle of whatever runs; never in itself."""

    def __init__(self) -> None:
        self.armed = False
        self.function: Callable[[], object] = lambda: None

    def start(self, function: "Callable[[], object]") -> None:
        self.function = function
        self.armed = True
        signal.signal(signal.SIGALRM, self._handle)
        signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)

    def _handle(self, *_: object) -> None:
        if self.armed:
            self.armed = False
            self.function()


@pytest.fixture
def interrupter() -> Iterator[Interrupter]:
    """Signals come until the test ends."""
    before = signal.getsignal(signal.SIGALRM)
    made = Interrupter()
    yield made
    made.armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def _delivery(mode: str, wire: Recorder, background: Background) -> Delivery:
    return background(wire, limit=1 << 30) if mode == "background" else DirectDelivery(wire, "wire")


@needs_timer
@needs_no_tracer
@pytest.mark.parametrize("mode", ["background", "direct"])
def test_a_signal_handler_may_emit_while_the_main_thread_does(
    mode: str, background: Background, interrupter: Interrupter
) -> None:
    """Events of a handler that interrupts submit arrive beside those of the interrupted thread."""
    wire = Recorder()
    delivery = _delivery(mode, wire, background)
    from_handler = []

    def emit() -> None:
        from_handler.append(1)
        for one in whole_run(f"signal-{len(from_handler)}"):
            assert delivery.submit(one)
        interrupter.armed = True

    interrupter.start(emit)
    count = 0
    while len(from_handler) < 1000:
        for one in whole_run(count):
            assert delivery.submit(one)
        count += 1
    interrupter.armed = False
    assert delivery.flush(PATIENCE)
    expected = 2 * (count + len(from_handler))
    assert (len(wire.sent), total(delivery.status()[0])) == (expected, expected)
    assert in_order(wire.sent)
    assert wire.most_at_once == 1


@needs_timer
@needs_no_tracer
@pytest.mark.parametrize("mode", ["background", "direct"])
def test_a_signal_handler_may_raise_into_submit(
    mode: str, background: Background, interrupter: Interrupter
) -> None:
    """An interrupted submit leaves the delivery working and its numbers true."""
    delivered: list[str] = []
    wire = Recorder(lambda envelope: delivered.append(envelope.body.decode()))
    delivery = _delivery(mode, wire, background)

    def bang() -> None:
        raise Bang

    count, raised = 0, 0
    interrupter.start(bang)
    while raised < 1000:
        try:
            while True:
                interrupter.armed = True
                delivery.submit(event(None, None, mark=count))
                count += 1
        except Bang:
            raised += 1
    assert delivery.submit(event("last"))
    assert delivery.flush(PATIENCE)
    status = delivery.status()[0]
    assert delivered[-1].startswith("last")
    assert count <= total(status) - 1 <= count + raised
    assert status.owed == 0


def test_a_finaliser_may_emit(background: Background) -> None:
    """Objects that end their run in __del__ or in a weakref callback do so wherever the collector finds them."""
    wire = Recorder()
    delivery = background(wire)

    class Ending:
        def __init__(self, number: int) -> None:
            self.number = number
            self.cycle = self

        def __del__(self) -> None:
            delivery.submit(event(None, None, mark=f"finalised-{self.number}"))

    def dead(number: int, _: object) -> None:
        delivery.submit(event(None, None, mark=f"weak-{number}"))

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        kept = []
        for number in range(2000):
            ending = Ending(number)
            kept.append(weakref.ref(ending, partial(dead, number)))
            del ending
            assert delivery.submit(event(None, None, mark=number))
    finally:
        gc.set_threshold(*threshold)
    while any(ref() is not None for ref in kept):
        gc.collect()  # does nothing while the worker's thread is collecting
    wire.wait(lambda wire: len(wire.sent) == 6000)
    assert len({one.body for one in wire.sent}) == 6000


def test_a_logging_handler_may_emit(background: Background) -> None:
    """A handler that turns log records into events meets our own warnings too, without going round in circles."""
    wire = Recorder()
    delivery = background(wire, limit=0)

    class Emitting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            delivery.submit(event("from-logging"))

    handler = Emitting()
    logging.getLogger("lineage_kit").addHandler(handler)
    try:
        assert not delivery.submit(event("a"))
    finally:
        logging.getLogger("lineage_kit").removeHandler(handler)
    assert delivery.status()[0].dropped == {"full": 2}


def test_a_logging_handler_that_raises_does_not_end_delivery(background: Background) -> None:
    """Trouble that cannot even be said is counted, and the worker goes on."""

    class Raising(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError

    failing = iter(range(30))

    def answer(envelope: object) -> None:
        if next(failing, None) is not None:
            raise ConnectionError

    wire = Recorder(answer)
    handler = Raising()
    logging.getLogger("lineage_kit").addHandler(handler)
    try:
        delivery = background(wire)
        delivery.submit(event("a"))
        assert delivery.flush(PATIENCE)
    finally:
        logging.getLogger("lineage_kit").removeHandler(handler)
    assert report.counts()["delivery.unreachable:wire"] > 0


def test_strict_does_not_end_delivery(background: Background) -> None:
    """What strict would raise has nobody to go to on the worker's thread; the worker goes on."""
    failing = iter(range(30))

    def answer(envelope: object) -> None:
        if next(failing, None) is not None:
            raise ConnectionError

    report.use_strict(True)
    wire = Recorder(answer)
    delivery = background(wire)
    delivery.submit(event("a"))
    assert delivery.flush(PATIENCE)
    assert len(wire.threads) == 1


def test_a_transport_may_emit(background: Background) -> None:
    """An event submitted by the worker's own thread joins the queue."""
    more = [event("inner")]

    def answer(envelope: object) -> None:
        if more:
            assert delivery.submit(more.pop())

    wire = Recorder(answer)
    delivery = background(wire)
    delivery.submit(event("outer"))
    wire.wait(lambda wire: len(wire.sent) == 2)
    assert [one.run_id for one in wire.sent] == ["outer", "inner"]


def test_first_events_of_many_threads_start_one_worker(background: Background) -> None:
    """A hundred threads that emit their first event at once find one worker, and lose nothing."""
    for _ in range(5):
        wire = Recorder()
        delivery = background(wire)
        together = threading.Barrier(100)

        def emit(number: int, delivery: Delivery = delivery, together: threading.Barrier = together) -> None:
            together.wait()
            for one in whole_run(number):
                delivery.submit(one)

        threads = [threading.Thread(target=emit, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert delivery.flush(PATIENCE)
        assert (len(wire.sent), len(wire.threads)) == (200, 1)


def test_a_first_event_interrupted_by_another_starts_one_worker(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who emits in the middle of the worker being started does not start a second one."""
    wire = Recorder()
    delivery = background(wire)
    inner = [event("inner")]

    class Interrupted(worker.OwnThread):
        def __init__(self) -> None:
            super().__init__()
            if inner:
                delivery.submit(inner.pop())

    monkeypatch.setattr(worker, "OwnThread", Interrupted)
    delivery.submit(event("outer"))
    assert delivery.flush(PATIENCE)
    assert (len(wire.sent), len(wire.threads)) == (2, 1)
