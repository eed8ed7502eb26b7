"""``lineage-kit journal drop``: an operator gives events up, and the ledger says so."""

from __future__ import annotations

import sys
from typing import NamedTuple

import click

from lineage_kit.cli.journal.finding import destination_of, find
from lineage_kit.cli.journal.listing import known
from lineage_kit.cli.journal.place import Place, Refused, destination, here
from lineage_kit.cli.journal.retry import check_ids
from lineage_kit.cli.journal.words import SHORT_ID, events, process
from lineage_kit.cli.output import note
from lineage_kit.delivery.aside.quarantine import Kept
from lineage_kit.delivery.journal import verdicts
from lineage_kit.delivery.recovery import survey
from lineage_kit.delivery.recovery.decisions import give_up_kept, give_up_owed
from lineage_kit.delivery.recovery.survey import Incarnation
from lineage_kit.history.terminal import printable

HELP = """\
Give events up: those in quarantine, and those that dead processes owe. They are never delivered, and the ledger of the
journal says who gave them up and when. What living processes owe cannot be dropped: they are about to deliver it.

At a terminal this asks before anything is dropped; elsewhere --yes is needed.

\b
  lineage-kit journal drop 3f9a
  lineage-kit journal drop --all --to old-backend --yes

\b
Exit status:
  0  they are dropped
  1  some could not be
  2  nothing was done: an id means no event, or several, or one of a living process; nobody said yes
"""


class Chosen(NamedTuple):
    """What is to be dropped: events in quarantine, and of which folders which lines (None: all); and how many in all.

    living: events that cannot be, and whose they are.
    """

    kept: list[Kept]
    homes: dict[str, set[verdicts.Place] | None]
    owed: int
    living: list[tuple[str, Incarnation]]


@click.command(help=HELP, short_help="Give events up for good.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--all", "every", is_flag=True, help="Everything in quarantine, and all that dead processes owe."
)
@click.option("--to", metavar="DEST", help="For this destination only: its name, its id, or where it goes.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def drop(ctx: click.Context, ids: tuple[str, ...], every: bool, to: str | None, yes: bool) -> None:
    """Find them, ask, drop them."""
    check_ids(ids, every=every)
    place = here()
    wanted = destination(place, to, known(place.root)) if to is not None else None
    chosen = _named(place, ids, wanted) if ids else _all(place, wanted)
    if ids and chosen.living:
        raise Refused("\n".join(f"{what} {_why(one)}" for what, one in chosen.living))
    for what, one in chosen.living:
        note(f"{what} {_why(one)}")
    if not chosen.kept and not chosen.homes:
        print(f"Nothing to drop: {place.root}")
        return
    _confirm(chosen, yes=yes)
    ctx.exit(0 if _drop(place, chosen, wanted) else 1)


def _named(place: Place, ids: tuple[str, ...], to: str | None) -> Chosen:
    """The events with these ids. Raises `Refused`."""
    chosen = Chosen([], {}, 0, [])
    for event, held in find(place.root, ids, to=to).items():
        for one in held:
            if isinstance(one, Kept):
                chosen.kept.append(one)
            elif one.incarnation.life == "dead":
                lines = chosen.homes.setdefault(one.incarnation.home, set())
                if lines is not None:
                    lines.add((one.segment, one.line))
            else:
                chosen.living.append((event[:SHORT_ID], one.incarnation))
    return chosen._replace(owed=sum(len(lines or ()) for lines in chosen.homes.values()))


def _all(place: Place, to: str | None) -> Chosen:
    """Everything that may be dropped."""
    chosen = Chosen(list(survey.set_aside(place.root, to)), {}, 0, [])
    owed = 0
    for account in survey.survey(place.root).accounts:
        count = account.events if to is None else account.owed.get(to, 0)
        if not count:
            continue
        if account.incarnation.life == "dead":
            chosen.homes[account.incarnation.home] = None
            owed += count
        else:
            chosen.living.append((events(count), account.incarnation))
    return chosen._replace(owed=owed)


def _why(one: Incarnation) -> str:
    """Why what an incarnation owes is not dropped."""
    if one.life == "unknown":
        return f"cannot be dropped: nobody can tell whether its process lives ({printable(one.home)})."
    return f"cannot be dropped: {printable(process(one))} lives, or what it left is just being delivered."


def _confirm(chosen: Chosen, *, yes: bool) -> None:
    """Ask, where somebody can answer. Raises `Refused` without a yes."""
    kept = f"{len(chosen.kept):,} in quarantine" if chosen.kept else ""
    owed = f"{chosen.owed:,} owed by dead processes" if chosen.homes else ""
    text = (
        f"Drop {events(len(chosen.kept) + chosen.owed)} for good ({' and '.join(filter(None, (kept, owed)))})"
    )
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise Refused(f"{text}? Nobody can be asked here: say --yes.")
    if not click.confirm(f"{text}?", err=True):
        raise Refused("Nothing was dropped.")


def _drop(place: Place, chosen: Chosen, to: str | None) -> bool:
    """Drop them, and say how many; whether that were all."""
    dropped, failed = 0, 0
    for event in chosen.kept:
        if give_up_kept(place.root, destination_of(event), event):
            dropped += 1
        else:
            failed += 1
            note(f"{printable(event.path)} cannot be removed.")
    for home, lines in chosen.homes.items():
        try:
            count = give_up_owed(place.root, home, lines, to, place.delivery.on_crash)
        except OSError as error:
            failed += 1
            note(f"{printable(str(error))}")
            continue
        if count is None:
            failed += 1
            note(f"{printable(home)}: another process is just delivering what it holds.")
        dropped += count or 0
    print(f"{events(dropped)} dropped, which the ledger of the journal says.")
    return not failed
