"""Events that wait in memory: in order, within a bound, and gone with the process."""

from __future__ import annotations

import threading
from collections import deque

from lineage_kit.delivery.waiting.admission import Admission
from lineage_kit.delivery.waiting.lanes import Entry, Lanes, Suspicion
from lineage_kit.delivery.waiting.queue import Refusal, Ruling
from lineage_kit.event.envelope import Envelope

MEBIBYTE = 1024 * 1024
OVERHEAD = 400  # bytes one waiting event costs besides its body: envelope, key, run id, place in the queue
WINDOW = 1000  # events that are in lanes, where one costs more


class MemoryQueue:
    """At most `limit` bytes of waiting events. For its methods see `Queue`.

    Users' threads only ever put into the inbox; whoever sends moves that into lanes, under a lock of his own.
    """

    durable = False

    def __init__(self, limit: int = 16 * MEBIBYTE) -> None:
        # re-entrant: what a signal handler or finaliser finds in the middle is at most one event away from the truth
        self._lock = threading.RLock()
        self._inbox: deque[Envelope] = deque()
        self._admission = Admission(limit, lambda: self._admission.taken - len(self))
        self._shut = False
        self._side = threading.RLock()  # of those who send
        self._lanes = Lanes()
        self._loaded = 0
        self._settled: Envelope | None = None  # the last to have its verdict

    def __len__(self) -> int:
        return len(self._lanes) + len(self._inbox)

    def offer(self, envelope: Envelope) -> Refusal | None:
        """Let the event wait at the end; else the reason why it may not."""
        with self._lock:
            if self._shut:
                return "closed"
            if not self._admission.admits(envelope, OVERHEAD + len(envelope.body)):
                return "full"
            self._inbox.append(envelope)
            return None

    def has_had(self, envelope: Envelope) -> bool:
        """Whether this very event waits, or was the last to have its verdict."""
        with self._side:
            waiting = (entry.envelope for entry in self._lanes)
            return envelope is self._settled or any(one is envelope for one in (*self._inbox, *waiting))

    def take(self, most: int, largest: int, is_suspect: Suspicion | None = None) -> list[Entry]:
        """What may be tried now."""
        with self._side:
            while self._inbox and len(self._lanes) < WINDOW:
                self._lanes.add(Entry(self._loaded, self._inbox[0]))
                self._loaded += 1
                self._inbox.popleft()  # after it is in its lane: nobody may find it in neither place
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
        """They have their verdict: forget them. How many were still waiting."""
        settled = 0
        with self._side:
            for entry in entries:
                if self._lanes.settle(entry):
                    settled += 1
                    self._settled = entry.envelope
                    with self._lock:
                        self._admission.gives_back(OVERHEAD + len(entry.envelope.body))
        return settled

    def replace(self, entry: Entry, envelope: Envelope) -> None:
        """The event goes on as a smaller one."""
        with self._side, self._lock:
            self._admission.gives_back(len(entry.envelope.body) - len(envelope.body))
            self._lanes.replace(entry, envelope)

    def next_due(self) -> float | None:
        """When something can be taken."""
        with self._side:
            return 0.0 if self._inbox else self._lanes.next_due()

    def hurry(self) -> None:
        """Everything is due now."""
        with self._side:
            self._lanes.hurry()

    def shut(self) -> None:
        """Refuse everything from now on."""
        with self._lock:
            self._shut = True

    def abandon(self) -> int:
        """Forget all that waits; how many events that were."""
        with self._side, self._lock:
            count = len(self)
            self._inbox.clear()
            self._lanes.clear()
            self._admission.used = 0
            return count
