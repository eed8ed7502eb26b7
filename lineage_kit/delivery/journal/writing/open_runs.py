"""Which runs are open, and in which segment the last event of each is: what their end is made of, should we die."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from lineage_kit.delivery.journal import home, record
from lineage_kit.delivery.journal.segment import Segment
from lineage_kit.event.envelope import TERMINAL, Envelope

MOST_ENDED = 1000  # runs that are known to have ended, and as many before these
MOST = 100_000  # runs that are remembered; of more the oldest are forgotten


class OpenRuns:
    """Called under the lock of the journal."""

    def __init__(self) -> None:
        self._where: dict[str, Segment] = {}
        self._ended: set[str | None] = set()
        self._ended_before: set[str | None] = set()
        self.unwritten: list[bytes] = []
        """Lines that tell of ends which could not be written when they came."""

    def __len__(self) -> int:
        return len(self._where)

    def note(self, run: str, state: str | None, segment: Segment) -> None:
        """An event of a run was written to `segment`."""
        where = self._where
        if state in TERMINAL:
            where.pop(run, None)
            self._ended.add(run)
            if len(self._ended) > MOST_ENDED:
                self._ended_before, self._ended = self._ended, set()
        elif state == "START" or run in where:  # else it began elsewhere: its end is not ours to tell
            where[run] = segment
            if len(where) > MOST:
                where.pop(next(iter(where)), None)

    def comes_late(self, envelope: Envelope) -> bool:
        """Whether this is the START of a run whose end has been written, by a thread that was overtaken at the end."""
        run = envelope.run_id
        return envelope.state == "START" and (run in self._ended or run in self._ended_before)

    def has_begun(self, envelope: Envelope) -> bool:
        """Whether this is neither the first nor the last event of a run that is open."""
        state = envelope.state
        return state != "START" and state not in TERMINAL and envelope.run_id in self._where

    def ended_in_memory(self, envelope: Envelope) -> None:
        """The end of a run could not be written: that it has one has to be, as soon as that is possible."""
        run = envelope.run_id
        if run in self._where and envelope.state in TERMINAL:
            del self._where[run]
            self.unwritten.append(record.line(envelope, carried=True))

    def ends_to_write(self) -> list[bytes]:
        """Those lines; who asks writes them."""
        lines, self.unwritten = self.unwritten, []
        return lines

    def count_in(self, segments: Collection[Segment]) -> int:
        """How many have their last event in one of these."""
        return sum(where in segments for where in self._where.values()) if self._where else 0

    def lines_to_carry(self, segments: Iterable[Segment]) -> Iterator[tuple[str, bytes]]:
        """Runs whose last event is in one of these, and the line that keeps it. Raises OSError."""
        for segment in segments:
            runs = {run for run, where in self._where.items() if where is segment}
            last = home.last_records(segment, runs) if runs else {}
            for run in runs.difference(last):
                self._where.pop(run, None)
            for run, found in last.items():
                yield run, record.line(found.envelope(), at=found.header.at, carried=True)

    def moved(self, run: str, segment: Segment) -> None:
        """The last event of a run was carried to another segment."""
        self._where[run] = segment

    def clear(self) -> None:
        """All have ended."""
        self._where.clear()
