"""Events as files: one line each in a common file, or one file each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from lineage_kit.config.problems import is_scheme
from lineage_kit.errors import ConfigError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport, closed
from lineage_kit.transport.common.disk import AppendFile, create_new, failure, one_line, write_whole


class FileConfig(Options, frozen=True):
    """log_file_path: a local path or ``file://`` URL; missing folders are created.

    append: True writes one line per event (NDJSON) into that file; False, the default, one file per event, named
    ``{log_file_path}-{time}-{random}.json``.
    """

    log_file_path: str
    append: bool = False

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A path at which no file can be."""
        if "log_file_path" not in given:
            return
        if not given["log_file_path"].strip():
            yield "log_file_path", "log_file_path must be a path that is not empty"
            return
        if any(character < " " or character == "\x7f" for character in given["log_file_path"]):
            yield "log_file_path", "log_file_path has control characters in it"
            return
        try:
            path = local_path(given["log_file_path"])
            if given.get("append") and os.path.isdir(path):
                yield (
                    "log_file_path",
                    f"log_file_path: {path!r} is a folder; with `append` it is a file in one",
                )
        except ConfigError as error:
            yield "log_file_path", str(error)


def local_path(text: str) -> str:
    """The absolute path behind a path or ``file://`` URL; raises `ConfigError` for other schemes."""
    scheme, separator, _ = text.partition("://")
    if not separator:
        return os.path.abspath(os.path.expanduser(text))
    if scheme.lower() != "file":
        where = f"{scheme}://" if is_scheme(scheme) else "such an address"
        raise ConfigError(
            f"this version does not yet write events to {where} (through fsspec); "
            f"log_file_path takes a local path or a file:// URL"
        )
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(text)
    if parts.netloc not in ("", "localhost"):
        raise ConfigError(
            "log_file_path names a host: a local file has three slashes, such as file:///events/log.ndjson"
        )
    return os.path.abspath(url2pathname(parts.path))


class FileTransport(Transport):
    """``type: file``: safe for any number of threads and processes that write the same path."""

    kind: ClassVar[str | None] = "file"
    config_class: ClassVar[type] = FileConfig
    delivery: ClassVar[Literal["direct", "background"]] = "direct"

    def __init__(self, config: FileConfig) -> None:
        self.config: FileConfig = config
        self.path = local_path(config.log_file_path)
        self._file = AppendFile(self.path)
        self._closed = False

    def send(self, envelope: Envelope) -> None:
        """Write the event with one system call."""
        if self._closed:
            raise closed(self)
        try:
            if self.config.append:
                self._file.append(one_line(envelope.body), envelope)
            else:
                self._write_own_file(envelope.body)
        except OSError as error:
            raise failure(error, self.path) from error

    def close(self, timeout: float = 1.0) -> None:
        """Release the descriptor."""
        self._closed = True
        self._file.close()

    def describe(self) -> str:
        """The path."""
        return self.path if self.config.append else f"{self.path}-*.json"

    def _write_own_file(self, body: bytes) -> None:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        path = f"{self.path}-{_stamp()}-{os.urandom(4).hex()}.json"
        file = create_new(path)
        try:
            write_whole(file, body)
        except OSError:
            os.unlink(path)
            raise
        finally:
            file.close()


def _stamp() -> str:
    """``20261122-173109.123456`` in UTC: names sort by time."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(seconds))}.{rest // 1000:06d}"
