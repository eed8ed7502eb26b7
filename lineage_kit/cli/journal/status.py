"""``lineage-kit journal status``: how much waits, for whom, and who looks after it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from lineage_kit.cli.journal.place import Place, here
from lineage_kit.cli.journal.words import age, events, life, process, table
from lineage_kit.cli.output import say, section
from lineage_kit.cli.probe import journal_durability
from lineage_kit.delivery.aside.ledger import Loss, losses
from lineage_kit.delivery.journal.writing.quota import Quota
from lineage_kit.delivery.recovery.survey import Account, Survey, survey
from lineage_kit.history.wording import size

HELP = """\
Show how full the journal is, what each destination is owed and has refused, which processes have left that and
whether they live, and what was given up for which reason.

A living process delivers its events itself. What a dead one has left is delivered by the next program with the same
configuration, or by `lineage-kit journal drain`.
"""

MOST_PROCESSES = 20
NOT_HERE = "not configured here: no program with this configuration delivers them"


@click.command(help=HELP, short_help="Show how much waits, for whom, and since when.")
def status() -> None:
    """Look at all of it, and print that."""
    place = here()
    found = survey(place.root)
    given_up = list(losses(place.root))
    section(f"The journal in {place.root}", _journal(place, found), is_first=True)
    if not found.destinations():
        there = "is empty" if os.path.isdir(place.root) else "is not there yet"
        say("", f"Nothing is owed and nothing was set aside: the journal {there}.")
    _list("Destinations", _destinations(place, found))
    _list("Processes", _processes(found))
    _list("Given up", _given_up(place, given_up))
    for line in _trouble(found):
        say("", line)


def _journal(place: Place, found: Survey) -> Iterator[tuple[str, str]]:
    most = Quota(place.root, place.delivery.journal.max_bytes).total()
    yield "size", f"{size(found.size)} of {size(most)} ({found.size / most:.0%})"
    yield "durability", _durability(place)


def _durability(place: Place) -> str:
    """What outlives a program with the configuration in force."""
    if place.settings is None:
        return "local log only: the configuration is broken, see lineage-kit doctor"
    if place.settings.disabled:
        return f"none: {place.settings.sources.get('$.disabled', 'the configuration')} switches lineage off"
    if not place.goals:
        return "none of the destinations configured here needs a journal"
    if not any(goal.journaled for goal in place.goals.values()):
        why = place.settings.sources.get("$.delivery.journal.enabled") or place.settings.sources.get(
            "$.delivery.journal"
        )
        return f"memory: {why or 'pytest'} switches the journal off; only lineage-kit journal drain delivers from it"
    return journal_durability(place.delivery)


def _destinations(place: Place, found: Survey) -> Iterator[tuple[str, ...]]:
    rows = []
    for one in found.destinations():
        owed, aside = found.owed(one), found.quarantined.get(one, 0)
        where = place.goals[one].where if one in place.goals else found.where.get(one, "")
        remark = NOT_HERE if owed and one not in place.goals else ""
        name = place.goals[one].name if one in place.goals else "-"
        rows.append((name, where, f"{owed:,}", age(found.oldest(one)), f"{aside:,}", one, remark))
    if rows:
        yield ("NAME", "GOES TO", "OWED", "OLDEST", "QUARANTINED", "ID", "")
        yield from rows


def _processes(found: Survey) -> Iterator[tuple[str, ...]]:
    shown = found.accounts[:MOST_PROCESSES]
    if shown:
        yield ("STATE", "PROCESS", "SINCE", "OWES")
    for account in shown:
        one = account.incarnation
        yield life(one), process(one), age(one.meta.started) if one.meta else "", _owes(account)
    if rest := found.accounts[MOST_PROCESSES:]:
        dead = sum(account.incarnation.life == "dead" for account in rest)
        yield (
            "",
            f"and {len(rest):,} more, {dead:,} of them dead",
            "",
            events(sum(one.events for one in rest)),
        )


def _owes(account: Account) -> str:
    if account.incarnation.meta is None:
        return "unknown: written by another version; left as it is"
    return events(account.events) if account.events else "nothing"


def _given_up(place: Place, found: list[Loss]) -> Iterator[tuple[str, ...]]:
    """Losses by destination and reason."""
    totals: dict[tuple[str, str], Loss] = {}
    for loss in found:
        before = totals.get((loss.to, loss.reason))
        count = loss.events + (before.events if before else 0)
        totals[loss.to, loss.reason] = Loss(loss.at, loss.to, loss.reason, count)
    if totals:
        yield "REASON", "EVENTS", "TO", "LAST"
    for loss in totals.values():
        yield loss.reason, f"{loss.events:,}", place.name(loss.to), age(loss.at)


def _trouble(found: Survey) -> Iterator[str]:
    if damaged := found.trouble.damaged:
        lines = "1 line is" if damaged == 1 else f"{damaged:,} lines are"
        yield f"Warning: {lines} damaged and cannot be sent."
    for path in found.trouble.unreadable:
        yield f"Warning: {path} cannot be read; what it holds is not counted."


def _list(title: str, rows: Iterator[tuple[str, ...]]) -> None:
    """A table under its title; nothing without rows."""
    titles = next(rows, None)
    if titles is not None:
        say("", title)
        for line in table(titles, rows):
            print(f"  {line}")
