"""One attempt after another: takes what may be tried to the transport and decides what the answer means.

Any number of threads may take and attempt at the same time, as many as the transport allows. While the last word of a
destination was a failure, one event at a time knocks at it; the first that gets through lets the others follow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.retry import Pace, RetryPolicy
from lineage_kit.delivery.sending.rulings import Aside, Rulings, Smaller
from lineage_kit.delivery.waiting.lanes import Entry
from lineage_kit.delivery.waiting.queue import Queue
from lineage_kit.errors import BatchRefused
from lineage_kit.event.envelope import Envelope
from lineage_kit.notes import suppressed
from lineage_kit.transport.base import Transport

FEW = 24  # events that are not worth a second connection, or a batch
LARGEST_BATCH = 900_000  # bytes: what one event may have, and below the usual limits of servers


class Parcel(NamedTuple):
    """What is tried together: events of one queue, of different runs. wave: `Pace.waves` when it was taken."""

    queue: Queue
    entries: list[Entry]
    wave: int


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
        self.must: list[Queue] = [queue]
        """Those that are waited for at the end of the process."""
        self.pace = Pace(policy)
        self._rulings = Rulings(name, queue, self.pace, policy, smaller, aside, self.owed)
        self.tally = self._rulings.tally
        self.tries = 0
        """Attempts that ended, either way."""
        self.own_only = False
        """Whether what other processes have left is let lie, because this one ends."""
        self._lock = threading.RLock()
        self._in_flight = 0
        self._turn = 0
        self._line = threading.RLock()
        self._in_line = False

    def take(self) -> Parcel | None:
        """What is to be tried now; whoever takes it has to `attempt` it."""
        with self._lock:
            if self.pace.wait() > 0 or (self.pace.failures and self._in_flight):
                return None
            knocks = self.pace.failures > 0
            most = 1 if knocks or self.is_slack() else max(1, self.transport.most)
            for queue in self._in_turn():
                entries = queue.take(most, LARGEST_BATCH, self._rulings.blame.is_suspect if knocks else None)
                if entries:
                    self._in_flight += 1
                    return Parcel(queue, entries, self.pace.waves)
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
                self._rulings.delivered(parcel.queue, delivered)
            for entry, error in zip(parcel.entries, errors, strict=True):
                if error is not None:
                    self._rulings.failed(parcel.queue, entry, error, parcel.wave)

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
        """Try, and pause between tries, on the caller's thread: until `done()` or the monotonic time `deadline`.

        Nothing is done when this is called from inside it.
        """
        if not self._line.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return  # another thread is at it
        try:
            if not self._in_line:
                self._send_in_line(deadline, done)
        finally:
            self._line.release()

    def is_empty(self) -> bool:
        """Whether nothing waits that has to be waited for."""
        return not any(map(len, self.must))

    def is_idle(self) -> bool:
        """Whether nothing waits, what others have left included."""
        return not any(map(len, self.queues))

    def owed(self) -> int:
        """How many events wait, what others have left included."""
        return sum(map(len, self.queues))

    def is_slack(self) -> bool:
        """Whether so little waits that it goes as it came: in order, one after another."""
        return self.owed() < FEW

    def close(self, timeout: float) -> None:
        """Release the transport."""
        error = attempt(self.transport.close, timeout)
        if error is not None:
            self._rulings.say("close", f"closing {self.name} failed", error)

    def _send_in_line(self, deadline: float, done: Callable[[], bool]) -> None:
        self._in_line = True
        try:
            with suppressed():
                self._send_until(deadline, done)
        finally:
            self._in_line = False

    def _send_until(self, deadline: float, done: Callable[[], bool]) -> None:
        while not done() and (left := deadline - time.monotonic()) > 0:
            if not self.try_next():
                pause = self.wait()
                time.sleep(min(left, 0.01 if pause is None else max(pause, 0.001)))

    def _in_turn(self) -> list[Queue]:
        """The queues, each time another one first."""
        queues = self.must if self.own_only else self.queues
        self._turn = (self._turn + 1) % len(queues)
        return queues[self._turn :] + queues[: self._turn]

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
