"""What one destination is owed of one incarnation, read from disk a window at a time; memory stays the same size.

What could not be written to disk waits in memory, at the place in the order where it came.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from lineage_kit.delivery.journal.segment import Line, Segment, SegmentReader
from lineage_kit.delivery.journal.store import Store
from lineage_kit.delivery.waiting.lanes import Entry, Lanes, Suspicion
from lineage_kit.delivery.waiting.queue import Ruling
from lineage_kit.event.envelope import Envelope

WINDOW = 1024 * 1024  # bytes of bodies in memory
MOST = 1500  # events in memory
BLOCKED = 1.0  # seconds after which a file that cannot be read is tried again

Damaged = Callable[[str, Line], None]


class Unwritten:
    """An event that could not be written: `after` so many lines. destinations: how many still owe it a verdict."""

    __slots__ = ("after", "destinations", "envelope", "size")

    def __init__(self, envelope: Envelope, after: int, destinations: int, size: int) -> None:
        self.envelope = envelope
        self.after = after
        self.destinations = destinations
        self.size = size


class JournalQueue:
    """The events of `store` for `destination`. For its methods see `Queue`.

    damaged: told of the destination and of each line that cannot be read. released: told of each event that was only
    in memory and has all its verdicts.
    """

    durable = True

    def __init__(
        self,
        store: Store,
        destination: str,
        damaged: Damaged,
        released: Callable[[Unwritten], None] | None = None,
    ) -> None:
        self._store = store
        self._destination = destination
        self._damaged = damaged
        self._released = released
        self._noted = store.noted(destination)  # of segments that are still there
        self._side = threading.RLock()  # of those who send
        self._lanes = Lanes()
        self._reader: SegmentReader | None = None
        self._at = 0  # number of the segment that was read last
        self._lines = 0  # read so far
        self._order = 0
        self._blocked = 0.0  # monotonic time until which reading is not tried
        self._settled = store.settled(destination)
        self._unwritten: deque[Unwritten] = deque()
        self._in_memory = 0  # events of `_unwritten` that came
        self._left_memory = 0  # and that have their verdict

    def __len__(self) -> int:
        return max(0, self._store.records() - self._settled) + self._in_memory - self._left_memory

    def add_unwritten(self, event: Unwritten) -> None:
        """One event more that is only in memory; called under the lock of whoever writes."""
        self._unwritten.append(event)
        self._in_memory += 1

    def has_unwritten(self, envelope: Envelope) -> bool:
        """Whether this very event waits and is only in memory."""
        return any(event.envelope is envelope for event in tuple(self._unwritten)) or any(
            entry.envelope is envelope for entry in self._lanes
        )

    def take(self, most: int, largest: int, is_suspect: Suspicion | None = None) -> list[Entry]:
        """What may be tried now."""
        with self._side:
            self._load()
            return self._lanes.take(most, largest, is_suspect)

    def give_back(self, entry: Entry) -> None:
        """It is to be tried again."""
        with self._side:
            self._lanes.give_back(entry)

    def release(self, entry: Entry) -> None:
        """What waits for this START need not any more."""
        with self._side:
            self._lanes.release(entry)

    def settle(self, entries: list[Entry], ruling: Ruling) -> int:
        """They have their verdict, which is written down."""
        with self._side:
            settled = [entry.place for entry in entries if self._lanes.settle(entry)]
            written = [place for place in settled if not isinstance(place, Unwritten)]
            for place in settled:
                if isinstance(place, Unwritten):
                    self._left_memory = min(
                        self._in_memory, self._left_memory + 1
                    )  # it may have been given up
                    place.destinations -= 1
                    if not place.destinations and self._released is not None:
                        self._released(place)
            self._rule(written, ruling.value)
            return len(settled)

    def replace(self, entry: Entry, envelope: Envelope) -> None:
        """The event goes on as a smaller one; on disk it stays as it was."""
        with self._side:
            self._lanes.replace(entry, envelope)

    def next_due(self) -> float | None:
        """When something can be taken."""
        with self._side:
            due = self._lanes.next_due()
            if due is None and self._has_more() and len(self._lanes) < MOST:
                return self._blocked
            return due

    def hurry(self) -> None:
        """Everything is due now."""
        with self._side:
            self._lanes.hurry()

    def abandon(self) -> int:
        """Forget what is in memory alone; how many events that were."""
        with self._side:
            lost = self._in_memory - self._left_memory
            self._left_memory = self._in_memory
            self._unwritten.clear()
            return lost

    def close(self) -> None:
        """Release the file that is being read."""
        with self._side:
            if self._reader is not None:
                self._reader.close()

    def oldest_time(self) -> float | None:
        """When the event was accepted that waits longest; None when nothing waits, or it is not known."""
        with self._side:
            self._load()
            first = min(self._lanes, key=lambda entry: entry.order, default=None)
            return None if first is None else first.accepted

    def _rule(self, found: list[tuple[Segment, int]], verdict: str) -> None:
        if found:
            self._settled += len(found)
            self._store.settle(self._destination, found, verdict)

    def _has_more(self) -> bool:
        return bool(self._unwritten) or self._lines < self._store.lines()

    def _load(self) -> None:
        """Fill the window."""
        if self._blocked and time.monotonic() < self._blocked:
            return
        self._blocked = 0.0
        while self._has_more() and self._lanes.bytes < WINDOW and len(self._lanes) < MOST:
            before = self._lines
            for line in self._read():
                self._take_unwritten()
                self._lines += 1
                self._take_line(line)
            self._take_unwritten()
            if self._lines == before:
                return

    def _take_unwritten(self) -> None:
        while self._unwritten and self._unwritten[0].after <= self._lines:
            event = self._unwritten.popleft()
            self._add(Entry(self._order, event.envelope, event))

    def _take_line(self, line: Line) -> None:
        known = self._noted.get(line.segment.number)
        if line.record is None:
            self._damaged(self._destination, line)
            self._rule([(line.segment, line.number)], "damaged")
        elif not line.record.header.carried and (known is None or line.number not in known):
            entry = Entry(self._order, line.record.envelope(), (line.segment, line.number))
            entry.accepted = line.record.header.at
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._order += 1
        self._lanes.add(entry)

    def _read(self) -> Iterator[Line]:
        """The next lines; of the next segment where this one has come to its end."""
        while True:
            reader = self._reader
            if reader is not None:
                sealed = (
                    reader.segment.sealed
                )  # asked before reading: what is sealed afterwards may have grown
                found = self._lines_of(reader)
                if found:
                    yield from found
                if found or not sealed or self._blocked:
                    return
                self._lose_rest(reader)
                reader.close()
                self._at, self._reader = reader.segment.number, None
            segment = self._store.after(self._at)
            if segment is None:
                return
            self._reader = SegmentReader(segment)

    def _lines_of(self, reader: SegmentReader) -> list[Line]:
        try:
            return reader.read()
        except FileNotFoundError:
            self._lose_rest(reader)
        except OSError:  # too many open files, say
            self._blocked = time.monotonic() + BLOCKED
        return []

    def _lose_rest(self, reader: SegmentReader) -> None:
        """What was not read of a segment is not there any more: somebody has removed the file, or cut it."""
        segment, noted = reader.segment, self._noted.get(reader.segment.number, ())
        numbers = range(reader.lines + 1, segment.lines + 1)
        lost = [(segment, number) for number in numbers if number not in noted]
        reader.lines += len(numbers)
        self._lines += len(numbers)
        for _, number in lost:
            self._damaged(self._destination, Line(segment, number, None, b""))
        self._rule(lost, "damaged")
