"""Several events in one request: the body, and what the answer says of each of them. Pure.

Source: OpenLineage.yml, POST /lineage/batch: 204 without details, or 200 with a summary and the index of each failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import msgspec

from lineage_kit.errors import BatchRefused, Rejected, TransportError, Unreachable

MOST = 100  # events in a request
LONGEST_ANSWER = 256 * 1024
LONGEST_REASON = 300
NOT_THERE = frozenset({404, 405, 410, 501})
"""Answers of a server that has no such endpoint."""
TOGETHER = frozenset({400, 406, 413, 415, 422, 500})
"""Answers that may be the fault of one event among them."""


class _Failure(msgspec.Struct):
    index: int
    reason: str = ""
    retriable: bool = False


class _Summary(msgspec.Struct):
    received: int
    successful: int
    failed: int


class _Answer(msgspec.Struct):
    status: str
    summary: _Summary
    failed_events: list[_Failure] = []


def address(url: str) -> str:
    """Where batches are posted to: ``/batch`` below where single events are."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/batch"))


def body(events: Sequence[bytes]) -> bytes:
    """A JSON array of events, each as it is."""
    return b"[%b]" % b",".join(events)


def outcomes(status: int, answer: bytes, count: int) -> list[TransportError | None] | None:
    """For each of `count` events None or its failure; None when this is no answer to a batch.

    Raises `BatchRefused` when the answer does not tell which events failed.
    """
    if status == 204:
        return [None] * count
    if status != 200:
        return None
    try:
        found = msgspec.json.decode(answer, type=_Answer)
    except msgspec.MsgspecError:
        return None
    failures = {one.index: one for one in found.failed_events if 0 <= one.index < count}
    told = (found.summary.received, found.summary.successful, found.summary.failed)
    if told != (count, count - len(failures), len(failures)):
        raise BatchRefused(f"the answer to {count} events tells of {told[0]}, or not of which failed")
    return [_failure(failures[index]) if index in failures else None for index in range(count)]


def _failure(one: _Failure) -> TransportError:
    kind = Unreachable if one.retriable else Rejected
    return kind(f"refused in a batch: {one.reason[:LONGEST_REASON] or 'no reason given'}", answer=one.reason)
