"""Event → bytes: compact JSON in UTF-8, valid whatever the event holds.

The common event goes through msgspec in one call. Only when that fails, or when its output shows a null or a NUL
character, the event is rebuilt by `clean`, which leaves out what is absent, replaces what JSON cannot carry and says
so.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lineage_kit.event.model import Event

_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    """The event as JSON. Never raises for what its facets hold: such values are replaced by a marker."""
    return encode_reporting(event)[0]


def encode_reporting(event: Any) -> tuple[bytes, tuple[str, ...]]:
    """Any struct or plain value as JSON, and a sentence for each value that had to be replaced.

    A `msgspec.Raw` in it is taken at its word, unless the event must be mended anyway.
    """
    try:
        body = _encoder.encode(event)
    except Exception:  # whatever a time zone, property or enum of the user's may raise
        return _encode_cleaned(event)
    # rfind is several times as fast here as `in`, and one byte is looked for faster still.
    if body.rfind(b"null") >= 0 and _holds_null(body):
        return _encode_cleaned(event)
    if b"\\" in body and body.rfind(b"\\u0000") >= 0:
        return _encode_cleaned(event)
    if getattr(event, "__dict__", None):  # what `decode` keeps beside the fields
        return _encode_cleaned(event)
    return body, ()


def _holds_null(body: bytes) -> bool:
    """Whether a null stands in compact JSON as a value, and not only as a word in a text such as SQL."""
    at = body.rfind(b"null")
    while at > 0:
        if body[at - 1] in b":[," and body[at + 4] in b",]}":
            return True
        at = body.rfind(b"null", 0, at)
    return body == b"null"


def _encode_cleaned(event: Any) -> tuple[bytes, tuple[str, ...]]:
    from lineage_kit.event.clean import clean

    tree, problems = clean(event)
    return _encoder.encode(tree), problems
