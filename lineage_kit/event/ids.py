"""Run ids (UUIDv7, RFC 9562) and the clock of events.

Written without `uuid` and `datetime`, which cost more than everything else a run does here. Ids sort by time: the
twelve bits after the version hold the fraction of the millisecond. The rest is from the operating system, so that
seeding `random` or forking changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from os import urandom


class _Source:
    """The two sources; `frozen` swaps them for tests."""

    new_id: Callable[[], str] | None = None
    now_ns: Callable[[], int] | None = None
    cached: tuple[int, str] = (-1, "")  # one value, so that threads never see a second with another's text


def new_id() -> str:
    """A new UUIDv7 in canonical text form."""
    if _Source.new_id is not None:
        return _Source.new_id()
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    chance = urandom(8).hex()
    # the variant leaves two bits of its digit free; as zeros they cost nothing, and 60 bits of chance are left
    place = (milliseconds >> 16, milliseconds & 0xFFFF, fraction, chance[:3], chance[4:])
    return "%08x-%04x-7%03x-8%s-%s" % place  # noqa: UP031 - faster than an f-string here


def now_ns() -> int:
    """Nanoseconds since 1970-01-01 UTC by the wall clock."""
    if _Source.now_ns is not None:
        return _Source.now_ns()
    return time.time_ns()


def timestamp(nanoseconds: int) -> str:
    """``2026-11-22T17:31:09.123456Z`` (RFC 3339) for nanoseconds since 1970-01-01 UTC."""
    second, rest = divmod(nanoseconds, 1_000_000_000)
    known, text = _Source.cached
    if second != known:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _Source.cached = (second, text)
    return "%s.%06dZ" % (text, rest // 1000)  # noqa: UP031 - faster than an f-string here


Ids = Callable[[], str] | None
Times = Callable[[], int] | None


def use_sources(new_id: Ids, now_ns: Times) -> tuple[Ids, Times]:
    """Replace where ids and times come from (None: the real ones); gives back what was there. For tests."""
    previous = (_Source.new_id, _Source.now_ns)
    _Source.new_id, _Source.now_ns = new_id, now_ns
    return previous


Stamp = tuple[int, int]  # (wall clock, monotonic clock), both in nanoseconds


def stamp() -> Stamp:
    """The present by both clocks: the start of a run."""
    return now_ns(), time.monotonic_ns()


def time_since(start: Stamp) -> int:
    """The wall-clock time now, in nanoseconds, as it follows from `start` by the monotonic clock.

    So the events of one run never go backwards, whatever happens to the wall clock meanwhile.
    """
    if _Source.now_ns is not None:
        return max(start[0], _Source.now_ns())
    return start[0] + time.monotonic_ns() - start[1]
