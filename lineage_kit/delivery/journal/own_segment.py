"""The segment that is written to: one system call per record, counted in the same breath."""

from __future__ import annotations

import errno
import os
from array import array

from lineage_kit.delivery.journal.places import open_append
from lineage_kit.delivery.journal.segment import Segment

_sync = getattr(os, "fdatasync", os.fsync)


class OwnSegment(Segment):
    """A new file. size: bytes in it. Raises OSError.

    What was written is counted by `array.extend` over `map`, which is one call into C: whatever interrupts a write
    (Ctrl-C, a signal handler that raises), what reached the file is known.
    """

    def __init__(self, home: str, number: int) -> None:
        super().__init__(home, number)
        self.sealed = False
        self.size = 0
        self._file = open_append(self.path, new=True)
        self._written = array("q")
        self._torn = False

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self._lines if self.sealed else len(self._written)

    def is_writable(self) -> bool:
        """Whether what is written now will be found: neither sealed, nor removed, nor closed behind our back."""
        return not self.sealed and self._file.is_named()

    def put(self, data: bytes, *, mark: bool = False) -> None:
        """Append one line; raises OSError when not all of it was taken, and then none of it stays."""
        if self._torn:
            data = b"\n" + data
        written = self._written
        written.extend(map(os.write, (self._file.descriptor,), (data,)))
        self.size += len(data)
        if written[-1] != len(data):
            self._roll_back(len(data))
        elif self._torn:
            self._torn = False
            written.append(0)  # the torn line has its newline by now: it counts, and is found to be damaged
        self.marks += mark

    def sync(self) -> None:
        """Have the medium itself take what was written. Raises OSError."""
        _sync(self._file.descriptor)

    def seal(self) -> None:
        """Nothing is appended any more."""
        self._lines = len(self._written)
        self.sealed = True
        self._written = array("q")
        self._file.close()

    def drop(self) -> None:
        """Close the descriptor, in a forked child."""
        self._file.close()

    def _roll_back(self, wanted: int) -> None:
        """Take back the beginning of a line that did not fit."""
        short = self._written.pop()
        self.size -= wanted
        try:
            os.truncate(self.path, os.fstat(self._file.descriptor).st_size - short)
        except OSError:
            self._torn = True
        raise OSError(errno.ENOSPC, f"only {short} of {wanted} bytes were taken")
