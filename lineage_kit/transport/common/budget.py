"""Until when the attempts of this thread may last, where somebody waits for them: a transport keeps to what is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LEAST = 0.001

_here = threading.local()


@contextmanager
def within(deadline: float) -> Iterator[None]:
    """Attempts inside end by the monotonic time `deadline`."""
    before = getattr(_here, "deadline", None)
    _here.deadline = deadline
    try:
        yield
    finally:
        _here.deadline = before


def at_most(timeout: float) -> float:
    """`timeout` seconds, or what is left of the budget where that is less."""
    deadline = getattr(_here, "deadline", None)
    return timeout if deadline is None else max(LEAST, min(timeout, deadline - time.monotonic()))
