"""The verdicts of one destination on the records of one incarnation: appended ranges of lines, read back as sets.

A line is ``000001 12-40 delivered``: segment, lines of it, verdict. Lines that cannot be read count for nothing; what
they told is then sent once more.
"""

from __future__ import annotations

import os
import re
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from lineage_kit import report
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal.places import open_append, read_whole
from lineage_kit.transport.common.disk import write_whole
from lineage_kit.transport.common.held import Held

_LINE = re.compile(rb"(\d{1,9}) (\d{1,9})(?:-(\d{1,9}))? ([a-z]+)").fullmatch

Place = tuple[int, int]
"""Number of a segment, and of a line in it (from 1)."""


class Ranges:
    """A set of whole numbers, kept as ranges."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number <= self._ends[at]

    def up_to(self, last: int) -> int:
        """How many of the numbers from 1 to `last` are in it."""
        return sum(
            min(end, last) - start + 1
            for start, end in zip(self._starts, self._ends, strict=True)
            if start <= last
        )

    def add(self, first: int, last: int) -> None:
        """Every number from `first` to `last`."""
        at = bisect_right(self._starts, first)
        if at and self._ends[at - 1] >= first - 1:
            at -= 1
            first = self._starts[at]
        behind = at
        while behind < len(self._starts) and self._starts[behind] <= last + 1:
            last = max(last, self._ends[behind])
            behind += 1
        self._starts[at:behind] = [first]
        self._ends[at:behind] = [last]


class Verdicts:
    """The file at `path`, opened with the first verdict."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.RLock()  # an answer may come while the journal is let go of
        self._file: Held | None = None

    def add(self, places: Iterable[Place], verdict: str) -> None:
        """Note these; what cannot be noted is sent again by whoever comes after us, and that is said."""
        lines = [
            f"{segment:06d} {first}-{last} {verdict}\n"
            if last > first
            else f"{segment:06d} {first} {verdict}\n"
            for segment, first, last in _joined(places)
        ]
        try:
            with self._lock:
                self._write("".join(lines).encode())
        except OSError as error:
            text = "verdicts cannot be written to the journal: after a crash some events would be sent twice"
            attempt(report.problem, "journal.verdicts", text, error)

    def _write(self, data: bytes) -> None:
        if self._file is None or not self._file.is_named():
            if not os.path.isdir(os.path.dirname(self.path)):
                return  # all of it has been delivered and removed
            self._file = open_append(self.path)
        write_whole(self._file, data)

    def read(self) -> dict[int, Ranges]:
        """What was noted: segment → lines."""
        found: dict[int, Ranges] = {}
        try:
            text = read_whole(self.path)
        except OSError:
            return found  # never a verdict: all is owed
        for line in text.splitlines(keepends=True):
            match = _LINE(line.removesuffix(b"\n")) if line.endswith(b"\n") else None
            if match:
                first = int(match[2])
                last = max(first, int(match[3] or first))
                found.setdefault(int(match[1]), Ranges()).add(first, last)
        return found

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                file.close()


def _joined(places: Iterable[Place]) -> Iterator[tuple[int, int, int]]:
    """Segment, first and last line of each range."""
    begun: tuple[int, int, int] | None = None
    for segment, line in sorted(places):
        if begun is not None and begun[0] == segment and begun[2] == line - 1:
            begun = (segment, begun[1], line)
            continue
        if begun is not None:
            yield begun
        begun = (segment, line, line)
    if begun is not None:
        yield begun


def acknowledgement(home: str, destination: str) -> str:
    """Where the verdicts of a destination stand."""
    return os.path.join(home, f"{destination}.ack")
