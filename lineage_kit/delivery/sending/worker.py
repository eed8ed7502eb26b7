"""The thread of a destination: started with the first event, gone when there has been nothing to do for a while.

Where the transport allows more than one try at the same time it has helpers, which come while there is more to try
than it can do alone, and go as soon as there is not.

No lock here is held while the network is waited for, and nothing deadlocks when a signal handler or a finaliser
interrupts it and comes in again: the lock is re-entrant, bells and threads are those of `thread`.
"""

from __future__ import annotations

import _thread
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.ending import Ending, ended
from lineage_kit.delivery.sending.helpers import Helpers
from lineage_kit.delivery.sending.sender import Sender
from lineage_kit.delivery.sending.thread import LOOK_AGAIN, Bell, Listeners, OwnThread, heard, ring
from lineage_kit.notes import suppressed

IDLE_SECONDS = 10.0  # then the thread ends; a new one costs some 50 µs
PAUSE_AT_EXIT = 0.1  # longest pause between tries once the process ends
LEAST_TO_CLOSE = 1.0  # seconds a transport gets to close at least; nobody waits for it that long


class Errand(Protocol):
    """What is looked after beside sending: what other processes have left."""

    def visit(self) -> None:
        """Called on the worker's thread between attempts; takes no time worth mentioning."""


class Worker:
    """Lets one thread of its own do the sending for `sender`; its other methods are called on any thread."""

    def __init__(self, sender: Sender, exit_timeout: float, errand: Errand | None = None) -> None:
        """`errand`: what else this thread is good for."""
        self.name: str = sender.name
        self.exit_timeout: float = exit_timeout
        self._sender = sender
        self._queue = sender.queue
        self._home = process.incarnation()
        self._lock = threading.RLock()
        self._thread: OwnThread | None = None
        self._departing: OwnThread | None = None
        self._news: Bell = queue.SimpleQueue()  # ends idling
        self._urges: Bell = queue.SimpleQueue()  # ends a pause between tries
        self._listeners = Listeners()
        self._errand = errand
        self._helpers = Helpers(sender, self._may_go_on, self._helped)
        self._time_to_close: float | None = None
        self._closed = False

    def wake(self) -> bool:
        """Have the thread look into the queue. False only at exit: what waits was lost, which is counted and said."""
        if self._thread is None and not self._start() and self._home.deadline is None:
            report.problem(
                f"delivery.thread:{self.name}", f"no thread can be started for {self.name}: events wait"
            )
        ring(self._news)
        if self._home.deadline is None:
            return True
        # nobody comes after us any more
        ending = self.finish(min(process.time_left() or 0.0, self.exit_timeout))
        ended({self.name: ending})
        return not ending.lost

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed; a pause between tries ends at once."""
        if not len(self._queue):
            return True
        self._urge()
        return self._wait(timeout, self._sender.is_empty)

    def close(self, timeout: float) -> None:
        """Have the transport closed after the present try, wait for that at most `timeout` seconds. The last call."""
        self._time_to_close = max(timeout, LEAST_TO_CLOSE)
        if self._start():
            self._urge()
            self._wait(timeout, lambda: self._closed)
        else:
            self._close()

    def hurry(self) -> None:
        """The process ends: try at once what waits, do not pause for long, and let lie what others have left."""
        self._sender.own_only = True
        self._sender.hurry(PAUSE_AT_EXIT)
        self._urge()

    def finish(self, timeout: float) -> Ending:
        """Deliver for at most `timeout` seconds, and let go of the rest.

        A destination that is known to be down gets one try and no more, and none where what waits outlives the process.
        """
        tries = self._sender.tries
        durable = self._queue.durable

        def done() -> bool:
            return self._sender.is_empty() or (
                self._sender.pace.known_down and (durable or self._sender.tries > tries)
            )

        if self._sender.is_empty():
            return Ending(0, 0)
        if self._start():
            self._wait(timeout, done)
        else:
            self._sender.send_until(time.monotonic() + timeout, done)
        lost = self._queue.abandon()
        self._sender.tally.dropped("exit", lost)
        return Ending(lost, len(self._queue))

    def leave(self) -> None:
        """Ask the thread to end unless it is sending. Returns at once."""
        me = self._thread
        if me is not None and me.asked_to_leave():
            self._departing = me
            self._urge()

    def left(self, timeout: float) -> int | None:
        """Wait until the thread asked by `leave` has ended; its native id, None when there is nothing to wait for."""
        me, self._departing = self._departing, None
        return me.native_id if me is not None and me.has_left(timeout) else None

    def forked(self) -> None:
        """In the parent, after a fork: the next event, flush or exit starts a thread again."""

    def _run(self, me: OwnThread) -> None:
        me.begin()
        try:
            with suppressed():
                while self._turn(me):
                    pass
        finally:
            if self._thread is me:
                self._thread = None
            me.end()

    def _turn(self, me: OwnThread) -> bool:
        """One thing after another; False when the thread should end."""
        if self._home is not process.incarnation():
            return False  # a transport forked, and this is the child
        if self._time_to_close is not None:
            return self._close()
        if me.leaving:
            return self._stays(me)
        me.sending = True
        if self._errand is not None and self._home.deadline is None:
            self._errand.visit()
        parcel = self._sender.take()
        if parcel is not None:
            self._helpers.attempt(parcel)
        me.sending = False
        if parcel is not None:
            return True
        self._listeners.tell()
        return self._rest(me)

    def _rest(self, me: OwnThread) -> bool:
        """Nothing can be tried now: wait for what changes that. False when the thread should end."""
        pause = self._sender.wait()
        if pause is None:
            idle = self._sender.is_idle()
            return heard(self._news, IDLE_SECONDS) or not idle or self._stays(me)
        if pause > 0:
            knocks = self._sender.pace.wait() > 0  # then nothing new changes that
            if heard(self._urges if knocks else self._news, pause) and (knocks or not self._urges.empty()):
                heard(self._urges, 0.0)
                self._sender.hurry()
        return True

    def _stays(self, me: OwnThread) -> bool:
        """Step down; True when an event came in between that nobody else has taken up, and work goes on."""
        if self._sender.is_idle():
            process.forget(self)
        self._thread = None
        if (
            self._sender.is_idle()
        ):  # who submits looks at _thread after the queue, we at the queue after _thread
            return False
        with self._lock:
            process.watch(self)
            if me.leaving or self._thread is not None:
                return False
            self._thread = me
            return True

    def _close(self) -> bool:
        timeout = self._time_to_close or LEAST_TO_CLOSE
        deadline = time.monotonic() + timeout
        while self._helpers and time.monotonic() < deadline:
            heard(self._news, LOOK_AGAIN)
        self._sender.close(timeout)
        self._closed = True
        process.forget(self)
        self._listeners.tell()
        return False

    def _may_go_on(self) -> bool:
        return self._home is process.incarnation() and self._time_to_close is None

    def _helped(self) -> None:
        """A helper has ended."""
        ring(self._news)
        self._listeners.tell()

    def _urge(self) -> None:
        ring(self._news)
        ring(self._urges)

    def _start(self) -> bool:
        """Have a thread; False when Python starts none any more, or the system none for now."""
        with self._lock:
            process.watch(self)
            me = OwnThread()
            if self._thread is not None:  # who comes in again may do so at each call above, and not below
                return True
            try:
                self._thread = me
                _thread.start_new_thread(self._run, (me,))
            except RuntimeError:
                self._thread = None
                return False
            return True

    def _wait(self, timeout: float, reached: Callable[[], bool]) -> bool:
        """Wait at most `timeout` seconds until `reached()`; what it returned last."""
        me = self._thread
        if (me is not None and me.is_current()) or self._helpers.is_current():
            return reached()  # a transport that flushes: it would wait for itself
        return self._listeners.wait(time.monotonic() + timeout, reached, self._start)
