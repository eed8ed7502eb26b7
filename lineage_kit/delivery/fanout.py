"""Several destinations, each with a delivery of its own: what happens to one is nothing to the others."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lineage_kit.delivery.base import Delivery, Status
from lineage_kit.event.envelope import Envelope


class Fanout:
    """Hands every event to all `deliveries`, in their order.

    continue_on_success: False makes the later ones stand-ins: they get what the ones before them refuse.
    continue_on_failure: False ends at the first that refuses; those after it do not get the event.

    A refusal is what submit says at once: a direct delivery when the try failed, a background delivery when it has no
    room or is closed. A background destination that is down has not refused: it has the event and goes on trying, so
    that no run is torn apart between two destinations.
    """

    def __init__(
        self,
        deliveries: Sequence[Delivery],
        *,
        continue_on_failure: bool = True,
        continue_on_success: bool = True,
    ) -> None:
        self._deliveries: tuple[Delivery, ...] = tuple(deliveries)
        self._on_failure = continue_on_failure
        self._on_success = continue_on_success

    def submit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """True when at least one destination took the event over."""
        accepted = False
        for delivery in self._deliveries:
            taken = delivery.submit(envelope, again=again)
            accepted = accepted or taken
            if not (self._on_success if taken else self._on_failure):
                break
        return accepted

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds, for all together, until nothing is owed; True when nothing is."""
        deadline = time.monotonic() + timeout
        for delivery in self._deliveries:
            delivery.flush(
                0.0
            )  # all hurry at once: they work at the same time while we wait for them in turn
        drained = [delivery.flush(max(0.0, deadline - time.monotonic())) for delivery in self._deliveries]
        return all(drained)

    def close(self, timeout: float) -> bool:
        """Flush and close all within `timeout` seconds together. Idempotent. True when nothing was left behind."""
        deadline = time.monotonic() + timeout
        self.flush(timeout)
        emptied = [delivery.close(max(0.0, deadline - time.monotonic())) for delivery in self._deliveries]
        return all(emptied)

    def recover(self) -> int:
        """See to what processes that died have left, at all destinations; how many are being delivered."""
        return sum(delivery.recover() for delivery in self._deliveries)

    def status(self) -> list[Status]:
        """One entry per destination, in their order."""
        return [entry for delivery in self._deliveries for entry in delivery.status()]
