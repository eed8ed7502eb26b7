"""Where events wait for one destination: in memory, in order, within a bound, and never half a run.

This is the seam for a store on disk: whatever offers `offer`, `peek`, `bystander`, `settle`, `shut`, `abandon` and
`len` can take the place of `MemoryQueue` under the same `Sender` and `Worker`. `offer` is called on users' threads, so
it must neither wait nor raise, and it must bear being interrupted by itself (a signal handler that emits). The others
are called by one thread at a time. An event stays until it is settled: `peek` only looks, so that what was being sent
when the process died is still there for a store that outlives it.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Literal, NamedTuple

from lineage_kit.event.envelope import Envelope

MEBIBYTE = 1024 * 1024
OVERHEAD = 400  # bytes one waiting event costs besides its body: envelope, key, run id, place in the queue
END_FLOOR = 1024  # bytes at least kept free for the end of an admitted run
END_RATIO = 2  # and this many times its first event: ends carry all that became known meanwhile
MOST_REFUSED = 10_000  # refused runs remembered at a time

Refusal = Literal["full", "closed"]


class _Open(NamedTuple):
    """An admitted run that has not ended: bytes kept for its end, events taken from anybody before its last."""

    kept: int
    last: int


class MemoryQueue:
    """At most `limit` bytes of waiting events.

    The first event of a run decides for the whole run. It is admitted when there is room for it and for the end of its
    run, which is then kept free; else it is refused, and with it all that follows. Intermediate events of an admitted
    run and events of jobs and datasets may use what is not kept. An end may use everything.
    """

    def __init__(self, limit: int = 16 * MEBIBYTE) -> None:
        self._limit = limit
        # re-entrant, and every change below is complete at each call it makes: what a signal handler, a finaliser or a
        # KeyboardInterrupt finds in the middle is at most one event away from the truth
        self._lock = threading.RLock()
        self._waiting: deque[Envelope] = deque()
        self._used = 0
        self._kept = 0
        self._taken = 0  # events ever
        self._open: dict[str, _Open] = {}  # the oldest first
        self._refused: dict[str, None] = {}
        self._shut = False
        self._settled: Envelope | None = None  # the last to have its verdict

    def __len__(self) -> int:
        """How many events wait for their verdict."""
        return len(self._waiting)

    def offer(self, envelope: Envelope) -> Refusal | None:
        """Let the event wait at the end; else the reason why it may not."""
        size = OVERHEAD + len(envelope.body)
        with self._lock:
            if self._shut:
                return "closed"
            if not self._admits(envelope, size):
                return "full"
            self._used += size
            self._taken += 1
            self._waiting.append(envelope)
            return None

    def has_had(self, envelope: Envelope) -> bool:
        """Whether this very event waits, or was the last to have its verdict."""
        with self._lock:
            return envelope is self._settled or self._place(envelope) is not None

    def peek(self) -> Envelope | None:
        """The event whose turn it is; it stays."""
        try:
            return self._waiting[0]
        except IndexError:
            return None

    def bystander(self, envelope: Envelope) -> Envelope | None:
        """The first waiting event that may be tried before `envelope`, being of another run."""
        with self._lock:
            for other in tuple(self._waiting):
                if other is not envelope and (other.run_id is None or other.run_id != envelope.run_id):
                    return other
        return None

    def settle(self, envelope: Envelope) -> bool:
        """The event has its verdict: forget it. False when it no longer waits."""
        with self._lock:
            place = self._place(envelope)
            if place is None:
                return False
            self._settled = envelope
            self._used -= OVERHEAD + len(envelope.body)
            del self._waiting[place]
            return True

    def shut(self) -> None:
        """Refuse everything from now on."""
        with self._lock:
            self._shut = True

    def abandon(self) -> int:
        """Forget all that waits; how many events that were."""
        with self._lock:
            waiting, self._waiting = self._waiting, deque()
            self._used = 0
            return len(waiting)

    def _place(self, envelope: Envelope) -> int | None:
        if self._waiting and self._waiting[0] is envelope:
            return 0
        return next((at for at, other in enumerate(tuple(self._waiting)) if other is envelope), None)

    def _admits(self, envelope: Envelope, size: int) -> bool:
        run, ends = envelope.run_id, envelope.is_terminal
        if run is None:
            return self._has_room(size)
        if run in self._refused:
            if ends:
                self._refused.pop(run, None)
            return False
        known = self._open.get(run)
        if known is None:
            return self._admits_run(run, size, ends=ends)
        if ends:
            self._release(run)
            return self._used + size <= self._limit
        if not self._has_room(size):
            return False
        self._open[run] = _Open(known.kept, self._taken)
        return True

    def _admits_run(self, run: str, size: int, *, ends: bool) -> bool:
        keep = 0 if ends else END_FLOOR + END_RATIO * size
        if not (self._has_room(size + keep) or self._frees(size + keep)):
            if not ends:
                self._refuse(run)
            return False
        known = _Open(keep, self._taken)
        if not ends and run not in self._open:  # nothing from here on is a call that could be interrupted
            self._open[run] = known
            self._kept += keep
        return True

    def _has_room(self, needed: int) -> bool:
        return self._used + self._kept + needed <= self._limit

    def _frees(self, needed: int) -> bool:
        """Give up the room kept for runs open longest of which nothing waits: their ends may never come this way.

        Only while the destination keeps up, so that many open runs are no reason to refuse one more.
        """
        if self._used > self._limit // 4 or self._used + needed > self._limit:
            return False
        settled = self._taken - len(self._waiting)
        while self._open and not self._has_room(needed):
            run, known = next(iter(self._open.items()))
            if known.last >= settled:
                return False
            self._release(run)
        return self._has_room(needed)

    def _release(self, run: str) -> None:
        known = self._open.pop(run, None)
        if known is not None:  # nothing in the next line is a call that could be interrupted
            self._kept -= known.kept

    def _refuse(self, run: str) -> None:
        self._refused[run] = None
        while len(self._refused) > MOST_REFUSED:
            self._refused.pop(next(iter(self._refused)), None)
