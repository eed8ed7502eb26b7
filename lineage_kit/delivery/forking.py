"""Before a fork: threads that only wait are ended, so that none of ours is alive across it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Protocol

LONGEST_WAIT = 0.05  # seconds


class Leaving(Protocol):
    """What has a thread."""

    def leave(self) -> None:
        """Ask the thread to end unless it is sending. Returns at once."""

    def left(self, timeout: float) -> int | None:
        """Wait until the thread asked by `leave` has ended; its native id, None when there is nothing to wait for."""


def end_idle_threads(workers: Iterable[Leaving]) -> None:
    """The parent starts new ones with its next event, flush or exit."""
    found = tuple(workers)
    for worker in found:
        worker.leave()
    deadline = time.monotonic() + LONGEST_WAIT
    for worker in found:
        native_id = worker.left(max(0.0, deadline - time.monotonic()))
        while native_id is not None and _exists(native_id) and time.monotonic() < deadline:
            time.sleep(0.0002)


def _exists(native_id: int) -> bool:
    """True while the kernel still counts a thread that has left Python; False where nobody can tell."""
    return os.path.exists(f"/proc/self/task/{native_id}")
