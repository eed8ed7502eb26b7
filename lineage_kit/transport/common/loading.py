"""Loading a library on a delivery's thread without a fork in the middle: the child would have half of it, for ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_WAIT = 5.0  # seconds for which a fork waits; longer than any library of ours takes to load


class _State:
    lock = threading.RLock()
    hooked = False
    held = False  # by the fork that is under way


def prepare() -> None:
    """To be called on the user's thread, before `undivided` is on another one."""
    if not _State.hooked:
        _State.hooked = True
        import logging  # noqa: F401 - it hooks into forks in pairs, which must not begin while one is under way

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)


@contextmanager
def undivided() -> Iterator[None]:
    """A fork by another thread waits until what stands inside is done. For imports, never for a network."""
    with _State.lock:
        yield


def _before() -> None:
    _State.held = _State.lock.acquire(timeout=LONGEST_WAIT)


def _after() -> None:
    if _State.held:
        _State.held = False
        _State.lock.release()


def _in_child() -> None:
    _State.lock = threading.RLock()
    _State.held = False
