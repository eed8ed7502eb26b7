"""One attempt after another: takes the oldest waiting event to the transport and decides what its answer means.

Knows no threads; at most one thread at a time calls `try_next`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lineage_kit import report
from lineage_kit.delivery.base import Tally, in_words, trace
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.memory_queue import MemoryQueue
from lineage_kit.delivery.retry import Pace, RetryPolicy, Verdict, judge
from lineage_kit.errors import TransportError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport

STRIKES = 5  # answers 500 to one and the same event, before another event is tried to tell whose fault it is


class Sender:
    """The events of `queue` on their way through `transport`, counted in `tally`, paced by `pace`."""

    def __init__(self, name: str, transport: Transport, queue: MemoryQueue, policy: RetryPolicy) -> None:
        self.name = name
        self.transport = transport
        self.queue = queue
        self.pace = Pace(policy)
        self.tally = Tally()
        self.tries = 0
        """Attempts that ended, either way."""
        self._strikes = 0

    def try_next(self) -> None:
        """One attempt for the event whose turn it is."""
        head = self.queue.peek()
        if head is None:
            return
        # Some destinations answer 500 to an event they cannot read. Only when another event gets through in between
        # is it that event's own fault; while nothing gets through, nothing is dropped and the order stays.
        suspect = head if self._strikes >= STRIKES else None
        other = self.queue.bystander(head) if suspect else None
        error = attempt(self.transport.send, other or head)
        self.tries += 1
        if error is None:
            self._delivered(other or head)
            if suspect and other:
                self._drop(head, f"{self.name} answers 500 to an event, and takes others")
        else:
            self._failed(other or head, error, of_suspect=other is None)

    def send_until(self, deadline: float, done: Callable[[], bool]) -> None:
        """Try, and pause between tries, on the caller's thread: until `done()` or the monotonic time `deadline`."""
        while not done() and (left := deadline - time.monotonic()) > 0:
            pause = self.pace.wait()
            if pause > 0:
                time.sleep(min(pause, left))
            else:
                self.try_next()

    def close(self, timeout: float) -> None:
        """Release the transport."""
        error = attempt(self.transport.close, timeout)
        if error is not None:
            self._say("close", f"closing {self.name} failed", error)

    def _delivered(self, envelope: Envelope) -> None:
        self._strikes = 0
        self.pace.answered()
        if self.queue.settle(envelope):
            self.tally.delivered()

    def _failed(self, envelope: Envelope, error: BaseException, *, of_suspect: bool) -> None:
        self.tally.failed(error)
        trace(self.name, error)
        if judge(error) is Verdict.REJECTED:
            self._strikes = 0
            self.pace.answered()
            self._drop(envelope, f"{self.name} refuses an event for good: {in_words(error)}")
            return
        self.pace.failed(error)
        if not of_suspect:
            self._strikes = STRIKES - 1  # the other one fails too: back to the oldest
        elif isinstance(error, TransportError) and error.status == 500:
            self._strikes += 1
        else:
            self._strikes = 0
        if self.pace.broken:
            self._say(
                "broken", f"{self.name} takes no events; they wait until the program ends: {in_words(error)}"
            )
        elif self.pace.known_down:
            waiting = len(self.queue)
            events = "1 event waits" if waiting == 1 else f"{waiting:,} events wait"
            self._say("unreachable", f"{self.name} is down, {events} for it: {in_words(error)}")

    def _drop(self, envelope: Envelope, message: str) -> None:
        self._strikes = 0
        if self.queue.settle(envelope):
            self.tally.dropped("rejected")
            self._say("rejected", message)

    def _say(self, what: str, message: str, error: BaseException | None = None) -> None:
        # through the door: strict reports and logging handlers raise, and there is nobody here to raise to
        attempt(report.problem, f"delivery.{what}:{self.name}", message, error, True)
