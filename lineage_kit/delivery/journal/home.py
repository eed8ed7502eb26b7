"""The folder of one incarnation: made, locked, found to be ours still, and told to have ended in good order."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from collections.abc import Collection

import msgspec

from lineage_kit.delivery.journal import places
from lineage_kit.delivery.journal.record import Record
from lineage_kit.delivery.journal.segment import Segment, SegmentReader
from lineage_kit.delivery.process import parent_id
from lineage_kit.event.ids import new_id
from lineage_kit.transport.common.disk import make_private_directory, write_whole
from lineage_kit.transport.common.held import Held
from lineage_kit.transport.common.locking import lock

FORSAKEN = 600.0  # seconds without a sign of life
LOOKS = 10
MOMENT = 0.0005  # seconds


def create(root: str, destinations: dict[str, str]) -> tuple[str, Held]:
    """A new folder below `root`, and its lock. `destinations`: id → where it goes. Raises OSError."""
    make_private_directory(root)
    home = os.path.join(root, new_id())
    try:
        os.mkdir(home, 0o700)
    except FileExistsError:  # ids of tests are not their own
        home = f"{home}-{os.urandom(4).hex()}"
        os.mkdir(home, 0o700)
    try:
        return home, _furnished(home, destinations)
    except OSError:
        places.remove_home(home)
        raise


def _furnished(home: str, destinations: dict[str, str]) -> Held:
    """What every folder has from the beginning; gives back the lock."""
    held = places.open_append(os.path.join(home, places.LOCK), new=True)
    for _ in range(LOOKS):  # who looks for orphans may have it in his hands for a moment
        if lock(held.descriptor):
            break
        time.sleep(MOMENT)
    else:
        raise OSError(errno.EAGAIN, "somebody else has locked a new journal", home)
    meta = places.Meta(
        host=socket.gethostname(),
        pid=os.getpid(),
        parent=parent_id(),
        program=os.path.basename(sys.argv[0]) if sys.argv else "",
        started=time.time(),
        destinations=destinations,
    )
    places.write_file(os.path.join(home, places.META), msgspec.json.encode(meta) + b"\n")
    for name in destinations:
        places.open_append(os.path.join(home, f"{name}{places.ACK}"), new=True).close()
    return held


def lock_again(home: str) -> Held | None:
    """The lock of a folder whose descriptor the program has closed by its number; None when it is another's by now."""
    try:
        held = Held(os.open(os.path.join(home, places.LOCK), os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)))
    except OSError:
        return None
    if lock(held.descriptor):
        return held
    held.close()
    return None


def take(home: str) -> Held | None:
    """The lock of an incarnation that is dead; None when it lives, or somebody else has taken it. Raises OSError.

    Where somebody has removed the file, a folder in which nothing has happened for long counts as one of the dead's.
    """
    path = os.path.join(home, places.LOCK)
    if not os.path.lexists(path):
        newest = max(os.stat(os.path.join(home, name)).st_mtime for name in [".", *os.listdir(home)])
        if time.time() - newest < FORSAKEN:
            return None
        places.open_append(path).close()
    held = Held(os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)))
    try:
        if lock(held.descriptor) and held.is_at(path):
            return held
    except OSError:
        held.close()
        raise
    held.close()
    return None


def mark_ended(home: str) -> None:
    """Say that its runs are not open. Raises OSError."""
    file = places.open_append(os.path.join(home, places.ENDED))
    write_whole(file, b"")
    file.close()


def has_ended(home: str) -> bool:
    """Whether it ended in good order."""
    return os.path.exists(os.path.join(home, places.ENDED))


def last_records(segment: Segment, runs: Collection[str]) -> dict[str, Record]:
    """The last event of each of `runs` in a segment. Raises OSError."""
    found: dict[str, Record] = {}
    reader = SegmentReader(segment)
    try:
        while lines := reader.read():
            for line in lines:
                if line.record is not None and line.record.header.run in runs:
                    found[line.record.header.run] = line.record  # type: ignore[index]
    finally:
        reader.close()
    return found
