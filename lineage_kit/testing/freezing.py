"""Ids and times that are the same in every test run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from lineage_kit.event.ids import use_sources


class Frozen:
    """The clock of `frozen`: it stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self._nanoseconds = int(moment.timestamp() * 1_000_000) * 1_000
        self._ids = 0

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`."""
        self._nanoseconds += round(seconds * 1e9)

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        return self._nanoseconds

    def new_id(self) -> str:
        """00000000-0000-7000-8000-000000000001, …0002, and so on."""
        self._ids += 1
        return f"00000000-0000-7000-8000-{self._ids:012x}"


@contextmanager
def frozen(moment: str | datetime = "2026-01-01T00:00:00+00:00") -> Iterator[Frozen]:
    """Inside, run ids count up from 1 and every event carries the time `moment`, until `Frozen.advance` moves it.

    moment: a datetime, or its ISO text; without zone it is UTC. Applies to the whole process.
    """
    begin = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    clock = Frozen(begin if begin.tzinfo else begin.replace(tzinfo=UTC))
    outer = use_sources(clock.new_id, clock.now_ns)
    try:
        yield clock
    finally:
        use_sources(*outer)
