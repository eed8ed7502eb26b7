"""The segment that is written to: one system call per record, counted in the same breath."""

from __future__ import annotations

import errno
import os
import time
from array import array

from lineage_kit.delivery.journal.places import open_append
from lineage_kit.delivery.journal.segment import Segment

TRUSTED = 0.02  # seconds for which a file that was found in its place is taken to be there

_sync = getattr(os, "fdatasync", os.fsync)


class OwnSegment(Segment):
    """A new file. size: bytes in it. written: the size of each line. Raises OSError.

    What was written is counted by `array.extend` over `map`, which is one call into C: whatever interrupts a write
    (Ctrl-C, a signal handler that raises), what reached the file is known.
    """

    def __init__(self, home: str, number: int) -> None:
        super().__init__(home, number)
        self.sealed = False
        self.size = 0
        self._file = open_append(self.path, new=True)
        self._descriptor = (self._file.descriptor,)
        self.written = array("q")
        self._torn = False
        self._known_until = 0.0

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self._lines if self.sealed else len(self.written)

    def is_writable(self) -> bool:
        """Whether what is written now will be found: neither sealed, nor removed, nor closed behind our back."""
        if self.sealed:
            return False
        now = time.monotonic()
        try:
            # appending leaves our descriptor at the end: another file under its number would stand elsewhere. That
            # costs a quarter of asking for device, inode and links, which is done now and then.
            if os.lseek(self._descriptor[0], 0, os.SEEK_CUR) == self.size and now < self._known_until:
                return True
        except OSError:
            return False
        is_named = self._file.is_named()
        self._known_until = now + TRUSTED if is_named else 0.0
        return is_named

    def put(self, data: bytes) -> None:
        """Append one line; raises OSError when not all of it was taken, and then none of it stays."""
        if self._torn:
            data = b"\n" + data
        size = len(data)
        written = self.written
        written.extend(map(os.write, self._descriptor, (data,)))
        self.size += size
        if written[-1] != size:
            self._roll_back(size)
        if self._torn:
            self._torn = False
            written.append(0)  # the torn line has its newline by now: it counts, and is found to be damaged

    def put_mark(self, data: bytes) -> None:
        """Append a line that nobody is owed."""
        self.put(data)
        self.marks += 1

    def sync(self) -> None:
        """Have the medium itself take what was written. Raises OSError."""
        _sync(self._file.descriptor)

    def seal(self) -> None:
        """Nothing is appended any more."""
        self._lines = len(self.written)
        self.sealed = True
        self.written = array("q")
        self._file.close()

    def drop(self) -> None:
        """Close the descriptor, in a forked child."""
        self._file.close()

    def _roll_back(self, wanted: int) -> None:
        """Take back the beginning of a line that did not fit."""
        short = self.written.pop()
        self.size -= wanted
        try:
            os.truncate(self.path, os.fstat(self._file.descriptor).st_size - short)
        except OSError:
            self._torn = True
        raise OSError(errno.ENOSPC, f"only {short} of {wanted} bytes were taken")
