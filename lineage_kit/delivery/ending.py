"""What the end of a process leaves: how much is lost, how much waits in the journal, and the words for it."""

from __future__ import annotations

from typing import NamedTuple

from lineage_kit import report
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.signals.interrupt import keep_interrupt


class Ending(NamedTuple):
    """What a destination still owes when the process ends: events that are lost, events that stay in the journal."""

    lost: int
    kept: int


def ended(endings: dict[str, Ending]) -> None:
    """Say how many events were lost at exit, and how many wait in the journal, by destination. The status stays."""
    lost = {name: ending.lost for name, ending in endings.items() if ending.lost}
    kept = {name: ending.kept for name, ending in endings.items() if ending.kept}
    if lost:
        text = f"{_events(lost)} lost at exit, not delivered in time: {', '.join(lost)}"
        report.problem("delivery.exit", text)
    if kept:
        text = (
            f"{_events(kept)} kept in the journal, not delivered yet: {', '.join(kept)}. The next program with this "
            "configuration delivers them, or `lineage-kit journal drain`"
        )
        attempt(report.hint, "delivery.kept", text)
    keep_interrupt()


def _events(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    return "1 lineage event was" if total == 1 else f"{total:,} lineage events were"
