"""When to try again: from what an attempt raised to a verdict and a pause. Nothing here sends or sleeps."""

from __future__ import annotations

import enum
import os
import time
from collections.abc import Callable

import msgspec

from lineage_kit.errors import BrokenDestination, Rejected, TransportError

LEAST_STEP = 0.1
PROGRAMMING = (AttributeError, ImportError, NameError, NotImplementedError, SyntaxError, TypeError)
"""What no network raises."""
LONGEST_RETRY_AFTER = 300.0


class Verdict(enum.Enum):
    """What a failed attempt means."""

    RETRY = enum.auto()
    """For now: try again."""
    REJECTED = enum.auto()
    """For ever: this event will not be taken, others may."""
    BROKEN = enum.auto()
    """For all: no event is taken until somebody mends the destination. Keep, and look in now and then."""


def judge(error: BaseException) -> Verdict:
    """The verdict on what `Transport.send` raised; what it should not have raised is worth another try.

    A mistake in the program of a transport is told at once and tried again at the pace of a broken destination: until
    somebody mends the program, or the next event happens not to meet it.
    """
    if isinstance(error, Rejected):
        return Verdict.REJECTED
    if isinstance(error, (BrokenDestination, *PROGRAMMING)):
        return Verdict.BROKEN
    return Verdict.RETRY


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait between tries; never for how long to go on, for that has no end.

    total: fast tries before the pauses begin to grow.
    factor: seconds; fast tries are up to this far apart, then the pause doubles from here.
    longest: seconds; no pause of ours is longer, except that a destination may ask for up to five minutes.
    """

    total: int = 5
    factor: float = 0.3
    longest: float = 60.0

    def pause(self, failures: int, chance: float) -> float:
        """Seconds to wait after `failures` in a row (1, 2, …): full jitter, `chance` in [0, 1) decides."""
        steps = min(failures - self.total, 32)
        if steps <= 0:
            return chance * min(self.factor, self.longest)
        return float(chance * min(max(self.factor, LEAST_STEP) * 2.0**steps, self.longest))

    def slow_pause(self, chance: float) -> float:
        """Seconds to wait before looking in on a broken destination."""
        return self.longest * (0.5 + chance / 2)


def own_chance() -> float:
    """A number in [0, 1) that leaves the user's seeded `random` untouched."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


class Pace:
    """Where one destination stands: how often it failed in a row, and when the next try is due.

    The next try after a pause is one event, the oldest: if it gets through, the others follow without pause.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = own_chance,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self.due: float = 0.0
        """Time of `clock` before which nothing is tried; 0.0 when there is no such time."""
        self._longest: float | None = None
        self.failures: int = 0
        """Failed tries since the last answer."""
        self.waves: int = 0
        """Failures ever, of which those of tries that were under way together count as one."""
        self.broken: bool = False
        """The last try found the destination broken."""

    @property
    def known_down(self) -> bool:
        """True when all fast tries failed, or the destination is broken."""
        return self.broken or self.failures > self._policy.total

    def wait(self) -> float:
        """Seconds until the next try is due; 0.0 when it is."""
        return max(0.0, self.due - self._clock()) if self.due else 0.0

    def answered(self) -> None:
        """The destination took an event, or refused one for good: it is there."""
        self.failures = 0
        self.broken = False
        self.due = 0.0

    def failed(self, error: BaseException) -> None:
        """A try failed with a verdict other than `Verdict.REJECTED`."""
        self.failures += 1
        self.waves += 1
        self.broken = judge(error) is Verdict.BROKEN
        asked = error.retry_after if isinstance(error, TransportError) else None
        if asked is not None:
            pause = min(max(asked, 0.0), LONGEST_RETRY_AFTER)
        elif self.broken:
            pause = self._policy.slow_pause(self._chance())
        else:
            pause = self._policy.pause(self.failures, self._chance())
        if self._longest is not None:
            pause = min(pause, self._longest)
        self.due = self._clock() + pause

    def hurry(self, longest: float | None = None) -> None:
        """The next try is due now; with `longest`, no later pause is longer than these seconds."""
        self.due = 0.0
        if longest is not None:
            self._longest = longest
