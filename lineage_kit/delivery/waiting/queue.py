"""The seam between what waits and what sends: a queue holds the events of one destination until each has its verdict.

`take`, `give_back`, `settle` and `replace` are called by the threads that send. An event stays until it is settled, so
that what was being sent when the process died is still there for a queue that outlives it.
"""

from __future__ import annotations

import enum
from typing import Literal, Protocol

from lineage_kit.delivery.waiting.lanes import Entry, Suspicion
from lineage_kit.event.envelope import Envelope

Refusal = Literal["full", "closed"]


class Ruling(enum.StrEnum):
    """Why an event is not owed any more."""

    DELIVERED = "delivered"
    QUARANTINED = "quarantined"
    """The destination never takes it; it is kept aside."""
    DROPPED = "dropped"
    """The destination never takes it, and there is nowhere to keep it."""


class Queue(Protocol):
    """What a sender takes events from."""

    durable: bool
    """Whether what waits outlives the process."""

    def __len__(self) -> int:
        """How many events wait for their verdict, those in flight too."""

    def take(self, most: int, largest: int, is_suspect: Suspicion | None = None) -> list[Entry]:
        """At most `most` events that may be tried now, of `largest` bytes together; see `Lanes.take`."""

    def give_back(self, entry: Entry) -> None:
        """What was taken is to be tried again when it is due."""

    def release(self, entry: Entry) -> None:
        """What waits for this START to get through need not any more."""

    def settle(self, entries: list[Entry], ruling: Ruling) -> int:
        """These have their verdict, the same for all; how many of them were still waiting."""

    def replace(self, entry: Entry, envelope: Envelope) -> None:
        """What was taken goes on as another body."""

    def next_due(self) -> float | None:
        """Monotonic time at which something can be taken; None when nothing can before something comes or settles."""

    def abandon(self) -> int:
        """Forget what does not outlive the process; how many events that were."""

    def hurry(self) -> None:
        """What waits for its time is due now."""
