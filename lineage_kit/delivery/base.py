"""What every delivery offers: submit, flush, close, status."""

from __future__ import annotations

from typing import Protocol

import msgspec

from lineage_kit.event.envelope import Envelope


class Status(msgspec.Struct, kw_only=True):
    """What one destination has had and still owes, for `lineage_kit.status()` and ``lineage-kit doctor``.

    Times are seconds since 1970-01-01 UTC; ``dropped`` counts events by reason (``full``, ``rejected``, ``exit``, …).
    """

    name: str
    destination: str
    mode: str
    owed: int = 0
    delivered: int = 0
    dropped: dict[str, int] = msgspec.field(default_factory=dict)
    broken: bool = False
    last_success: float | None = None
    last_error: str | None = None
    last_error_time: float | None = None


class Delivery(Protocol):
    """Gets envelopes to one destination. No method raises; none but flush and close waits."""

    def submit(self, envelope: Envelope) -> bool:
        """Take the event over. False when it was refused; the refusal is then counted and said."""

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed; True when nothing is."""

    def close(self, timeout: float) -> bool:
        """Flush, then release the transport. Idempotent. True when nothing was left behind."""

    def status(self) -> list[Status]:
        """One entry per destination."""
