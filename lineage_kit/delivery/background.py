"""Background delivery: submit costs microseconds, a thread of the destination's own does the waiting."""

from __future__ import annotations

import time
from typing import NamedTuple

from lineage_kit import report
from lineage_kit.delivery.base import Status
from lineage_kit.delivery.process import PerProcess
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.delivery.sending.rulings import Smaller
from lineage_kit.delivery.sending.sender import Sender
from lineage_kit.delivery.sending.worker import Worker
from lineage_kit.delivery.waiting.memory import MEBIBYTE, MemoryQueue
from lineage_kit.delivery.waiting.queue import Refusal
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport

REFUSED: dict[Refusal, str] = {
    "full": "{name} has no room for another run: its events are refused until waiting ones are delivered",
    "closed": "an event came after {name} was closed: refused",
}


class _Here(NamedTuple):
    """What one process has of a delivery."""

    queue: MemoryQueue
    sender: Sender
    worker: Worker


class BackgroundDelivery:
    """Events of all threads to one transport, in the order in which they came, until each has its verdict.

    limit: bytes that waiting events may take; runs for which there is no room are refused whole.
    exit_timeout: seconds to go on delivering when the process ends; what is left then is lost, counted and said.
    smaller: what makes an event that is too large smaller.
    retry: the pauses between tries. While the destination is down events wait, and the caller never does.
    """

    def __init__(
        self,
        transport: Transport,
        name: str,
        *,
        limit: int = 16 * MEBIBYTE,
        exit_timeout: float = 2.0,
        retry: RetryPolicy | None = None,
        smaller: Smaller | None = None,
    ) -> None:
        self.name: str = name
        self._transport = transport
        self._limit = limit
        self._exit_timeout = exit_timeout
        self._retry = retry or RetryPolicy()
        self._smaller = smaller
        self._closed = False
        self._left_behind = 0
        self._here: PerProcess[_Here] = PerProcess(self._make)

    def submit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """Take the event over. False when it was refused: no room for its run, or closed."""
        here = self._here.get()
        if again and here.queue.has_had(envelope):
            return here.worker.wake()
        refusal = here.queue.offer(envelope)
        if refusal is None:
            return here.worker.wake()
        here.sender.tally.dropped(refusal)
        report.problem(f"delivery.{refusal}:{self.name}", REFUSED[refusal].format(name=self.name))
        return False

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed; True when nothing is.

        A destination that is being left alone after failures is tried once more at once.
        """
        return self._here.get().worker.flush(timeout)

    def close(self, timeout: float) -> bool:
        """Flush within `timeout` seconds, drop and count the rest, have the transport closed. Idempotent.

        True when nothing was left behind. Returns in time even when the transport never does.
        """
        if self._closed:
            return self._left_behind == 0
        self._closed = True
        deadline = time.monotonic() + timeout
        here = self._here.get()
        here.queue.shut()
        here.worker.flush(timeout)
        self._left_behind = here.queue.abandon()
        here.sender.tally.dropped("closed", self._left_behind)
        here.worker.close(deadline - time.monotonic())
        return self._left_behind == 0

    def recover(self) -> int:
        """0: nothing outlives a process here."""
        return 0

    def status(self) -> list[Status]:
        """One entry; counted since this process began, or was forked."""
        here = self._here.get()
        owed, broken = len(here.queue), here.sender.pace.broken
        tally = here.sender.tally
        return [
            tally.status(
                self.name, self._transport, "background", owed=owed, broken=broken, durability="memory"
            )
        ]

    def _make(self) -> _Here:
        queue = MemoryQueue(self._limit)
        if self._closed:
            queue.shut()
        sender = Sender(self.name, self._transport, queue, self._retry, smaller=self._smaller)
        return _Here(queue, sender, Worker(sender, self._exit_timeout))
