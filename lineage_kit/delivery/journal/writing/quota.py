"""How much the journal may hold: a share of the file system, with some of that always left free."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

from lineage_kit.delivery.journal.places import size_of
from lineage_kit.delivery.waiting.admission import Admission

GIBIBYTE = 1 << 30
SHARE = 10  # one part in ten of the file system
LEFT_FREE = 64 * 1024 * 1024  # bytes
LOOK_SECONDS = 30.0
LEFT_SHARE = 50  # or one part in fifty of the file system, where that is less


class Room(NamedTuple):
    """What a file system has, in bytes."""

    total: int
    free: int


def room(path: str) -> Room | None:
    """The file system that `path` is on; None where nobody can tell."""
    try:
        found = os.statvfs(path)
    except (AttributeError, OSError):
        return None
    return Room(found.f_frsize * found.f_blocks, found.f_frsize * found.f_bavail)


class Quota:
    """For the whole of `root`, whoever writes there. most: bytes; None: one GiB, or a tenth of the file system."""

    def __init__(self, root: str, most: int | None = None) -> None:
        self.root = root
        self.most = most
        self._due = 0.0

    def watch(self, admission: Admission) -> None:
        """Now and then, set the limit by what all have written meanwhile."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + LOOK_SECONDS
            admission.limit = self.limit(admission.used)

    def total(self) -> int:
        """Bytes that the journal may have."""
        there = room(self.root)
        if self.most is not None:
            return self.most
        return GIBIBYTE if there is None else min(GIBIBYTE, there.total // SHARE)

    def limit(self, own: int) -> int:
        """Bytes that one process may have which has `own` of them already."""
        others = max(0, size_of(self.root) - own)
        limit = self.total() - others
        there = room(self.root)
        if there is not None:
            limit = min(limit, own + there.free - min(LEFT_FREE, there.total // LEFT_SHARE))
        return max(0, limit)
