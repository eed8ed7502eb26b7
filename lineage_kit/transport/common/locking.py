"""Who is alive: an exclusive lock on an open file, which the system takes back when its process is gone, however.

What differs by operating system stands here. Where a file system has no locks an OSError is raised.
"""

from __future__ import annotations

import errno
import os

if os.name == "nt":  # pragma: no cover - not tested on this system
    import msvcrt
else:
    import fcntl

_TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)


def lock(descriptor: int) -> bool:
    """Take the lock of an open file, without waiting; False when another one holds it. Raises OSError."""
    try:
        if os.name == "nt":  # pragma: no cover - not tested on this system
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True
