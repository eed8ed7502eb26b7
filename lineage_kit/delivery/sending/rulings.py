"""What the answer to an attempt means for the event and for the destination. Called under the sender's lock."""

from __future__ import annotations

import time
from collections.abc import Callable

from lineage_kit import report
from lineage_kit.delivery.base import Tally, in_words, trace
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.retry import Pace, RetryPolicy, Verdict, judge
from lineage_kit.delivery.sending.blame import Blame
from lineage_kit.delivery.waiting.lanes import Entry
from lineage_kit.delivery.waiting.queue import Queue, Ruling
from lineage_kit.errors import TooLarge
from lineage_kit.event.envelope import Envelope

UNKEPT = 60.0  # seconds after which an event is tried again that could not be set aside

Smaller = Callable[[bytes, int], bytes | None]
"""A smaller form of a body, of which so many bytes were too many; None when there is none."""
Aside = Callable[[Envelope, BaseException], bool]
"""Keeps an event that its destination never takes; False when that failed."""


class Rulings:
    """Counts in `tally`, slows `pace` down, and settles events or gives them back.

    queue: of this process's own events. owed: how many events wait.
    smaller, aside: what to do about an event that is too large, or never taken; without them it is dropped.
    """

    def __init__(
        self,
        name: str,
        queue: Queue,
        pace: Pace,
        policy: RetryPolicy,
        smaller: Smaller | None,
        aside: Aside | None,
        owed: Callable[[], int],
    ) -> None:
        self.name = name
        self.queue = queue
        self.pace = pace
        self.tally = Tally()
        self.blame = Blame()
        self._policy = policy
        self._smaller = smaller
        self._aside = aside
        self._owed = owed

    def delivered(self, queue: Queue, entries: list[Entry]) -> None:
        """These were taken."""
        self.pace.answered()
        times = queue.settle(entries, Ruling.DELIVERED)
        self.tally.delivered(times, adopted=queue is not self.queue)
        self.blame.got_through(entries)

    def failed(self, queue: Queue, entry: Entry, error: BaseException, wave: int) -> None:
        """This one was not: it has its verdict, or waits again.

        wave: `Pace.waves` when it was taken. A connection that breaks under thirty events has failed once, not thirty
        times.
        """
        self.tally.failed(error)
        trace(self.name, error)
        if isinstance(error, TooLarge) and self._shrink(queue, entry):
            return
        if judge(error) is Verdict.REJECTED:
            if not self.blame.rejects_all():
                self.pace.answered()
                self._set_aside(
                    queue, entry, error, f"{self.name} refuses an event for good: {in_words(error)}"
                )
                return
            error = self.blame.as_broken(entry, error)
            self.tally.failed(error)
        if self.blame.is_guilty(entry, error):
            message = f"{self.name} always fails at an event, and takes others: {in_words(error)}"
            self._set_aside(queue, entry, error, message)
            return
        if self.blame.is_suspect(entry):
            queue.release(entry)  # else those who could tell whose fault it is would wait behind it
        entry.tries += 1
        if wave == self.pace.waves:
            self.pace.failed(error)
        entry.due = self.pace.due
        if entry.tries > self.pace.failures:  # others got through meanwhile
            entry.due = max(entry.due, time.monotonic() + self._policy.pause(entry.tries, 0.5))
        self._put_back(queue, entry)

    def _put_back(self, queue: Queue, entry: Entry) -> None:
        queue.give_back(entry)
        error = self.tally.last_error
        if self.pace.broken:
            self.say("broken", f"{self.name} takes no events; they wait{self._where()}: {error}")
        elif self.pace.known_down:
            waiting = self._owed()
            events = "1 event waits" if waiting == 1 else f"{waiting:,} events wait"
            self.say("unreachable", f"{self.name} is down, {events} for it: {error}")

    def _where(self) -> str:
        return " until the program ends" if self._aside is None else " in the journal"

    def _shrink(self, queue: Queue, entry: Entry) -> bool:
        """Whether the event goes on in a smaller form."""
        smaller, whole, refused = self._smaller, entry.whole or entry.envelope, len(entry.envelope.body)
        if smaller is None:
            return False
        entry.whole = whole
        bodies: list[bytes | None] = []
        attempt(lambda: bodies.append(smaller(whole.body, refused)))
        if not bodies or bodies[0] is None or len(bodies[0]) >= refused:
            return False
        queue.replace(entry, whole.with_body(bodies[0]))
        entry.due = 0.0
        queue.give_back(entry)
        return True

    def _set_aside(self, queue: Queue, entry: Entry, error: BaseException, message: str) -> None:
        """The event has its verdict: never."""
        if self._aside is None:
            if queue.settle([entry], Ruling.DROPPED):
                self.tally.dropped("rejected")
                self.say("rejected", message)
        elif self._aside(entry.whole or entry.envelope, error):
            if queue.settle([entry], Ruling.QUARANTINED):
                self.tally.quarantined()
                self.say("rejected", f"{message}. It is kept: lineage-kit journal quarantine")
        else:
            entry.due = time.monotonic() + UNKEPT
            queue.give_back(entry)

    def say(self, what: str, message: str, error: BaseException | None = None) -> None:
        """Say it, whatever loggers and strictness do."""
        # through the door: strict reports and logging handlers raise, and there is nobody here to raise to
        attempt(report.problem, f"delivery.{what}:{self.name}", message, error, True)
