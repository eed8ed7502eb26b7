"""Where events wait that cannot be written to disk: in memory, within a bound, and ended with the process."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

from lineage_kit.delivery.journal.queue import JournalQueue, Unwritten
from lineage_kit.delivery.waiting.admission import Admission
from lineage_kit.event.envelope import Envelope

OVERHEAD = 400  # bytes an event costs in memory besides its body


class Overflow:
    """At most `limit` bytes, for all of `queues` together. `lock`: of the journal, under which `take` is called."""

    def __init__(self, limit: int, lock: AbstractContextManager[Any]) -> None:
        self.queues: Sequence[JournalQueue] = ()
        self._lock = lock
        self._admission = Admission(limit, lambda: self._admission.taken)

    def take(self, envelope: Envelope, lines: int) -> Literal["unkept"] | None:
        """Let an event wait behind what stands in so many lines on disk; "unkept" when there is no room."""
        size = OVERHEAD + len(envelope.body)
        if not self.queues or not self._admission.admits(envelope, size):
            return "unkept"
        event = Unwritten(envelope, lines, len(self.queues), size)
        for queue in self.queues:
            queue.add_unwritten(event)
        return None

    def owed(self) -> int:
        """How many events wait for the destination that has had the fewest, on disk or here."""
        return max(map(len, self.queues), default=0)

    def has(self, envelope: Envelope) -> bool:
        """Whether this very event waits here."""
        return any(queue.has_unwritten(envelope) for queue in self.queues)

    def gives_back(self, event: Unwritten) -> None:
        """An event has all its verdicts."""
        with self._lock:
            self._admission.gives_back(event.size)
