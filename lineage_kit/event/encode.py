"""Event → bytes: compact JSON in UTF-8, valid whatever the event holds.

The common event goes through msgspec in one call. Only when that fails, or when its output shows a null or a NUL
character, the event is rebuilt by `clean`, which leaves out what is absent, replaces what JSON cannot carry and says
so.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lineage_kit.event.model import Event

_encoder = msgspec.json.Encoder()
has_null = re.compile(rb"[:\[,]\s*null\s*[,\]}]").search  # a value, not the word in a text such as SQL


def encode(event: Event) -> bytes:
    """The event as JSON. Never raises for what its facets hold: such values are replaced by a marker."""
    return encode_reporting(event)[0]


def encode_reporting(event: Any) -> tuple[bytes, tuple[str, ...]]:
    """Any struct or plain value as JSON, and a sentence for each value that had to be replaced."""
    try:
        body = _encoder.encode(event)
    except Exception:  # whatever a time zone, property or enum of the user's may raise
        return _encode_cleaned(event)
    if (b"null" in body and has_null(body)) or b"\\u0000" in body or getattr(event, "__dict__", None):
        return _encode_cleaned(event)
    return body, ()


def _encode_cleaned(event: Any) -> tuple[bytes, tuple[str, ...]]:
    from lineage_kit.event.clean import clean

    tree, problems = clean(event)
    return _encoder.encode(tree), problems
