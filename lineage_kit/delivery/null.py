"""Delivery to nowhere: events are counted and dropped as asked, without the machinery of a wire."""

from __future__ import annotations

from lineage_kit.delivery.base import Status
from lineage_kit.event.envelope import Envelope


class NullDelivery:
    """For ``type: noop`` (or ``null``)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._count = 0

    def submit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """Count the event."""
        self._count += 1
        return True

    def flush(self, timeout: float) -> bool:
        """True: nothing is ever owed."""
        return True

    def close(self, timeout: float) -> bool:
        """True: nothing is held."""
        return True

    def recover(self) -> int:
        """0: nothing outlives a process here."""
        return 0

    def status(self) -> list[Status]:
        """One entry, with what was taken as delivered."""
        return [Status(name=self.name, destination="nowhere", mode="direct", delivered=self._count)]
