"""The embedded default: events stay on this machine, in a log that ``lineage-kit log`` reads.

One NDJSON file per process under ``<state>/log``, private to the user, rolled by size; the folder is bounded, its
oldest files go first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from lineage_kit import report
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport, closed
from lineage_kit.transport.common.disk import (
    OnceWritten,
    create_new,
    failure,
    make_private_directory,
    one_line,
)
from lineage_kit.transport.common.held import Held

GIBIBYTE = 1 << 30
FILES_IN_BOUND = 16
"""A file is rolled when it reaches this share of the bound, so that trimming removes little at a time."""
SWEEP_SHARE = 16
"""One process in so many looks through the folder at its first event (every one does when it rolls its file):
with a hundred thousand files of short processes a look takes a good part of a second."""


class LocalConfig(Options, frozen=True):
    """directory: where the log is kept; None: ``log`` in the state directory. max_bytes: bound of that folder."""

    directory: str | None = None
    max_bytes: int = GIBIBYTE

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A bound below which nothing could be kept."""
        if given.get("max_bytes", 1) < 1:
            yield "max_bytes", f"max_bytes must be 1 or more, not {given['max_bytes']}"


class LocalTransport(Transport):
    """``type: local``: `count` events of this process went to `directory`, the last ones to `path`."""

    kind: ClassVar[str | None] = "local"
    config_class: ClassVar[type] = LocalConfig
    delivery: ClassVar[Literal["direct", "background"]] = "direct"

    def __init__(self, config: LocalConfig | None = None) -> None:
        self.config: LocalConfig = config or LocalConfig()
        self.directory = os.path.abspath(os.path.expanduser(self.config.directory or _default_directory()))
        self.path: str | None = None
        self.count = 0
        self._file: Held | None = None
        self._size = 0
        self._pid = -1
        self._torn = False
        self._once = OnceWritten()
        self._closed = False

    def send(self, envelope: Envelope) -> None:
        """Append the event to this process's file with one system call."""
        if self._closed:
            raise closed(self)
        try:
            if not self._once.has(envelope):
                self._append(envelope)
            self._torn = False
        except OSError as error:
            raise failure(error, self.path or self.directory) from error
        self.count += 1

    def close(self, timeout: float = 1.0) -> None:
        """Release the descriptor; the files stay."""
        self._closed = True
        self._release()

    def describe(self) -> str:
        """The folder."""
        return self.directory

    def _append(self, envelope: Envelope) -> None:
        line = one_line(envelope.body)
        file = self._file
        if file is None or self._needs_new_file(file, len(line)):
            file = self._begin_file()
        data = b"\n" + line if self._torn else line
        self._size += len(data)
        try:
            self._once.write(envelope, file, data)
        except OSError:
            self._torn = True
            raise

    def _needs_new_file(self, file: Held, more: int) -> bool:
        if self._pid != os.getpid():
            return True
        if self._size and self._size + more > self.config.max_bytes // FILES_IN_BOUND:
            return True
        return not file.is_named()  # removed by a cleaner, or closed by its number behind our back

    def _begin_file(self) -> Held:
        rolled = self._pid == os.getpid()
        if not rolled:
            self.count = 0  # a forked child has sent nothing yet
        self._release()
        make_private_directory(self.directory)
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.getpid()}-{os.urandom(4).hex()}.ndjson"
        path = os.path.join(self.directory, name)
        self._file = file = create_new(path, 0o600)
        self.path, self._pid, self._size, self._torn = path, os.getpid(), 0, False
        if rolled or os.urandom(1)[0] % SWEEP_SHARE == 0:
            trim(self.directory, self.config.max_bytes, keep=name)
        return file

    def _release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def trim(directory: str, max_bytes: int, keep: str) -> int:
    """Remove the oldest log files but `keep` until the rest fits into `max_bytes`; gives back how many went."""
    with os.scandir(directory) as entries:
        files = [
            (entry.stat(follow_symlinks=False), entry) for entry in entries if entry.name.endswith(".ndjson")
        ]
    total = sum(stat.st_size for stat, _ in files)
    removed = 0
    for stat, entry in sorted(files, key=lambda file: file[0].st_mtime_ns):
        if total <= max_bytes:
            break
        if entry.name == keep:
            continue
        try:
            os.unlink(entry.path)
        except OSError:
            continue  # another process removed it, or holds it open on Windows
        total -= stat.st_size
        removed += 1
    if removed:
        text = f"the log in {directory} reached its bound of {max_bytes} bytes: its oldest files were removed"
        report.problem("local.trimmed", text)
    return removed


def _default_directory() -> str:
    from lineage_kit.config.env import state_directory

    return os.path.join(state_directory(), "log")
