"""One thread from its start to its end, and the bells by which threads wake each other.

Nothing here deadlocks when a signal handler or a finaliser interrupts it and comes in again: bells are
`queue.SimpleQueue`, and threads are started without `threading.Thread`, whose own locks are not re-entrant.
"""

from __future__ import annotations

import _thread
import queue
import sys
import threading
import time
from collections.abc import Callable

LOOK_AGAIN = 0.25  # seconds after which one who waits makes sure that somebody works

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


class Listeners:
    """Those who wait for something that a thread brings about; each has a bell of his own."""

    def __init__(self) -> None:
        self._bells: list[Bell] = []

    def tell(self) -> None:
        """Have all of them look."""
        for bell in tuple(self._bells):
            bell.put(None)

    def wait(self, deadline: float, reached: Callable[[], bool], revive: Callable[[], object]) -> bool:
        """Wait until `reached()`, at most until the monotonic time `deadline`; what it returned last.

        revive: called before each wait, to make sure that somebody works.
        """
        bell: Bell = queue.SimpleQueue()
        self._bells.append(bell)
        try:
            return _listen(bell, deadline, reached, revive)
        finally:
            self._bells.remove(bell)


def _listen(bell: Bell, deadline: float, reached: Callable[[], bool], revive: Callable[[], object]) -> bool:
    # not in the try above: where a loop jumps back, Python 3.13 may raise KeyboardInterrupt past the finally
    while not reached():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        revive()
        heard(bell, min(left, LOOK_AGAIN))
    return True


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
