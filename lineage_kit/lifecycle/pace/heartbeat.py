"""The heartbeat, where it is configured: one thread that sends RUNNING for every run that stays open long enough.

The thread starts with the first run and ends when no run has been open for a while, before a fork, and at exit.
Between a RUNNING and the end of its run there is a lock, held for as long as one event is handed over; whoever would
have to wait for it leaves the end to the thread, because it may hold what the thread is waiting for.
"""

from __future__ import annotations

import _thread
import sys
import threading
import time
from collections import deque
from typing import Protocol

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.ending import Ending
from lineage_kit.delivery.sending.thread import Bell, OwnThread, heard, ring
from lineage_kit.event.model import RunState
from lineage_kit.notes.scope import suppressed

TOGETHER = 0.05  # seconds: runs whose turn comes within them are told at once
LONGEST_WAIT = 0.05  # seconds that the end of a run waits for its RUNNING to be handed over
REST = 10.0  # seconds without an open run after which the thread ends


class Beating(Protocol):
    """A run, as far as its heartbeat goes."""

    @property
    def is_open(self) -> bool:
        """True from START to the end."""

    def beat(self) -> None:
        """Send RUNNING."""

    def tell(self, state: RunState) -> None:
        """Send the terminal event."""


class Heart:
    """The open runs of one process that want a heartbeat, and the thread that gives it to them."""

    name = "heartbeat"
    exit_timeout = 0.1

    def __init__(self) -> None:
        self._runs: dict[Beating, tuple[float, float]] = {}  # when it is its turn, and every how many seconds
        self._lock = threading.RLock()  # held while an event is handed over
        self._starting = threading.RLock()
        self._ends: deque[tuple[Beating, RunState]] = deque()  # that were left to the thread
        self._bell = Bell()
        self._thread: OwnThread | None = None
        self._departing: OwnThread | None = None
        self._shortest = float("inf")

    def follow(self, run: Beating, seconds: float) -> None:
        """Send RUNNING for `run` every `seconds` from now on."""
        self._runs[run] = (time.monotonic() + seconds, seconds)
        self._start_if_needed()
        if seconds < self._shortest:
            ring(self._bell)

    def lets_go(self, run: Beating, state: RunState) -> bool:
        """No RUNNING of `run` comes from now on. False when one is just on its way: the end is told right after it."""
        self._runs.pop(run, None)
        self._start_if_needed()
        if self._lock.acquire(timeout=LONGEST_WAIT):
            self._lock.release()
            return True
        self._ends.append((run, state))
        if self._lock.acquire(blocking=False):  # the thread has gone on meanwhile
            self._tell_ends()
            self._lock.release()
        return False

    # ---- exit and fork

    def hurry(self) -> None:
        """The process ends: nothing to do, RUNNING can wait."""

    def finish(self, timeout: float) -> Ending:
        """The process ends: no heartbeat any more. 0, because none is ever lost."""
        self._runs.clear()
        self.leave()
        self.left(min(timeout, self.exit_timeout))
        self._tell_ends()
        return Ending(0, 0)

    def flush(self, timeout: float) -> bool:
        """Nothing is ever owed."""
        return True

    def leave(self) -> None:
        """Ask the thread to end unless it is sending. Returns at once."""
        me = self._thread
        if me is not None and me.asked_to_leave():
            self._departing = me
            ring(self._bell)

    def left(self, timeout: float) -> int | None:
        """Wait until the thread asked by `leave` has ended; its native id, None when there is nothing to wait for."""
        me, self._departing = self._departing, None
        return me.native_id if me is not None and me.has_left(timeout) else None

    def forked(self) -> None:
        """In the parent, after a fork: go on.

        From Python 3.13 on, a thread that starts here counts as one that was alive during the fork, of which Python
        warns: there it starts again when the next run begins or ends.
        """
        if sys.version_info < (3, 13):
            self._start_if_needed()

    # ---- on the thread

    def _start_if_needed(self) -> None:
        if self._thread is None and self._runs:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None or process.time_left() is not None:
                return
            process.watch(self)
            me = self._thread = OwnThread()
            try:
                _thread.start_new_thread(self._run, (me,))
            except RuntimeError:
                self._thread = None
                report.problem("heartbeat", "no thread can be started for the heartbeat: RUNNING is not sent")

    def _run(self, me: OwnThread) -> None:
        me.begin()
        try:
            with suppressed():
                while not me.leaving and self._turn(me):
                    pass
        finally:
            self._thread = None
            if self._runs and not me.leaving:  # a run came in between
                self._start()
            me.end()

    def _turn(self, me: OwnThread) -> bool:
        """Tell whose turn it is, and rest until the next one's. False when there has been no run for a while."""
        now = time.monotonic()
        waiting = list(self._runs.items())
        for run, (due, seconds) in waiting:
            if due <= now + TOGETHER:
                self._beat(me, run, seconds)
        turns = list(self._runs.values())
        self._shortest = min((seconds for _, seconds in turns), default=float("inf"))
        if turns:
            heard(self._bell, max(TOGETHER, min(due for due, _ in turns) - time.monotonic()))
            return True
        return heard(self._bell, REST) or bool(self._runs)

    def _beat(self, me: OwnThread, run: Beating, seconds: float) -> None:
        me.sending = True
        with self._lock:
            if run in self._runs:
                error = attempt(run.beat)
                self._runs[run] = (time.monotonic() + seconds, seconds)
                if not run.is_open:
                    self._runs.pop(run, None)
                if error is not None:
                    attempt(report.problem, "heartbeat", "a heartbeat could not be sent", error)
            self._tell_ends()
        me.sending = False

    def _tell_ends(self) -> None:
        while self._ends:
            run, state = self._ends.popleft()
            error = attempt(run.tell, state)
            if error is not None:
                attempt(report.problem, "heartbeat.end", "the end of a run could not be sent", error)


_HEARTS: process.PerProcess[Heart] = process.PerProcess(Heart)


def heart() -> Heart:
    """The one of this process."""
    return _HEARTS.get()
