"""The segments of one incarnation and the verdicts on them: what the writer and whoever recovers have in common.

A segment goes when every destination has ruled on every record in it.
"""

from __future__ import annotations

import os
import threading
from itertools import takewhile

from lineage_kit.delivery.journal import places
from lineage_kit.delivery.journal.segment import Segment
from lineage_kit.delivery.journal.verdicts import Place, Ranges, Verdicts, acknowledgement


class Store:
    """The incarnation in the folder `home`, with events for `destinations`."""

    def __init__(self, home: str, destinations: tuple[str, ...]) -> None:
        self.home = home
        self.destinations = destinations
        self.lock = threading.RLock()
        self.segments: dict[int, Segment] = {}
        self.gone_records = 0
        """Records of segments that are gone."""
        self._gone_lines = 0
        self._acks = {one: Verdicts(acknowledgement(home, one)) for one in destinations}

    def lines(self) -> int:
        """Lines ever written, as far as is known."""
        return self._gone_lines + sum(segment.lines for segment in tuple(self.segments.values()))

    def records(self) -> int:
        """Records ever written: what each destination was owed from the beginning."""
        return self.gone_records + sum(segment.records for segment in tuple(self.segments.values()))

    def settled(self, destination: str) -> int:
        """How many of the records have a verdict of this destination."""
        found = (min(one.settled.get(destination, 0), one.records) for one in tuple(self.segments.values()))
        return self.gone_records + sum(found)

    def noted(self, destination: str) -> dict[int, Ranges]:
        """The verdicts of a destination that were noted before."""
        return self._acks[destination].read()

    def after(self, number: int) -> Segment | None:
        """The oldest segment with a number greater than this."""
        return min(
            (segment for segment in tuple(self.segments.values()) if segment.number > number),
            key=lambda segment: segment.number,
            default=None,
        )

    def settle(self, destination: str, found: list[tuple[Segment, int]], verdict: str) -> None:
        """A destination has ruled on lines of segments."""
        where: list[Place] = [(segment.number, line) for segment, line in found]
        self._acks[destination].add(where, verdict)
        with self.lock:
            for segment, _ in found:
                segment.settled[destination] = segment.settled.get(destination, 0) + 1
        self.collect()

    def collect(self) -> None:
        """Remove the oldest segments for as long as nobody is owed anything in them.

        The oldest first, and none out of turn: the end of a run must not go before what tells that it had begun.
        """
        oldest = sorted(self.segments.values(), key=lambda segment: segment.number)
        done = list(takewhile(lambda one: one.sealed and one.is_settled(self.destinations), oldest))
        for segment in done if done and self.may_go(done) else ():
            with self.lock:
                if self.segments.pop(segment.number, None) is None:
                    continue
                self.gone_records += segment.records
                self._gone_lines += segment.lines
            places.remove(segment.path)
            self.went(segment)

    def may_go(self, segments: list[Segment]) -> bool:
        """Whether segments that nobody is owed anything in are needed for nothing else."""
        return True

    def went(self, segment: Segment) -> None:
        """A segment has been removed."""

    def close(self) -> None:
        """Release the files of verdicts."""
        for ack in self._acks.values():
            ack.close()

    def path(self, name: str) -> str:
        """A file of this incarnation."""
        return os.path.join(self.home, name)
