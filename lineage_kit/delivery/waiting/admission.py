"""Whether there is room for an event: never half a run.

The first event of a run decides for the whole run. It is admitted when there is room for it and for the end of its
run, which is then kept free; else it is refused, and with it all that follows. Intermediate events of an admitted run
and events of jobs and datasets may use what is not kept. An end may use everything.

Called on users' threads, under the lock of whoever owns it: nothing here waits, and every change is complete at each
call it makes, so that what a signal handler, a finaliser or a KeyboardInterrupt finds is at most one event off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lineage_kit.event.envelope import TERMINAL, Envelope

END_FLOOR = 1024  # bytes at least kept free for the end of an admitted run
END_RATIO = 2  # and this many times its first event: ends carry all that became known meanwhile
MOST_REFUSED = 10_000  # refused runs remembered at a time
MOST_OPEN = 100_000  # runs for whose ends room is kept at a time


class _Open(NamedTuple):
    """An admitted run that has not ended: bytes kept for its end, events taken from anybody before its last."""

    kept: int
    last: int


class Admission:
    """At most `limit` bytes.

    used: bytes that are taken. taken: events ever admitted. settled: how many of them nobody waits for any more, in
    the order in which they came.
    """

    def __init__(self, limit: int, settled: Callable[[], int]) -> None:
        self.limit = limit
        self.used = 0
        self.taken = 0
        self._settled = settled
        self._kept = 0
        self._open: dict[str, _Open] = {}  # the oldest first
        self._refused: dict[str, None] = {}

    def admits(self, envelope: Envelope, size: int) -> bool:
        """Whether the event may take `size` bytes; if so it has taken them."""
        if not self._admits(envelope, size):
            return False
        self.used += size
        self.taken += 1
        return True

    def gives_back(self, size: int) -> None:
        """So many bytes are free again."""
        self.used -= size

    def _admits(self, envelope: Envelope, size: int) -> bool:
        run, ends = envelope.run_id, envelope.state in TERMINAL
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
            return self.used + size <= self.limit
        if not self._has_room(size):
            return False
        self._open[run] = _Open(known.kept, self.taken)
        return True

    def _admits_run(self, run: str, size: int, *, ends: bool) -> bool:
        keep = 0 if ends else END_FLOOR + END_RATIO * size
        if not (self._has_room(size + keep) or self._frees(size + keep)):
            if not ends:
                self._refuse(run)
            return False
        known = _Open(keep, self.taken)
        if not ends and run not in self._open:  # nothing from here on is a call that could be interrupted
            self._open[run] = known
            self._kept += keep
        if len(self._open) > MOST_OPEN:
            self._release(next(iter(self._open)))
        return True

    def _has_room(self, needed: int) -> bool:
        return self.used + self._kept + needed <= self.limit

    def _frees(self, needed: int) -> bool:
        """Give up the room kept for runs open longest of which nothing waits: their ends may never come this way.

        Only while the destination keeps up, so that many open runs are no reason to refuse one more.
        """
        if self.used > self.limit // 4 or self.used + needed > self.limit:
            return False
        settled = self._settled()
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
