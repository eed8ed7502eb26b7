"""What every delivery offers: submit, flush, close, status; and how it counts.

Whatever the events meet, ``submitted == delivered + quarantined + dropped + owed`` holds for each destination.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

import msgspec

from lineage_kit import report
from lineage_kit.config.problems import hide_secrets
from lineage_kit.delivery.door import attempt
from lineage_kit.errors import TransportError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport
from lineage_kit.user_code import own_place

LONGEST_ERROR = 500
LONGEST_FOREIGN = 200


class Status(msgspec.Struct, kw_only=True):
    """What one destination has had and still owes, for `lineage_kit.status()` and ``lineage-kit doctor``.

    mode: ``background`` or ``direct``.
    durability: what outlives the process: ``journal`` (events accepted survive it), ``journal, synced`` (they survive a
    power failure too), ``memory`` (they do not), ``none`` (nothing waits).
    owed: accepted and without a verdict yet. quarantined: never taken, and kept aside. recovered: events of processes
    that died, delivered by this one; adopted: those that it still has to deliver.
    oldest_owed: when the event that waits longest was accepted.
    dropped: events by reason: ``full`` (no room for their run), ``rejected`` (the destination never takes them),
    ``failed`` (the only try, or the budget, was used up), ``closed`` (came after, or were left at, the close),
    ``exit`` (left when the process ended), ``interrupted`` (the user's thread was, while it sent),
    ``unkept`` (no disk to keep it on and no room in memory).
    broken: the destination cannot take any event as it is configured.
    Times are seconds since 1970-01-01 UTC.
    """

    name: str
    destination: str
    mode: str
    owed: int = 0
    delivered: int = 0
    quarantined: int = 0
    recovered: int = 0
    adopted: int = 0
    durability: str = "none"
    oldest_owed: float | None = None
    dropped: dict[str, int] = msgspec.field(default_factory=dict)
    broken: bool = False
    last_success: float | None = None
    last_error: str | None = None
    last_error_time: float | None = None


class Delivery(Protocol):
    """Gets envelopes to one destination, or to several. No method raises; none but flush and close waits."""

    def submit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """Take the event over. False when it was refused; the refusal is then counted and said.

        again: a submit of this same object was interrupted, and it is not known how far it came: take it over if that
        one did not.
        """

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed; True when nothing is."""

    def close(self, timeout: float) -> bool:
        """Flush, then release the transport. Idempotent. True when nothing was left behind."""

    def recover(self) -> int:
        """See to what processes that died have left: adopt the next one; how many are being delivered."""

    def status(self) -> list[Status]:
        """One entry per destination."""


class Tally:
    """The counters of one destination in one process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # re-entrant: a signal handler may count inside of counting
        self._delivered = 0
        self._recovered = 0
        self._quarantined = 0
        self._dropped: dict[str, int] = {}
        self._last_success: float | None = None
        self._last_error: str | None = None
        self._last_error_time: float | None = None

    def delivered(self, times: int = 1, *, adopted: bool = False) -> None:
        """`times` events are safely there; adopted: of another process."""
        with self._lock:
            self._last_success = time.time()
            if adopted:
                self._recovered += times
            else:
                self._delivered += times

    def quarantined(self) -> None:
        """One event was set aside."""
        with self._lock:
            self._quarantined += 1

    @property
    def last_error(self) -> str | None:
        """What the last failure was, in words."""
        return self._last_error

    def dropped(self, reason: str, times: int = 1) -> None:
        """`times` events were lost; for the reasons see `Status`."""
        if not times:
            return
        with self._lock:
            self._dropped.setdefault(reason, 0)
            self._dropped[reason] += times

    def failed(self, error: BaseException) -> None:
        """One attempt failed."""
        self._last_error = in_words(error)
        self._last_error_time = time.time()

    def status(
        self,
        name: str,
        transport: Transport,
        mode: str,
        *,
        owed: int,
        broken: bool,
        durability: str = "none",
        adopted: int = 0,
        oldest_owed: float | None = None,
    ) -> Status:
        """The counters as they are now; for the rest see `Status`."""
        return Status(
            name=name,
            destination=_destination(transport),
            mode=mode,
            owed=owed,
            delivered=self._delivered,
            quarantined=self._quarantined,
            recovered=self._recovered,
            dropped={reason: times for reason, times in tuple(self._dropped.items()) if times},
            broken=broken,
            durability=durability,
            adopted=adopted,
            oldest_owed=oldest_owed,
            last_success=self._last_success,
            last_error=self._last_error,
            last_error_time=self._last_error_time,
        )


def in_words(error: BaseException) -> str:
    """What a transport of ours says of a failure; of a foreign exception its masked text and line."""
    if isinstance(error, TransportError):
        return str(error)[:LONGEST_ERROR]
    found: list[str] = []
    attempt(lambda: found.append(hide_secrets(str(error)[:LONGEST_ERROR])[:LONGEST_FOREIGN]))
    said = f": {found[0]}" if found and found[0] else ""
    return f"{type(error).__name__}{said}{own_place(error)}"


def trace(name: str, error: BaseException) -> None:
    """Log the frames of what a transport of the user's raised, at level DEBUG."""
    if not isinstance(error, TransportError):
        attempt(report.trace, f"{name} raised {in_words(error)}", error)


def _destination(transport: Transport) -> str:
    found: list[str] = []
    if attempt(lambda: found.append(str(transport.describe()))) is not None:
        return type(transport).__name__
    return found[0]
