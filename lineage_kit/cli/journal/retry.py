"""``lineage-kit journal retry``: what was refused is given to its destination once more."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lineage_kit.cli.journal.finding import destination_of, find
from lineage_kit.cli.journal.place import Place, Refused, here
from lineage_kit.cli.journal.words import SHORT_ID, events
from lineage_kit.cli.output import note
from lineage_kit.delivery.aside.quarantine import Kept
from lineage_kit.delivery.recovery import survey
from lineage_kit.delivery.recovery.decisions import try_again
from lineage_kit.history.terminal import printable

HELP = """\
Have events that were refused tried again, once the backend or the event is mended: they leave quarantine and are owed
once more, to the destination that has refused them and to no other. The next program with the same configuration
delivers them, or `lineage-kit journal drain`; with --now this command does.

\b
  lineage-kit journal quarantine
  lineage-kit journal retry 3f9a 77c0
  lineage-kit journal retry --all --now

\b
Exit status:
  0  they are owed again, and with --now nothing is owed any more
  1  some stay in quarantine; with --now, something is still owed or was refused again
  2  an id means no event, or several; nothing was done
"""

SECONDS = 10.0


@click.command(help=HELP, short_help="Have events that were refused tried again.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="Every event in quarantine.")
@click.option("--now", is_flag=True, help="Deliver at once, as `lineage-kit journal drain` does.")
@click.pass_context
def retry(ctx: click.Context, ids: tuple[str, ...], every: bool, now: bool) -> None:
    """Write them to a journal, take them out of quarantine, deliver them if that is asked for."""
    check_ids(ids, every=every)
    place = here()
    chosen = _chosen(place.root, ids)
    if not chosen:
        print(f"Nothing was set aside: {place.root}")
        return
    is_whole = _write(place, chosen)
    if now:
        from lineage_kit.cli.journal.draining import drain_once

        is_whole = drain_once(place, SECONDS) and is_whole
    ctx.exit(0 if is_whole else 1)


def check_ids(ids: Sequence[str], *, every: bool) -> None:
    """Refuse a command that names no event, or some and all."""
    if every and ids:
        raise click.UsageError("Name events, or all of them with --all: not both.")
    if not every and not ids:
        raise click.UsageError("Name events by the beginning of their id, or all of them with --all.")


def _chosen(root: str, ids: Sequence[str]) -> list[Kept]:
    if not ids:
        return list(survey.set_aside(root))
    found = find(root, ids)
    owed = [
        event[:SHORT_ID] for event, held in found.items() if not any(isinstance(one, Kept) for one in held)
    ]
    if owed:
        raise Refused(
            f"{', '.join(owed)}: not in quarantine, but owed, so that tries go on by themselves. "
            "lineage-kit journal drain makes one now."
        )
    return [one for held in found.values() for one in held if isinstance(one, Kept)]


def _write(place: Place, chosen: Sequence[Kept]) -> bool:
    """Have them owed again, those of one destination together; whether all are."""
    where = survey.survey(place.root).where
    left = []
    for to in dict.fromkeys(map(destination_of, chosen)):
        own = sorted((one for one in chosen if destination_of(one) == to), key=lambda one: one.reason.at)
        goal = place.goals.get(to)
        address = goal.where if goal is not None else where.get(to, to)
        left += try_again(place.root, to, address, own, place.delivery.journal.max_bytes)
        if goal is None:
            note(
                f"{printable(address)} is not configured here: no program with this configuration delivers to it."
            )
    for event, why in left:
        note(f"{printable(event.name[:SHORT_ID])} was left as it is: {why}.")
    done = len(chosen) - len(left)
    print(
        f"{events(done)} owed again. Deliver with: lineage-kit journal drain"
        if done
        else "No event is owed again."
    )
    return not left
