"""Lines appended whole to a file that other processes write, rotate or remove at the same time.

One ``write`` on an ``O_APPEND`` descriptor is one line, whoever else is writing. What differs by operating system is
asked for with a default: no ``O_NOFOLLOW`` on Windows, file modes without effect there.
"""

from __future__ import annotations

import errno
import os
import time
from stat import S_ISREG

from lineage_kit.errors import BrokenDestination, TransportError, Unreachable
from lineage_kit.transport.common.held import Held

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
LOOKS = 50
LONGEST_WRITE = 0.25  # seconds; only who finds a tail torn as recently as that waits for it
_CONFIGURATION_FAULTS = (PermissionError, IsADirectoryError, NotADirectoryError)


def failure(error: OSError, path: str) -> TransportError:
    """What a delivery is told when `path` cannot be written: a wrong path or right, or a passing trouble."""
    kind = BrokenDestination if isinstance(error, _CONFIGURATION_FAULTS) else Unreachable
    culprit = error.filename if isinstance(error.filename, str) and error.filename != path else ""
    said = error.strerror or type(error).__name__
    return kind(f"cannot write {path}: {said}{f', {culprit}' if culprit else ''}")


def one_line(body: bytes) -> bytes:
    """`body` with its final newline; a document of several lines is written anew on one."""
    if b"\n" in body:
        import msgspec

        body = msgspec.json.format(body, indent=-1)
    return body + b"\n"


def create_new(path: str, mode: int = 0o666) -> Held:
    """Open a file that did not exist, for appending; raises FileExistsError and other OSErrors."""
    return Held(os.open(path, _APPEND | os.O_EXCL | _NOFOLLOW, mode))


def write_whole(file: Held, data: bytes) -> None:
    """Write all of `data` or raise OSError; after an error some of it may be there."""
    check_whole(os.write(file.descriptor, data), data)


def check_whole(written: int, data: bytes) -> None:
    """Raise OSError when fewer bytes were written than `data` has."""
    if written != len(data):
        raise OSError(errno.EIO, f"only {written} of {len(data)} bytes were taken; is the disk full?")


def make_private_directory(path: str) -> None:
    """Create `path` and what is missing above it, for this user alone.

    Raises OSError; NotADirectoryError also where a link leads elsewhere.
    """
    parent = os.path.dirname(path)
    if parent and not os.path.isdir(parent):
        make_private_directory(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if os.path.islink(path) or not os.path.isdir(path):
            raise NotADirectoryError(20, "a link or file, no directory", path) from None


class OnceWritten:
    """What was written last: whoever is interrupted (Ctrl-C) comes again with the same object, and finds it there."""

    def __init__(self) -> None:
        self._last: tuple[object, list[int], int] = (None, [], 0)  # of what, bytes written, bytes that it has

    def has(self, event: object) -> bool:
        """Whether `event` was written, although who did it was interrupted before he could say so."""
        last, written, size = self._last
        return event is last and written == [size]

    def write(self, event: object, file: Held, data: bytes) -> None:
        """`write_whole` of `data` for `event`."""
        written: list[int] = []
        self._last = event, written, len(data)
        # one call into C, at whose end alone an interrupt is seen to: where there were bytes written, it is noted
        written.extend(map(os.write, (file.descriptor,), (data,)))
        check_whole(written[0], data)


class AppendFile:
    """A file by path, opened at the first line; again when it was removed, rotated away, or closed behind our back.

    A tail without newline, left by a process that died or by a full disk, is ended before the next line.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: Held | None = None
        self._torn = False
        self._once = OnceWritten()

    def append(self, line: bytes, event: object = None) -> None:
        """Write `line` (with its newline) whole; raises OSError. `event`: whose line it is, see `OnceWritten`."""
        if event is not None and self._once.has(event):
            return
        file = self._file
        if file is None or not file.is_at(self.path):
            file = self._opened()
        data = b"\n" + line if self._torn else line
        try:
            self._once.write(event, file, data)
        except OSError:
            self._torn = True
            raise
        self._torn = False

    def close(self) -> None:
        """Release the descriptor; the next line opens the file again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self) -> Held:
        self.close()
        self._torn = _has_torn_tail(self.path) and _stays_torn(self.path)
        folder = os.path.dirname(self.path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        self._file = file = Held(os.open(self.path, _APPEND, 0o666))
        return file


def _has_torn_tail(path: str) -> bool:
    """True when the last line of a regular file has no newline. False where that cannot be known."""
    try:
        if not S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:
        return False


def _stays_torn(path: str) -> bool:
    """Whether nobody is just writing that line: a long one of another process is seen to grow, page by page."""
    try:
        before = os.stat(path)
        if abs(time.time() - before.st_mtime) > LONGEST_WRITE:
            return True
        for _ in range(LOOKS):
            time.sleep(LONGEST_WRITE / LOOKS)
            if os.stat(path).st_size != before.st_size:
                return False
    except OSError:
        return False
    return _has_torn_tail(path)
