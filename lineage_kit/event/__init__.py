"""What we say: the objects of the OpenLineage standard, and their way to bytes and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage_kit.event.encoding import encode
from lineage_kit.event.ids import new_id

if TYPE_CHECKING:
    from lineage_kit.event.model import Event

__all__ = ["decode", "encode", "new_id"]


def decode(data: bytes | str | dict[str, Any], strict: bool = False) -> Event:
    """The event in one JSON document or dict; see `lineage_kit.event.decoding.decode`, which is loaded by the call.

    Lenient (the default) keeps what it does not know and raises `DecodeError` only for what is no event at all;
    `strict` raises one `DecodeError` that lists every problem with its path.
    """
    from lineage_kit.event import decoding

    return decoding.decode(data, strict)
