"""One file of records: how many it has, who has ruled on them, and reading it on from where one was."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from lineage_kit.delivery.journal.places import open_read
from lineage_kit.delivery.journal.record import Record, parse
from lineage_kit.transport.common.held import Held

CHUNK = 64 * 1024
LOOKED_THROUGH = 2  # segments that are searched for the event of somebody who was interrupted
LONGEST_LINE = 8 * 1024 * 1024  # bytes without a newline after which a file is given up


class Segment:
    """A segment as its readers see it. sealed: nothing is appended any more. marks: lines that nobody is owed.

    settled: destination → how many of its records have a verdict there.
    """

    def __init__(self, home: str, number: int) -> None:
        self.number = number
        self.path = os.path.join(home, f"{number:06d}.jsonl")
        self.sealed = True
        self.marks = 0
        self.settled: dict[str, int] = {}
        self._lines = 0

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self._lines

    @property
    def records(self) -> int:
        """How many of them are owed to every destination, or were."""
        return self.lines - self.marks

    def count(self, *, mark: bool) -> None:
        """One line was found in it."""
        self._lines += 1
        self.marks += mark

    def is_settled(self, destinations: tuple[str, ...]) -> bool:
        """Whether every destination has ruled on every record."""
        return all(self.settled.get(one, 0) >= self.records for one in destinations)


class Line(NamedTuple):
    """A line as it was read; record is None when it is damaged."""

    segment: Segment
    number: int
    record: Record | None
    text: bytes


class SegmentReader:
    """Reads one segment from its beginning on, whole lines only; it may still grow."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.lines = 0
        self._offset = 0
        self._file: Held | None = None

    def read(self) -> list[Line]:
        """The next lines, some hundred kilobytes of them; none when there are no more for now. Raises OSError."""
        size = CHUNK
        while size <= LONGEST_LINE:
            data = self._data(size)
            end = data.rfind(b"\n") + 1
            if end:
                self._offset += end
                return [self._line(text) for text in data[: end - 1].split(b"\n")]
            if len(data) < size:
                return []  # nothing more, or a line that is torn or just being written
            size *= 2
        return self._skip()

    def _skip(self) -> list[Line]:
        """Something without end that is no line of ours: one damaged line, up to the next newline."""
        beyond = self._offset
        while data := self._data(LONGEST_LINE, beyond):
            end = data.find(b"\n")
            if end >= 0:
                self._offset = beyond + end + 1
                return [self._line(b"")]
            beyond += len(data)
        return []

    def close(self) -> None:
        """Release the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _data(self, size: int, offset: int | None = None) -> bytes:
        if self._file is None or not self._file.is_ours():
            self._file = open_read(self.segment.path)
        os.lseek(self._file.descriptor, self._offset if offset is None else offset, os.SEEK_SET)
        return os.read(self._file.descriptor, size)

    def _line(self, text: bytes) -> Line:
        self.lines += 1
        return Line(self.segment, self.lines, parse(text), text)


def holds(segments: Iterable[Segment], body: bytes) -> bool:
    """Whether an event with this body stands whole in one of the newest of these."""
    for segment in sorted(segments, key=lambda one: -one.number)[:LOOKED_THROUGH]:
        try:
            with open(segment.path, "rb") as file:
                if body + b"}\n" in file.read():
                    return True
        except OSError:
            continue
    return False
