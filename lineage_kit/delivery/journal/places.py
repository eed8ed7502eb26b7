"""Where the journal's files are, what they are called, and how they are opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from lineage_kit.delivery.door import attempt
from lineage_kit.transport.base import Transport
from lineage_kit.transport.common.disk import write_whole
from lineage_kit.transport.common.held import Held

VERSION = 1
LOCK, META, ENDED = "lock", "meta.json", "ended"
QUARANTINE, LEDGER = "quarantine", "ledger.jsonl"
SEGMENT, ACK = ".jsonl", ".ack"

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
    names = (name.removesuffix(SEGMENT) for name in os.listdir(home) if name.endswith(SEGMENT))
    return sorted(int(name) for name in names if name.isdecimal())


def destinations_in(home: str) -> list[str]:
    """The ids of the destinations that an incarnation has events for. Raises OSError."""
    return sorted(name.removesuffix(ACK) for name in os.listdir(home) if name.endswith(ACK))


def homes(root: str) -> Iterator[str]:
    """Every incarnation in the journal, oldest first: folders that have a lock; nothing when there is no journal."""
    try:
        names = sorted(os.listdir(root))
    except OSError:
        return
    for name in names:
        home = os.path.join(root, name)
        if name != QUARANTINE and os.path.isfile(os.path.join(home, LOCK)) and not os.path.islink(home):
            yield home


def open_append(path: str, *, new: bool = False) -> Held:
    """Open a file of ours for appending, for this user alone, following no link. Raises OSError."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _FLAGS | (os.O_EXCL if new else 0)
    return Held(os.open(path, flags, 0o600))


def open_read(path: str) -> Held:
    """Open a file of ours for reading. Raises OSError."""
    return Held(os.open(path, os.O_RDONLY | _FLAGS))


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
    """What is known of an incarnation; None when that is of another version, or cannot be read."""
    try:
        with open(os.path.join(home, META), "rb") as file:
            meta = msgspec.json.decode(file.read(1 << 20), type=Meta)
    except (OSError, msgspec.MsgspecError):
        return None
    return meta if meta.version == VERSION else None


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
