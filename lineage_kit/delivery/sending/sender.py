"""One attempt after another: takes what may be tried to the transport and decides what the answer means.

Any number of threads may take and attempt at the same time, as many as the transport allows. While the last word of a
destination was a failure, one event at a time knocks at it; the first that gets through lets the others follow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from lineage_kit import report
from lineage_kit.delivery.base import Tally, in_words, trace
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.retry import Pace, RetryPolicy, Verdict, judge
from lineage_kit.delivery.sending.blame import Blame
from lineage_kit.delivery.waiting.lanes import Entry
from lineage_kit.delivery.waiting.queue import Queue, Ruling
from lineage_kit.errors import BatchRefused, TooLarge
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport

LARGEST_BATCH = 900_000  # bytes: what one event may have, and below the usual limits of servers
UNKEPT = 60.0  # seconds after which an event is tried again that could not be set aside

Smaller = Callable[[bytes], bytes | None]
"""The next smaller form of a body that was too large; None when there is none."""
Aside = Callable[[Envelope, BaseException], bool]
"""Keeps an event that its destination never takes; False when that failed."""


class Parcel(NamedTuple):
    """What is tried together: events of one queue, of different runs."""

    queue: Queue
    entries: list[Entry]


class Sender:
    """The events of `queues` on their way through `transport`, counted in `tally`, paced by `pace`.

    The first queue holds this process's own events. smaller, aside: what to do about an event that is too large, or
    never taken; without them it is dropped.
    """

    def __init__(
        self,
        name: str,
        transport: Transport,
        queue: Queue,
        policy: RetryPolicy,
        *,
        smaller: Smaller | None = None,
        aside: Aside | None = None,
    ) -> None:
        self.name = name
        self.transport = transport
        self.queue = queue
        self.queues: list[Queue] = [queue]
        self.pace = Pace(policy)
        self.tally = Tally()
        self.tries = 0
        """Attempts that ended, either way."""
        self.own_only = False
        """Whether what other processes have left is let lie, because this one ends."""
        self._policy = policy
        self._blame = Blame()
        self._smaller = smaller
        self._aside = aside
        self._lock = threading.RLock()
        self._in_flight = 0
        self._turn = 0

    def take(self) -> Parcel | None:
        """What is to be tried now; whoever takes it has to `attempt` it."""
        with self._lock:
            if self.pace.wait() > 0 or (self.pace.failures and self._in_flight):
                return None
            knocks = self.pace.failures > 0
            most = 1 if knocks else max(1, self.transport.most)
            for queue in self._in_turn():
                entries = queue.take(most, LARGEST_BATCH, self._blame.is_suspect if knocks else None)
                if entries:
                    self._in_flight += 1
                    return Parcel(queue, entries)
            return None

    def attempt(self, parcel: Parcel) -> None:
        """Try what was taken, once; each event then has its verdict, or waits again."""
        errors = self._send([entry.envelope for entry in parcel.entries])
        with self._lock:
            self._in_flight -= 1
            self.tries += 1
            if isinstance(errors, BatchRefused):
                self._one_by_one(parcel)
                return
            delivered = [entry for entry, error in zip(parcel.entries, errors, strict=True) if error is None]
            if delivered:
                self._delivered(parcel.queue, delivered)
            for entry, error in zip(parcel.entries, errors, strict=True):
                if error is not None:
                    self._failed(parcel.queue, entry, error)

    def try_next(self) -> bool:
        """One attempt for what is due, if anything is."""
        parcel = self.take()
        if parcel is not None:
            self.attempt(parcel)
        return parcel is not None

    def wait(self) -> float | None:
        """Seconds until something can be tried; None when that depends on what is in flight, or on new events."""
        with self._lock:
            if self.pace.failures and self._in_flight:
                return None
            times = [due for queue in self._in_turn() if (due := queue.next_due()) is not None]
            if not times:
                return None
            return max(self.pace.wait(), min(times) - time.monotonic(), 0.0)

    def hurry(self, longest: float | None = None) -> None:
        """What waits for its time is due now; with `longest`, no later pause is longer than these seconds."""
        with self._lock:
            self.pace.hurry(longest)
            for queue in self.queues:
                queue.hurry()

    def send_until(self, deadline: float, done: Callable[[], bool]) -> None:
        """Try, and pause between tries, on the caller's thread: until `done()` or the monotonic time `deadline`."""
        while not done() and (left := deadline - time.monotonic()) > 0:
            if self.try_next():
                continue
            pause = self.wait()
            time.sleep(min(left, 0.01 if pause is None else max(pause, 0.001)))

    def close(self, timeout: float) -> None:
        """Release the transport."""
        error = attempt(self.transport.close, timeout)
        if error is not None:
            self._say("close", f"closing {self.name} failed", error)

    def _in_turn(self) -> list[Queue]:
        """The queues, each time another one first."""
        if self.own_only or len(self.queues) == 1:
            return [self.queue]
        self._turn = (self._turn + 1) % len(self.queues)
        return self.queues[self._turn :] + self.queues[: self._turn]

    def _send(self, envelopes: list[Envelope]) -> list[BaseException | None] | BatchRefused:
        if len(envelopes) == 1:
            return [attempt(self.transport.send, envelopes[0])]
        answers: list[list[BaseException | None]] = []
        error = attempt(lambda: answers.append(list(self.transport.send_many(envelopes))))
        if isinstance(error, BatchRefused):
            return error
        return answers[0] if answers and len(answers[0]) == len(envelopes) else [error] * len(envelopes)

    def _one_by_one(self, parcel: Parcel) -> None:
        for entry in parcel.entries:
            entry.alone = True
            parcel.queue.give_back(entry)

    def _delivered(self, queue: Queue, entries: list[Entry]) -> None:
        self.pace.answered()
        times = queue.settle(entries, Ruling.DELIVERED)
        self.tally.delivered(times, adopted=queue is not self.queue)
        self._blame.got_through(entries)

    def _failed(self, queue: Queue, entry: Entry, error: BaseException) -> None:
        self.tally.failed(error)
        trace(self.name, error)
        if isinstance(error, TooLarge) and self._shrink(queue, entry):
            return
        if judge(error) is Verdict.REJECTED:
            if not self._blame.rejects_all():
                self.pace.answered()
                self._set_aside(
                    queue, entry, error, f"{self.name} refuses an event for good: {in_words(error)}"
                )
                return
            error = self._blame.as_broken(entry, error)
            self.tally.failed(error)
        if self._blame.is_guilty(entry, error):
            message = f"{self.name} always fails at an event, and takes others: {in_words(error)}"
            self._set_aside(queue, entry, error, message)
            return
        entry.tries += 1
        self.pace.failed(error)
        entry.due = self.pace.due
        if entry.tries > self.pace.failures:  # others got through meanwhile
            entry.due = max(entry.due, time.monotonic() + self._policy.pause(entry.tries, 0.5))
        self._put_back(queue, entry)

    def _put_back(self, queue: Queue, entry: Entry) -> None:
        queue.give_back(entry)
        error = self.tally.last_error
        if self.pace.broken:
            self._say("broken", f"{self.name} takes no events; they wait{self._where()}: {error}")
        elif self.pace.known_down:
            waiting = len(self.queue)
            events = "1 event waits" if waiting == 1 else f"{waiting:,} events wait"
            self._say("unreachable", f"{self.name} is down, {events} for it: {error}")

    def _where(self) -> str:
        return " until the program ends" if self._aside is None else " in the journal"

    def _shrink(self, queue: Queue, entry: Entry) -> bool:
        """Whether the event goes on in a smaller form."""
        body = None if self._smaller is None else self._smaller(entry.envelope.body)
        if body is None:
            return False
        queue.replace(entry, entry.envelope.with_body(body))
        entry.due = 0.0
        queue.give_back(entry)
        return True

    def _set_aside(self, queue: Queue, entry: Entry, error: BaseException, message: str) -> None:
        """The event has its verdict: never."""
        if self._aside is None:
            if queue.settle([entry], Ruling.DROPPED):
                self.tally.dropped("rejected")
                self._say("rejected", message)
        elif self._aside(entry.envelope, error):
            if queue.settle([entry], Ruling.QUARANTINED):
                self.tally.quarantined()
                self._say("rejected", f"{message}. It is kept: lineage-kit journal quarantine")
        else:
            entry.due = time.monotonic() + UNKEPT
            queue.give_back(entry)

    def _say(self, what: str, message: str, error: BaseException | None = None) -> None:
        # through the door: strict reports and logging handlers raise, and there is nobody here to raise to
        attempt(report.problem, f"delivery.{what}:{self.name}", message, error, True)
