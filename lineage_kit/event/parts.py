"""A run event that is made of parts which are encoded already."""

from __future__ import annotations

import msgspec

from lineage_kit.event.facet import CORE_SCHEMA
from lineage_kit.event.model import RunState

_encoder = msgspec.json.Encoder()


class RunParts(msgspec.Struct):
    """A run whose facets are encoded."""

    runId: str
    facets: dict[str, msgspec.Raw]


class RunEventParts(msgspec.Struct):
    """A RunEvent whose parts are encoded: the same JSON, without the checks that its parts have passed."""

    eventType: RunState
    eventTime: str
    run: RunParts
    job: msgspec.Raw
    producer: str
    inputs: list[msgspec.Raw]
    outputs: list[msgspec.Raw]
    schemaURL: str = CORE_SCHEMA + "RunEvent"


def encode_parts(event: RunEventParts) -> bytes:
    """The event as JSON: encoded parts and plain texts of ours need no second look."""
    return _encoder.encode(event)
