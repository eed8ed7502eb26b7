"""Whether a backend takes several events in one request: asked for, forbidden, or found out and remembered."""

from __future__ import annotations

import time
from typing import Literal

from lineage_kit.errors import BatchRefused, TransportError
from lineage_kit.transport.http import batch, verdict

ASK_AGAIN = 3600.0  # seconds after which a backend that did not is asked once more


class BatchSupport:
    """What is known of one backend. wish: the option ``batch``."""

    def __init__(self, wish: bool | Literal["auto"]) -> None:
        self._wish = wish
        self.is_known = False
        """Whether the backend has taken several at once."""
        self._not_until = 0.0

    def may_be_tried(self) -> bool:
        """Whether events may go together now."""
        return self._wish is not False and (not self._not_until or time.monotonic() >= self._not_until)

    def read(self, status: int, answer: bytes, count: int) -> list[TransportError | None] | None:
        """For each event None or its failure; None where the status has to be judged as that of a single event.

        Raises `BatchRefused`.
        """
        found = batch.outcomes(status, answer, count)
        if found is not None:
            self.is_known = True
            return found
        if status in batch.NOT_THERE or (self._is_doubtful() and self._says_no(status)):
            self._not_until = time.monotonic() + ASK_AGAIN
            raise BatchRefused(
                f"{verdict.status_line(status)}: there is nothing that takes several events at once"
            )
        if status in batch.TOGETHER:
            raise BatchRefused(f"{verdict.status_line(status)} to {count} events at once")
        return None

    def _is_doubtful(self) -> bool:
        """Whether it is not known that the backend takes batches, and nobody says so."""
        return self._wish == "auto" and not self.is_known

    def _says_no(self, status: int) -> bool:
        """Whether this is the answer of somebody who knows of no batches: anything but a plea to come back."""
        return status not in verdict.COME_BACK and status not in (502, 503, 504)
