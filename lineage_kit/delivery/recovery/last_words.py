"""The one event that ends a run whose process died, made from the last event it sent. Deterministic: the same bytes
whoever makes it, and how often.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from lineage_kit.event.envelope import Envelope
from lineage_kit.event.facets.run import ErrorMessageRunFacet
from lineage_kit.event.ids import timestamp

OnCrash = Literal["abort", "fail", "none"]
_STATES = {"abort": "ABORT", "fail": "FAIL"}


def last_words(last: Envelope, on_crash: OnCrash, last_seen: float, who: str) -> Envelope | None:
    """The end of the run whose last event is `last`; None where that cannot be read.

    last_seen: when the process gave its last sign of life, in seconds since 1970. who: the process, in words.
    """
    try:
        event = msgspec.json.decode(last.body)
        state = _STATES[on_crash]
        event["eventType"] = state
        seen = timestamp(int(last_seen * 1_000_000_000))
        event["eventTime"] = _later(event.get("eventTime"), seen)
        facets = event["run"].setdefault("facets", {})
        facets["errorMessage"] = _reason(who, seen, event.get("producer"))
        return Envelope(msgspec.json.encode(event), last.key, last.run_id, state, last.parent)
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError):
        return None


def _reason(who: str, seen: str, producer: Any) -> Any:
    message = f"{who} died while the run was open; its last sign of life was at {seen}"
    facet = msgspec.to_builtins(ErrorMessageRunFacet(message, "python"))
    if isinstance(producer, str):
        facet["_producer"] = producer
    return facet


def _later(first: Any, second: str) -> str:
    """The later of two times; within a run they never go backwards."""
    try:
        told = datetime.fromisoformat(first)
    except (TypeError, ValueError):
        return second
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return str(first) if told > datetime.fromisoformat(second) else second
