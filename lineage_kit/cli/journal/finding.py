"""Events by the beginning of their id, wherever they are: owed, or set aside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from lineage_kit.cli.journal.place import Refused
from lineage_kit.cli.journal.words import SHORT_ID
from lineage_kit.delivery.aside.quarantine import Kept
from lineage_kit.delivery.recovery import survey
from lineage_kit.delivery.recovery.survey import Owed, Trouble

MOST_NEAR = 3

Held = Owed | Kept
"""An event where it was found: what a process owes, or what is in quarantine."""


class Search:
    """What `wanted`, the beginning of an id, leads to: `found` holds the places of each event that it fits."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.found: dict[str, list[Held]] = {}
        self._near: list[tuple[int, str]] = []

    def look_at(self, event: str, held: Held) -> None:
        """Whether it is this one, or like it."""
        if event.startswith(self.wanted):
            self.found.setdefault(event, []).append(held)
            return
        common = _common(event, self.wanted)
        if common and (common, event) not in self._near:
            self._near = sorted([*self._near, (common, event)], key=lambda one: -one[0])[:MOST_NEAR]

    def problem(self) -> str | None:
        """Why there is not exactly one."""
        if len(self.found) == 1:
            return None
        if self.found:
            names = list(self.found)
            more = f" and {len(names) - MOST_NEAR:,} more" if len(names) > MOST_NEAR else ""
            return (
                f"{self.wanted!r} is the beginning of {', '.join(names[:MOST_NEAR])}{more}: write more of it."
            )
        if self._near:
            near = " or ".join(event[:SHORT_ID] for _, event in self._near)
            return f"No event has an id that begins with {self.wanted!r}. Did you mean {near}?"
        return (
            f"No event has an id that begins with {self.wanted!r}. "
            "See them with lineage-kit journal list and lineage-kit journal quarantine."
        )


def find(
    root: str, wanted: Sequence[str], *, owed: bool = True, to: str | None = None
) -> dict[str, list[Held]]:
    """Id → where the event is, for each beginning of an id. owed: besides those in quarantine. to: this destination.

    Raises `Refused` when one of them does not mean exactly one event, with all that is wrong.
    """
    searches = [Search(text.strip().lower()) for text in dict.fromkeys(wanted)]
    if not all(search.wanted for search in searches):
        raise Refused("An id is empty: it is the first column of lineage-kit journal list.")
    for event, held in everything(root, owed=owed, to=to):
        for search in searches:
            search.look_at(event, held)
    if problems := list(filter(None, (search.problem() for search in searches))):
        raise Refused("\n".join(problems))
    return dict(event for search in searches for event in search.found.items())


def everything(root: str, *, owed: bool = True, to: str | None = None) -> Iterator[tuple[str, Held]]:
    """Every event there is, with its id: those in quarantine, then those owed, oldest first."""
    for kept in survey.set_aside(root, to):
        yield kept.name, kept
    if owed:
        for event in survey.owed(survey.incarnations(root), Trouble()):
            if to in (None, *event.to):
                yield event.event_id, event


def destination_of(kept: Kept) -> str:
    """The id of the destination that has refused it."""
    return os.path.basename(os.path.dirname(kept.path))


def _common(one: str, other: str) -> int:
    """How many digits two ids begin with together."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
