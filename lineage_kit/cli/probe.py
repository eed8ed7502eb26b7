"""What becomes of events on their way to a destination, in words; and one test event to find out."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from lineage_kit.cli.output import TEST_JOB
from lineage_kit.client.assemble import Destination, is_journaled, journal_directory
from lineage_kit.client.prepare import Prepare, routing_key
from lineage_kit.config.model import DeliverySettings, Settings
from lineage_kit.delivery.base import in_words
from lineage_kit.delivery.door import attempt
from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, TransportError, Unreachable
from lineage_kit.event.encoding import encode
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.ids import new_id, now_ns, timestamp
from lineage_kit.event.model import Job, Run, RunEvent, RunState
from lineage_kit.history.wording import duration, size
from lineage_kit.notes import suppressed

LONGEST_ANSWER = 300

_KEPT = {
    "console": "none: shown as they come",
    "memory": "memory: gone with the process",
    "noop": "none: dropped on purpose",
    "null": "none: dropped on purpose",
    "local": "disk: written before your code goes on",
    "file": "disk: written before your code goes on",
}
"""Kind of a wire that never waits → its durability."""


_WHOSE: tuple[tuple[type[TransportError], str], ...] = (
    (TooLarge, "the event is too large for it"),
    (Rejected, "it refuses the event"),
    (BrokenDestination, "it takes no event as it is configured"),
)


class Result(NamedTuple):
    """Whether one destination took the test event, and how it went, in words."""

    name: str
    taken: bool
    answer: str


def kept(settings: DeliverySettings, destination: Destination) -> str:
    """Where the events of a destination are until they are there, beginning with the durability in one word."""
    if is_journaled(settings, destination):
        return journal_durability(settings)
    if destination.mode == "background":
        return (
            f"memory: sent in the background; up to {size(settings.memory_limit)} wait, and what is owed "
            f"{settings.exit_timeout:g} s after the program's end is lost"
        )
    known = _KEPT.get(str(destination.transport.kind))
    if known is None:
        return f"none: sent on the caller's thread, within {settings.budget:g} s"
    return known


def journal_durability(settings: DeliverySettings) -> str:
    """What becomes of events that are written to the journal."""
    directory = journal_directory(settings)
    synced = settings.journal.sync == "always"
    how = "journal, synced: forced to the medium" if synced else "journal: written"
    then = f", and sent within {settings.budget:g} s" if settings.mode == "direct" else ""
    survives = (
        "the program's end and power failures"
        if synced
        else "whatever ends the program, but not power failures"
    )
    return f"{how} to {directory} before your code goes on{then}; outlives {survives}"


def probe(settings: Settings, where: Iterable[Destination]) -> list[Result] | None:
    """Send one COMPLETE of the job `TEST_JOB` to each; None when filters leave that job out."""
    event = RunEvent(RunState.COMPLETE, timestamp(now_ns()), Run(new_id()), Job(settings.namespace, TEST_JOB))
    prepared = Prepare(settings).event(event)
    if prepared is None:
        return None
    envelope = Envelope(encode(prepared), routing_key(prepared), event.run.runId, "COMPLETE")
    return [_try(destination, envelope) for destination in where]


def _try(destination: Destination, envelope: Envelope) -> Result:
    answers: list[str | None] = []
    begin = time.monotonic()
    with suppressed():
        error = attempt(lambda: answers.append(destination.transport.send(envelope)))
        attempt(destination.transport.close)
    if isinstance(error, KeyboardInterrupt):
        raise error
    took = f"in {duration(time.monotonic() - begin)}"
    if error is None:
        return Result(destination.name, True, f"taken {took}{f': {answers[0]}' if answers[0] else ''}")
    said = in_words(error)
    if isinstance(error, TransportError) and error.answer and error.answer not in said:
        said = f"{said}: {error.answer[:LONGEST_ANSWER]}"
    return Result(destination.name, False, f"NOT TAKEN, {_whose(error)} {took}: {said}")


def _whose(error: BaseException) -> str:
    """What kind of failure this is, in words."""
    if isinstance(error, Unreachable):
        return "it answers that it cannot take events now" if error.status else "it cannot be reached"
    return next((words for kind, words in _WHOSE if isinstance(error, kind)), "the transport failed")
