"""Where the journal's files are, what they are called, and how they are opened."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from hashlib import blake2b
from stat import S_ISREG
from typing import Any

import msgspec

from lineage_kit.delivery.door import attempt
from lineage_kit.transport.base import Transport
from lineage_kit.transport.common.disk import write_whole
from lineage_kit.transport.common.held import Held

VERSION = 1
LOCK, META, ENDED = "lock", "meta.json", "ended"
QUARANTINE, LEDGER = "quarantine", "ledger.jsonl"
SEGMENT, ACK = ".jsonl", ".ack"

_SEGMENT_NAME = re.compile(r"[0-9]{6,9}\.jsonl").fullmatch
_HOME = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}(-[0-9a-f]{8})?").fullmatch

_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Meta(msgspec.Struct, kw_only=True):
    """What is known of an incarnation. host, pid, program are for people, and say nothing about its being alive.

    parent: the process that started it. destinations: id → where it goes, for people.
    """

    version: int = VERSION
    host: str = ""
    pid: int = 0
    parent: int = 0
    program: str = ""
    started: float = 0.0
    destinations: dict[str, str] = {}


class _Version(msgspec.Struct):
    version: Any = None


def destination_id(name: str, transport: Transport) -> str:
    """What a destination is called on disk: the same for the same type, address and name, without credentials."""
    found: list[str] = []
    attempt(lambda: found.append(str(transport.describe())))
    kind = str(transport.kind or type(transport).__name__)
    text = "\n".join((kind, name, *found))
    plain = "".join(character if character.isalnum() and character.isascii() else "-" for character in kind)
    return f"{plain[:20].lower()}-{blake2b(text.encode(), digest_size=6).hexdigest()}"


def segment_name(number: int) -> str:
    """``000001.jsonl``."""
    return f"{number:06d}{SEGMENT}"


def segment_numbers(home: str) -> list[int]:
    """The segments of an incarnation, oldest first. Raises OSError."""
    return sorted(int(name.removesuffix(SEGMENT)) for name in os.listdir(home) if _SEGMENT_NAME(name))


def destinations_in(home: str) -> list[str]:
    """The ids of the destinations that an incarnation has events for. Raises OSError.

    They stand in two places, of which either may be damaged: without its verdicts a destination is owed everything.
    """
    found = {name.removesuffix(ACK) for name in os.listdir(home) if name.endswith(ACK)}
    meta = read_meta(home)
    return sorted(found.union(meta.destinations if meta is not None else ()))


def homes(root: str) -> Iterator[str]:
    """The folder of every incarnation in the journal, oldest first; nothing when there is no journal."""
    try:
        names = sorted(os.listdir(root))
    except OSError:
        return
    for name in names:
        home = os.path.join(root, name)
        if _HOME(name) and os.path.isdir(home) and not os.path.islink(home):
            yield home


def is_whole(home: str) -> bool:
    """Whether a folder has what every incarnation has from its first event on: a segment."""
    try:
        return any(name.endswith(SEGMENT) for name in os.listdir(home))
    except OSError:
        return True  # who may not look may not judge


def open_append(path: str, *, new: bool = False) -> Held:
    """Open a file of ours for appending, for this user alone, following no link. Raises OSError."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _FLAGS | (os.O_EXCL if new else 0)
    return Held(os.open(path, flags, 0o600))


def open_read(path: str) -> Held:
    """Open a file of ours for reading: a file and no link, no pipe that would wait for somebody. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS)
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file", path)
    return Held(descriptor)


def read_whole(path: str) -> bytes:
    """What is in a file of ours. Raises OSError."""
    file = open_read(path)
    try:
        parts = []
        while part := os.read(file.descriptor, 1 << 20):
            parts.append(part)
        return b"".join(parts)
    finally:
        file.close()


def write_file(path: str, data: bytes) -> None:
    """A new file with `data`, whole or not at all. Raises OSError."""
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    file = open_append(temporary, new=True)
    try:
        write_whole(file, data)
        os.replace(temporary, path)
    except OSError:
        remove(temporary)
        raise
    finally:
        file.close()


def read_meta(home: str) -> Meta | None:
    """What is known of an incarnation, which is nothing where that is damaged; None when it is of another version."""
    try:
        text = read_whole(os.path.join(home, META))
        version = msgspec.json.decode(text, type=_Version).version
        if version not in (VERSION, None):
            return None
        return msgspec.json.decode(text, type=Meta)
    except (OSError, msgspec.MsgspecError):
        return Meta()


def remove(path: str) -> None:
    """Remove a file if it is there and that can be done."""
    try:
        os.unlink(path)
    except OSError:
        pass


def remove_home(home: str) -> None:
    """Remove an incarnation: its lock last, so that nobody takes what is half gone for one that is alive."""
    try:
        names = os.listdir(home)
    except OSError:
        return
    for name in sorted(names, key=lambda name: (name == LOCK, name)):
        remove(os.path.join(home, name))
    try:
        os.rmdir(home)
    except OSError:
        pass


def size_of(root: str) -> int:
    """Bytes that all files below `root` take together."""
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    return total
