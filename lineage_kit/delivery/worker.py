"""The one thread of a destination: started with the first event, gone when there has been nothing to do for a while.

No lock here is held while the network is waited for, and nothing deadlocks when a signal handler or a finaliser
interrupts it and comes in again: bells are `queue.SimpleQueue`, the lock is re-entrant, and the thread is started
without `threading.Thread`, whose own locks are not.
"""

from __future__ import annotations

import _thread
import queue
import sys
import threading
import time
from collections.abc import Callable

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.sender import Sender
from lineage_kit.notes import suppressed

IDLE_SECONDS = 10.0  # then the thread ends; a new one costs some 50 µs
LOOK_AGAIN = 0.25  # seconds after which one who waits makes sure that somebody works
PAUSE_AT_EXIT = 0.1  # longest pause between tries once the process ends
LEAST_TO_CLOSE = 1.0  # seconds a transport gets to close at least; nobody waits for it that long

Bell = queue.SimpleQueue[None]


class OwnThread:
    """One thread from its start to its end."""

    def __init__(self) -> None:
        self.ident: int | None = None
        self.native_id: int | None = None
        self.sending = False
        self.leaving = False
        self._ended = _thread.allocate_lock()
        self._ended.acquire()

    def begin(self) -> None:
        """The first thing on the new thread."""
        self.ident, self.native_id = _thread.get_ident(), _thread.get_native_id()
        trace = threading.gettrace()
        if trace is not None:
            sys.settrace(trace)  # as threading.Thread does: debuggers and coverage look in here too

    def end(self) -> None:
        """The last thing on the thread."""
        self._ended.release()

    def asked_to_leave(self) -> bool:
        """Ask it to end, unless it is sending or is the one that asks; whether it was asked."""
        if self.sending or self.is_current():
            return False
        self.leaving = True
        return True

    def has_left(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the end; who has begun to send meanwhile is no longer asked to leave."""
        self.leaving = self._ended.acquire(timeout=timeout)
        return self.leaving

    def is_current(self) -> bool:
        """Whether this is asked on the thread itself."""
        return self.ident == _thread.get_ident()


class Worker:
    """Lets one thread of its own do the sending for `sender`; its other methods are called on any thread."""

    def __init__(self, sender: Sender, exit_timeout: float) -> None:
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
        self._listeners: list[Bell] = []  # of those who wait in `_wait`
        self._time_to_close: float | None = None
        self._closed = False
        self._in_line = False

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
        lost = self.finish(min(process.time_left() or 0.0, self.exit_timeout))
        process.ended({self.name: lost})
        return not lost

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed; a pause between tries ends at once."""
        if not len(self._queue):
            return True
        ring(self._urges)
        return self._wait(timeout, self._is_empty)

    def close(self, timeout: float) -> None:
        """Have the transport closed after the present try, wait for that at most `timeout` seconds. The last call."""
        self._time_to_close = max(timeout, LEAST_TO_CLOSE)
        if self._start():
            ring(self._news)
            ring(self._urges)
            self._wait(timeout, lambda: self._closed)
        else:
            self._close()

    # ---- exit and fork

    def hurry(self) -> None:
        """The process ends: try at once what waits, and do not pause for long."""
        self._sender.pace.hurry(PAUSE_AT_EXIT)
        ring(self._urges)

    def finish(self, timeout: float) -> int:
        """Deliver for at most `timeout` seconds, drop the rest as lost at exit; how many events that was.

        A destination that is known to be down gets one try and no more.
        """
        tries = self._sender.tries

        def done() -> bool:
            return self._is_empty() or (self._sender.pace.known_down and self._sender.tries > tries)

        if self._is_empty() or self._in_line:
            return 0
        if self._start():
            self._wait(timeout, done)
        else:
            self._in_line = True
            try:
                with suppressed():
                    self._sender.send_until(time.monotonic() + timeout, done)
            finally:
                self._in_line = False
        lost = self._queue.abandon()
        self._sender.tally.dropped("exit", lost)
        return lost

    def leave(self) -> None:
        """Ask the thread to end unless it is sending. Returns at once."""
        me = self._thread
        if me is not None and me.asked_to_leave():
            self._departing = me
            ring(self._news)
            ring(self._urges)

    def left(self, timeout: float) -> int | None:
        """Wait until the thread asked by `leave` has ended; its native id, None when there is nothing to wait for."""
        me, self._departing = self._departing, None
        return me.native_id if me is not None and me.has_left(timeout) else None

    def forked(self) -> None:
        """In the parent, after a fork: the next event, flush or exit starts a thread again."""

    # ---- on the worker's thread

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
        if self._is_empty():
            self._tell()
            return heard(self._news, IDLE_SECONDS) or self._stays(me)
        pause = self._sender.pace.wait()
        if pause > 0:
            self._tell()
            if heard(self._urges, pause):
                self._sender.pace.hurry()
            return True
        me.sending = True
        self._sender.try_next()
        me.sending = False
        return True

    def _stays(self, me: OwnThread) -> bool:
        """Step down; True when an event came in between that nobody else has taken up, and work goes on."""
        if self._is_empty():
            process.forget(self)
        self._thread = None
        if self._is_empty():  # who submits looks at _thread after the queue, we at the queue after _thread
            return False
        with self._lock:
            process.watch(self)
            if me.leaving or self._thread is not None:
                return False
            self._thread = me
            return True

    def _close(self) -> bool:
        self._sender.close(self._time_to_close or LEAST_TO_CLOSE)
        self._closed = True
        process.forget(self)
        self._tell()
        return False

    def _is_empty(self) -> bool:
        return not len(self._queue)

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
        if me is not None and me.is_current():
            return reached()  # a transport that flushes: it would wait for itself
        bell: Bell = queue.SimpleQueue()
        self._listeners.append(bell)
        try:
            return self._listen(bell, time.monotonic() + timeout, reached)
        finally:
            self._listeners.remove(bell)

    def _listen(self, bell: Bell, deadline: float, reached: Callable[[], bool]) -> bool:
        # not in the try above: where a loop jumps back, Python 3.13 may raise KeyboardInterrupt past the finally
        while not reached():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if self._thread is None:
                self._start()
            heard(bell, min(left, LOOK_AGAIN))
        return True

    def _tell(self) -> None:
        for bell in tuple(self._listeners):
            bell.put(None)


def ring(bell: Bell) -> None:
    """Wake who waits at `bell`, now or next; ringing twice before anybody came counts once."""
    if bell.empty():
        bell.put(None)


def heard(bell: Bell, timeout: float) -> bool:
    """Wait at most `timeout` seconds for `bell`."""
    try:
        bell.get(timeout=timeout)
    except queue.Empty:
        return False
    return True
