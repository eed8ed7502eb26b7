"""What an operator decides about events: those set aside are tried again, those that nobody wants are given up.

Nothing is lost by a crash in between: what is tried again is written before it leaves quarantine, what is given up is
in the ledger before it goes.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from lineage_kit.delivery.aside import ledger
from lineage_kit.delivery.aside.quarantine import Kept
from lineage_kit.delivery.journal import home, places
from lineage_kit.delivery.journal.segment import Line, Segment, SegmentReader
from lineage_kit.delivery.journal.verdicts import Place
from lineage_kit.delivery.journal.writing.quota import Quota
from lineage_kit.delivery.journal.writing.writer import Journal
from lineage_kit.delivery.recovery.adopted import Adopted, adopt
from lineage_kit.delivery.recovery.last_words import OnCrash
from lineage_kit.event.envelope import Envelope

EXPIRED, DAMAGED = "expired", "damaged"
BY = "journal drop"

_REFUSED = {
    "full": "the journal has no room for it",
    "unkept": "the journal cannot be written",
    "closed": "the journal is closed",
}


class Left(NamedTuple):
    """An event that stays in quarantine, and why."""

    event: Kept
    why: str


def try_again(root: str, to: str, where: str, events: Iterable[Kept], most: int | None) -> list[Left]:
    """Write events of quarantine to a journal of their own, owed to `to`, and only then remove them there.

    where: what `to` is for people. most: the quota, in bytes. Returns those that could not be written.
    """
    journal = Journal(root, {to: where}, Quota(root, most), 0, "always")
    # their runs are not open because of us, not even when we are killed half-way
    journal.on_begin = lambda: home.mark_ended(journal.home)
    left = []
    try:
        for event in events:
            envelope = _envelope(event)
            refusal = journal.append(envelope) if envelope is not None else None
            if envelope is None:
                left.append(Left(event, "its file holds no event that can be sent"))
            elif refusal is not None:
                left.append(Left(event, _REFUSED[refusal]))
            elif not _remove(event.path):
                left.append(Left(event, "it is owed again, but cannot be removed from quarantine"))
    finally:
        journal.forget_runs()
        journal.end()
    return left


def give_up_kept(root: str, to: str, event: Kept) -> bool:
    """Remove one event from quarantine for good; False when that cannot be done. Raises OSError without a ledger."""
    _enter(root, to, EXPIRED, event.name)
    return _remove(event.path)


def give_up_owed(
    root: str, path: str, lines: Collection[Place] | None, to: str | None, on_crash: OnCrash
) -> int | None:
    """Have what a dead incarnation owes expire; how many events and destinations that were, None when it lives.

    lines: these only, else all. to: for this destination only. on_crash: what becomes first of the runs that its death
    left open. Raises OSError when it cannot be read, or the ledger not be written.
    """
    try:
        one = adopt(path)
    except ValueError as error:
        raise OSError(5, "its verdicts cannot be read", path) from error
    if one is None:
        return None
    try:
        one.count(on_crash)
        dropped = 0
        for segment in tuple(one.segments.values()):
            dropped += _expire(root, one, segment, lines, to)
    except BaseException:
        one.abandon()
        raise
    one.let_go()
    return dropped


def _expire(
    root: str, one: Adopted, segment: Segment, lines: Collection[Place] | None, to: str | None
) -> int:
    dropped = 0
    reader = SegmentReader(segment)
    try:
        while found := reader.read():
            wanted = [line for line in found if lines is None or (segment.number, line.number) in lines]
            for destination in one.destinations:
                if to in (None, destination):
                    dropped += _rule(root, one, destination, wanted)
    finally:
        reader.close()
    return dropped


def _rule(root: str, one: Adopted, destination: str, lines: Iterable[Line]) -> int:
    """Enter in the ledger, and then in the verdicts, what this destination is owed of `lines`."""
    dropped = 0
    ruled: dict[str, list[tuple[Segment, int]]] = {EXPIRED: [], DAMAGED: []}
    noted = one.noted(destination)
    for line in lines:
        known = noted.get(line.segment.number)
        if known is not None and line.number in known:
            continue
        if line.record is None:
            _enter(root, destination, DAMAGED, None)
            ruled[DAMAGED].append((line.segment, line.number))
        elif not line.record.header.carried:
            _enter(root, destination, EXPIRED, line.record.envelope().event_id)
            ruled[EXPIRED].append((line.segment, line.number))
            dropped += 1
    for verdict, found in ruled.items():
        if found:
            one.settle(destination, found, verdict)
    return dropped


def _enter(root: str, to: str, reason: str, event: str | None) -> None:
    if not ledger.enter(root, to, reason, 1, event, BY):
        raise OSError(
            5, "the ledger cannot be written, so that nothing is dropped", os.path.join(root, places.LEDGER)
        )


def _envelope(event: Kept) -> Envelope | None:
    """What is to be sent, on one line whoever has mended it by hand; None when it is no JSON object."""
    envelope = event.envelope()
    try:
        msgspec.json.decode(envelope.body, type=dict[str, msgspec.Raw])
        if b"\n" in envelope.body or b"\r" in envelope.body:
            return envelope.with_body(msgspec.json.format(envelope.body, indent=-1))
    except (msgspec.MsgspecError, RecursionError):
        return None
    return envelope


def _remove(path: str) -> bool:
    places.remove(path)
    return not os.path.lexists(path)
