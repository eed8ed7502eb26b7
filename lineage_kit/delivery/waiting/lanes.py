"""What may be tried next: of each run its oldest event only, and of all runs the one that came first.

A lane is a run (for events without one: their job or dataset). What has been taken is in flight and keeps its lane
closed until it is settled or given back, so that event k+1 of a run is never tried before event k has its verdict,
however many threads take. A run that is a part of another waits until the START of that one has its verdict: backends
invent a parent that they do not know. Lanes know neither threads nor locks: one thread at a time calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

from lineage_kit.event.envelope import Envelope


class Entry:
    """One waiting event, and what its tries have taught.

    order: its place in the order of arrival. place: for the queue it came from, where it stands in there.
    tries: attempts that failed. strikes: those that may have been its own fault. due: monotonic time before which it is
    not tried. alone: never in a batch. accepted: seconds since 1970 when it came, where that is known. whole: the event
    as it was before it had to be made smaller.
    """

    __slots__ = ("accepted", "alone", "due", "envelope", "order", "place", "strikes", "tries", "whole")

    def __init__(self, order: int, envelope: Envelope, place: Any = None) -> None:
        self.order = order
        self.envelope = envelope
        self.place = place
        self.tries = 0
        self.strikes = 0
        self.due = 0.0
        self.alone = False
        self.accepted: float | None = None
        self.whole: Envelope | None = None

    @property
    def lane(self) -> str:
        """Whose order it has to keep."""
        return self.envelope.run_id or self.envelope.key


Suspicion = Callable[[Entry], bool]


class Lanes:
    """The events of one queue that are in memory; `bytes` is the size of their bodies."""

    def __init__(self) -> None:
        self._lanes: dict[str, list[Entry]] = {}
        self._ready: list[tuple[int, Entry]] = []  # heap: the head of every lane that is not in flight
        self._starting: dict[str, list[Entry]] = {}  # run whose START is here → what waits for that
        self._later: list[tuple[float, int, Entry]] = []  # heap: the same, of those that are not due yet
        self._count = 0
        self.bytes = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Entry]:
        for lane in tuple(self._lanes.values()):
            yield from tuple(lane)

    def add(self, entry: Entry) -> None:
        """One more, behind those of its lane."""
        lane = self._lanes.setdefault(entry.lane, [])
        lane.append(entry)
        self._count += 1
        self.bytes += len(entry.envelope.body)
        if entry.envelope.state == "START":
            self._starting.setdefault(entry.lane, [])
        if lane[0] is entry:
            self._open(entry)

    def take(self, most: int, largest: int, is_suspect: Suspicion | None = None) -> list[Entry]:
        """At most `most` events of different lanes, oldest first, with `largest` bytes together unless it is one.

        is_suspect: what is rather left for later, where there is anything else.
        """
        self._wake()
        first = self._first(is_suspect)
        if first is None:
            return []
        found, size = [first], len(first.envelope.body)
        while self._ready and len(found) < most and not first.alone:
            entry = self._ready[0][1]
            size += len(entry.envelope.body)
            if entry.alone or size > largest:
                break
            heappop(self._ready)
            found.append(entry)
        return found

    def _first(self, is_suspect: Suspicion | None) -> Entry | None:
        """The oldest that is ready and not suspect; a suspect when there is no other."""
        aside: list[tuple[int, Entry]] = []
        while self._ready:
            order, entry = heappop(self._ready)
            if is_suspect is None or not is_suspect(entry):
                break
            aside.append((order, entry))
        else:
            if not aside:
                return None
            _, entry = aside.pop(0)
        for one in aside:
            heappush(self._ready, one)
        return entry

    def give_back(self, entry: Entry) -> None:
        """What was taken is to be tried again, not before it is due."""
        if entry.due > time.monotonic():
            heappush(self._later, (entry.due, entry.order, entry))
        else:
            heappush(self._ready, (entry.order, entry))

    def release(self, entry: Entry) -> None:
        """What waits for this START need not any more: whether it ever gets through is in doubt."""
        for one in self._starting.pop(entry.lane, ()) if entry.envelope.state == "START" else ():
            heappush(self._ready, (one.order, one))

    def settle(self, entry: Entry) -> bool:
        """What was taken has its verdict: its lane goes on. False when it is not here any more."""
        lane = self._lanes.get(entry.lane)
        if not lane or lane[0] is not entry:
            return False
        lane.pop(0)
        self._count -= 1
        self.bytes -= len(entry.envelope.body)
        if entry.envelope.state == "START":
            for one in self._starting.pop(entry.lane, ()):
                heappush(self._ready, (one.order, one))
        if lane:
            self._open(lane[0])
        else:
            del self._lanes[entry.lane]
        return True

    def replace(self, entry: Entry, envelope: Envelope) -> None:
        """The event goes on as `envelope`, which is of the same lane."""
        self.bytes += len(envelope.body) - len(entry.envelope.body)
        entry.envelope = envelope

    def next_due(self) -> float | None:
        """Monotonic time at which something can be taken; None when all is in flight, or nothing is here."""
        if self._ready:
            return 0.0
        return self._later[0][0] if self._later else None

    def hurry(self) -> None:
        """Everything is due now."""
        for _, order, entry in self._later:
            heappush(self._ready, (order, entry))
        self._later.clear()

    def clear(self) -> int:
        """Forget everything; how many events that were."""
        count = self._count
        self._lanes.clear()
        self._ready.clear()
        self._later.clear()
        self._starting.clear()
        self._count = self.bytes = 0
        return count

    def _open(self, entry: Entry) -> None:
        """The first of its lane may be tried, unless the START of its parent has to come before."""
        parent = entry.envelope.parent
        waiting = self._starting.get(parent) if parent is not None and parent != entry.lane else None
        if waiting is not None and self._lanes[parent or ""][0].envelope.state != "START":
            waiting = None  # that START waits for something itself, perhaps for us
        if waiting is None:
            heappush(self._ready, (entry.order, entry))
        else:
            waiting.append(entry)

    def _wake(self) -> None:
        now = time.monotonic() if self._later else 0.0
        while self._later and self._later[0][0] <= now:
            _, order, entry = heappop(self._later)
            heappush(self._ready, (order, entry))
