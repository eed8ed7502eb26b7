"""One line of a segment: a few words about the event, then the event as it will be sent, byte for byte."""

from __future__ import annotations

import time
import zlib

import msgspec

from lineage_kit.event.envelope import TERMINAL, Envelope
from lineage_kit.transport.common.disk import one_line

_SEAM = b',"event":'
"""Between the header and the body. No JSON text can hold it: inside of one the quotes would be escaped."""


class Header(msgspec.Struct, omit_defaults=True, gc=False):
    """at: when the event was accepted, in seconds since 1970. crc: CRC-32 of the body.

    key, run, state, parent: see `Envelope`.

    carried: copied from an older segment, so that the end of its run is not forgotten; it is not to be sent again.
    begun: this event is not the first of its run, and that was written by the same process.
    """

    at: float
    crc: int
    key: str
    run: str | None = None
    state: str | None = None
    parent: str | None = None
    carried: bool = False
    begun: bool = False

    @property
    def is_terminal(self) -> bool:
        """True for the event that ends a run."""
        return self.state in TERMINAL


class Record(msgspec.Struct, gc=False):
    """A line that was read."""

    header: Header
    body: bytes

    def envelope(self) -> Envelope:
        """What is to be sent."""
        header = self.header
        return Envelope(self.body, header.key, header.run, header.state, header.parent)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Header).decode


def line(envelope: Envelope, *, at: float | None = None, carried: bool = False, begun: bool = False) -> bytes:
    """The line for an event, with its newline."""
    body = envelope.body
    if b"\n" in body:
        body = one_line(body)[:-1]
    header = Header(
        time.time() if at is None else at,
        zlib.crc32(body),
        envelope.key,
        envelope.run_id,
        envelope.state,
        envelope.parent,
        carried,
        begun,
    )
    return b"".join((_encode(header)[:-1], _SEAM, body, b"}\n"))


def parse(text: bytes) -> Record | None:
    """The record in a line, with or without its newline; None when it is damaged."""
    seam = text.find(_SEAM)
    if seam < 0:
        return None
    body = text[seam + len(_SEAM) :].rstrip(b"\n")
    if body[-1:] != b"}":
        return None
    body = body[:-1]
    try:
        header = _decode(text[:seam] + b"}")
    except msgspec.MsgspecError:
        return None
    return Record(header, body) if zlib.crc32(body) == header.crc else None
