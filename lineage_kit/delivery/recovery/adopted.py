"""One incarnation that is dead: its lock taken, its segments counted, its open runs ended by one event each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from lineage_kit import report
from lineage_kit.delivery.aside.damage import Damage
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal import home, places, record
from lineage_kit.delivery.journal.queue import JournalQueue
from lineage_kit.delivery.journal.segment import Line, Segment, SegmentReader
from lineage_kit.delivery.journal.store import Store
from lineage_kit.delivery.journal.verdicts import Ranges
from lineage_kit.delivery.journal.writing.own_segment import OwnSegment
from lineage_kit.delivery.recovery.last_words import OnCrash, last_words
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.common.held import Held

HALF_MADE = 60.0  # seconds after which a folder without segments is nobody's


class Adopted(Store):
    """The incarnation at `path`, whose lock is `lock`.

    `count` has to be called before anything else.
    """

    def __init__(self, path: str, meta: places.Meta, lock: Held) -> None:
        super().__init__(path, tuple(places.destinations_in(path)))
        self.meta = meta
        self.queues: dict[str, JournalQueue] = {}
        self._lock_file = lock
        self._damage = Damage(os.path.dirname(path))
        self._is_counted = False
        self._unread = 0  # segments that cannot be read
        self._noted = {one: super(Adopted, self).noted(one) for one in self.destinations}
        self._open: dict[str, Segment] = {}  # run that has not ended → where its last event is
        self._last_seen = meta.started

    def count(self, on_crash: OnCrash, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Read it through; False when `go_on()` said no meanwhile. Raises OSError."""
        for number in places.segment_numbers(self.home):
            segment = Segment(self.home, number)
            try:
                self._count_segment(segment)
            except OSError as error:
                self._cannot_read(segment, error)
            else:
                self.segments[number] = segment
            if not go_on():
                return False
        if on_crash != "none" and self._open and not home.has_ended(self.home):
            self._end_runs(on_crash)
        self._open.clear()
        self._is_counted = True
        return True

    def noted(self, destination: str) -> dict[int, Ranges]:
        """The verdicts that were there when it was adopted."""
        return self._noted[destination]

    def owed(self, destination: str) -> int:
        """Events that wait for a verdict of this destination."""
        return self.records() - self.settled(destination)

    def queue(self, destination: str) -> JournalQueue:
        """What this destination is owed of it."""
        return self.queues.setdefault(destination, JournalQueue(self, destination, self._damage))

    @property
    def damaged(self) -> int:
        """Records that could not be read, counted for each destination."""
        return self._damage.count

    def let_go(self) -> None:
        """Remove it when nobody is owed anything any more; else leave it to others, as it is."""
        self.collect()
        for queue in self.queues.values():
            queue.close()
        if not self.segments and self._is_counted and not self._unread:
            places.remove_home(self.home)
        self.abandon()

    def drop(self) -> None:
        """In a forked child: close the inherited lock, which stays the parent's."""
        attempt(self._lock_file.close)

    def abandon(self) -> None:
        """Leave it to others as it is."""
        self.close()
        self._lock_file.close()

    def _cannot_read(self, segment: Segment, error: OSError) -> None:
        self._unread += 1
        text = f"{segment.path} cannot be read: what it holds waits for somebody to mend that"
        attempt(report.problem, "journal.orphan", text, error)

    def _count_segment(self, segment: Segment) -> None:
        reader = SegmentReader(segment)
        try:
            while lines := reader.read():
                for line in lines:
                    self._count_line(segment, line)
        finally:
            reader.close()
        for one, noted in self._noted.items():
            segment.settled[one] = (
                noted[segment.number].up_to(segment.lines) if segment.number in noted else 0
            )

    def _count_line(self, segment: Segment, line: Line) -> None:
        found = line.record
        segment.count(mark=found is not None and found.header.carried)
        if found is None or found.header.run is None:
            return
        self._last_seen = max(self._last_seen, found.header.at)
        run, header = found.header.run, found.header
        if header.is_terminal:
            self._open.pop(run, None)
        elif header.state == "START" or header.begun or header.carried:
            self._open[run] = segment  # of a run that began elsewhere nobody here has to tell the end

    def _end_runs(self, on_crash: OnCrash) -> None:
        """Append the ends of open runs, in a segment of their own. Raises OSError."""
        who = f"the process {self.meta.pid} on {self.meta.host}"
        numbers = [
            *places.segment_numbers(self.home),
            *(number for noted in self._noted.values() for number in noted),
        ]
        segment = OwnSegment(self.home, max(numbers, default=0) + 1)  # one that no verdict speaks of
        for envelope in self._last_events():
            end = last_words(envelope, on_crash, self._last_seen, who)
            if end is not None:
                segment.put(record.line(end, at=self._last_seen))
        segment.seal()
        self.segments[segment.number] = segment

    def _last_events(self) -> Iterator[Envelope]:
        """The last event of each run that is open."""
        for segment in dict.fromkeys(self._open.values()):
            runs = {run for run, where in self._open.items() if where is segment}
            for found in home.last_records(segment, runs).values():
                yield found.envelope()


def adopt(path: str, parent: int | None = None) -> Adopted | None:
    """Take over a dead incarnation; None when it lives, is of another version, or somebody else has it.

    parent: only one that was started by this process. Raises OSError.
    """
    meta = places.read_meta(path)
    if meta is None or parent not in (None, meta.parent):
        return None
    held = home.take(path)
    return None if held is None else Adopted(path, meta, held)


def tidy_up(path: str) -> None:
    """Remove what is left of an incarnation that died while it was being made, or removed; not one that is new."""
    try:
        if time.time() - os.stat(path).st_mtime < HALF_MADE:
            return
        held = home.take(path) if os.path.exists(os.path.join(path, places.LOCK)) else None
        places.remove_home(path)
        if held is not None:
            held.close()
    except OSError:
        pass  # somebody else has done it, or it is not ours to touch
