"""Whether there is room for an event: never half a run.

The first event of a run decides for the whole run. It is admitted when there is room for it and for the end of its
run, which is then kept free; else it is refused, and with it all that follows. Intermediate events of an admitted run
and events of jobs and datasets may use what is not kept. An end may use everything.

Called on users' threads, under the lock of whoever owns it: nothing here waits, and every change is complete at each
call it makes, so that what a signal handler, a finaliser or a KeyboardInterrupt finds is at most one event off.
"""

from __future__ import annotations

from collections.abc import Callable

from lineage_kit.event.envelope import TERMINAL, Envelope

END_FLOOR = 1024  # bytes at least kept free for the end of an admitted run
END_RATIO = 2  # and this many times its first event: ends carry all that became known meanwhile
MOST_REFUSED = 10_000  # refused runs remembered at a time
MOST_OPEN = 100_000  # runs for whose ends room is kept at a time


Open = tuple[int, int]
"""An admitted run that has not ended: bytes kept for its end, events taken from anybody before its last."""


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
        self._open: dict[str, Open] = {}  # the oldest first
        self._refused: dict[str, None] = {}

    def admits(self, envelope: Envelope, size: int) -> bool:
        """Whether the event may take `size` bytes; if so it has taken them."""
        run = envelope.run_id
        if run is None:
            admitted = self._has_room(size)
        elif envelope.state in TERMINAL:
            admitted = self._admits_end(run, size)
        else:
            admitted = self._admits_more(run, size)
        if admitted:
            self.used += size
            self.taken += 1
        return admitted

    def gives_back(self, size: int) -> None:
        """So many bytes are free again."""
        self.used -= size

    def _admits_end(self, run: str, size: int) -> bool:
        known = self._open.pop(run, None)
        if known is not None:  # nothing in the next line is a call that could be interrupted
            self._kept -= known[0]
            return self.used + size <= self.limit
        if self._refused and self._refused.pop(run, 0) is None:
            return False
        return self._has_room(size) or self._frees(size)

    def _admits_more(self, run: str, size: int) -> bool:
        known = self._open.get(run)
        if known is not None:
            if not self._has_room(size):
                return False
            self._open[run] = known[0], self.taken
            return True
        if run in self._refused:
            return False
        keep = END_FLOOR + END_RATIO * size
        if self.used + self._kept + size + keep > self.limit and not self._frees(size + keep):
            self._refuse(run)
            return False
        opened = keep, self.taken
        if run not in self._open:  # nothing from here on is a call that could be interrupted
            self._open[run] = opened
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
            if known[1] >= settled:
                return False
            self._release(run)
        return self._has_room(needed)

    def _release(self, run: str) -> None:
        known = self._open.pop(run, None)
        if known is not None:  # nothing in the next line is a call that could be interrupted
            self._kept -= known[0]

    def _refuse(self, run: str) -> None:
        self._refused[run] = None
        while len(self._refused) > MOST_REFUSED:
            self._refused.pop(next(iter(self._refused)), None)
