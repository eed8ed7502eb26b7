"""Events that a destination never takes, kept one file each until somebody decides: try again, or drop."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import msgspec

from lineage_kit import report
from lineage_kit.delivery.base import in_words
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal import places
from lineage_kit.errors import TransportError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.common.disk import make_private_directory

_SEAM = b',"event":'


class Reason(msgspec.Struct, omit_defaults=True):
    """Why an event was set aside. at: seconds since 1970. to: id of the destination. answer: what it said."""

    at: float
    to: str
    why: str
    key: str
    status: int | None = None
    answer: str = ""
    run: str | None = None
    state: str | None = None
    parent: str | None = None


class Kept(msgspec.Struct):
    """One event in quarantine; `name` is what it is called there."""

    path: str
    reason: Reason
    body: bytes

    @property
    def name(self) -> str:
        """The id of the event."""
        return os.path.basename(self.path).removesuffix(".json")

    def envelope(self) -> Envelope:
        """What would be sent."""
        reason = self.reason
        return Envelope(self.body, reason.key, reason.run, reason.state, reason.parent)


def keep(root: str, destination: str, envelope: Envelope, error: BaseException) -> bool:
    """Set an event aside; False when that cannot be done, which is said. The same event is kept once."""
    known = error if isinstance(error, TransportError) else TransportError("")
    reason = Reason(
        at=time.time(),
        to=destination,
        why=in_words(error),
        key=envelope.key,
        status=known.status,
        answer=known.answer,
        run=envelope.run_id,
        state=envelope.state,
        parent=envelope.parent,
    )
    folder = os.path.join(root, places.QUARANTINE, destination)
    data = b"".join((msgspec.json.encode(reason)[:-1], _SEAM, envelope.body, b"}\n"))
    try:
        make_private_directory(folder)
        places.write_file(os.path.join(folder, f"{envelope.event_id}.json"), data)
    except OSError as trouble:
        attempt(report.problem, "journal.quarantine", "an event cannot be set aside: it waits on", trouble)
        return False
    return True


def kept(root: str, destination: str | None = None) -> Iterator[Kept]:
    """Every event in quarantine, those of one destination together, oldest first."""
    folder = os.path.join(root, places.QUARANTINE)
    for one in _names(folder):
        if destination in (None, one):
            found = [
                _read(os.path.join(folder, one, name)) for name in _names(os.path.join(folder, one), ".json")
            ]
            yield from sorted((event for event in found if event), key=lambda event: event.reason.at)


def count(root: str, destination: str) -> int:
    """How many events of a destination are in quarantine."""
    return len(_names(os.path.join(root, places.QUARANTINE, destination), ".json"))


def _names(folder: str, suffix: str = "") -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(suffix))
    except OSError:
        return []


def _read(path: str) -> Kept | None:
    try:
        data = places.read_whole(path)
        seam = data.index(_SEAM)
        reason = msgspec.json.decode(data[:seam] + b"}", type=Reason)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    return Kept(path, reason, data[seam + len(_SEAM) :].rstrip(b"\n").removesuffix(b"}"))
