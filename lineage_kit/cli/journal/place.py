"""Which journal is meant and who can deliver from it, by the configuration in force here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import click

from lineage_kit.cli.output import note
from lineage_kit.client.assemble import check, destinations, is_journaled, journal_directory
from lineage_kit.config.load import load
from lineage_kit.config.model import DeliverySettings, Settings
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal.places import destination_id
from lineage_kit.errors import ConfigError

SHORTEST_ID = 4


class Goal(NamedTuple):
    """A destination that is configured here: what it is called, where it goes, whether programs write a journal."""

    name: str
    where: str
    journaled: bool


class Place(NamedTuple):
    """The journal in `root`. goals: id → destination. settings: None when the configuration is broken."""

    root: str
    settings: Settings | None
    goals: dict[str, Goal]

    @property
    def delivery(self) -> DeliverySettings:
        """The settings of deliveries, their defaults where the configuration is broken."""
        return DeliverySettings() if self.settings is None else self.settings.delivery

    def name(self, destination: str) -> str:
        """What a destination is called here, else its id."""
        goal = self.goals.get(destination)
        return destination if goal is None else goal.name


class Refused(click.ClickException):
    """Something could not be done; nothing was changed."""

    exit_code = 2


def here() -> Place:
    """The journal of the configuration in force; that of the state directory, with a word, where that is broken."""
    try:
        settings = load(check_transport=check)
        found = destinations(settings)
    except ConfigError as error:
        note(f"The configuration is broken, so this is about the journal of its defaults. {error}")
        return Place(journal_directory(DeliverySettings()), None, {})
    goals = {}
    for one in found:
        if one.transport.delivery == "background":
            journaled = is_journaled(settings.delivery, one) and not settings.disabled
            goal = Goal(one.name, one.transport.describe(), journaled)
            goals[destination_id(one.name, one.transport)] = goal
        attempt(one.transport.close)
    return Place(journal_directory(settings.delivery), settings, goals)


def destination(place: Place, text: str | None, known: Mapping[str, str]) -> str | None:
    """The id of the destination that `--to` means: by name, id, the beginning of one, or where it goes.

    known: id → where it goes, of those in the journal. Raises `Refused` with the nearest.
    """
    if text is None:
        return None
    where = {**known, **{one: goal.where for one, goal in place.goals.items()}}
    for fits in (
        lambda one: one == text,
        lambda one: place.name(one) == text,
        lambda one: where[one] == text,
        lambda one: len(text) >= SHORTEST_ID and one.startswith(text),
    ):
        found = [one for one in where if fits(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(f"{text!r} may be each of {', '.join(found)}: name it by its id.")
    raise Refused(f"Nothing in this journal goes to {text!r}. {_hint(text, where, place)}")


def _hint(text: str, where: Iterable[str], place: Place) -> str:
    names = list(dict.fromkeys([*where, *(place.name(one) for one in where)]))
    if near := difflib.get_close_matches(text, names, 2, 0.5):
        return f"Did you mean {' or '.join(map(repr, near))}?"
    return f"There are {', '.join(names)}." if names else "There are no destinations in it."
