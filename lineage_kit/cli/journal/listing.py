"""``lineage-kit journal list`` and ``quarantine``: the events one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from lineage_kit.cli.journal.finding import destination_of
from lineage_kit.cli.journal.place import Place, destination, here
from lineage_kit.cli.journal.words import SHORT_ID, about, age, events, json_line, life, table, when
from lineage_kit.cli.output import note
from lineage_kit.delivery.aside.quarantine import Kept
from lineage_kit.delivery.recovery import survey
from lineage_kit.delivery.recovery.survey import Incarnation, Owed, Trouble

LIST_HELP = """\
List the events that wait for a destination, oldest first: id, age, state, job, where to, whether the process that
left it is alive or dead, and its run. The beginning of an id is enough for `lineage-kit journal show` and `drop`.

\b
  lineage-kit journal list --to backend --limit 10
  lineage-kit journal list --json | jq -r .job
"""
QUARANTINE_HELP = """\
List the events that a destination has refused for good, with its reason. They stay until somebody decides:
`lineage-kit journal retry` gives them to it once more, `lineage-kit journal drop` gives them up.
"""

LIMIT = 50
_TO = "Only those for this destination: its name, its id, or where it goes."


@click.command("list", help=LIST_HELP, short_help="List the events that wait, oldest first.")
@click.option("--to", metavar="DEST", help=_TO)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"At most so many; {LIMIT} unless given, and with --json all.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs, one event a line.")
def list_command(to: str | None, limit: int | None, as_json: bool) -> None:
    """Print what is owed."""
    place = here()
    trouble = Trouble()
    found = survey.incarnations(place.root)
    wanted = destination(place, to, known(place.root, found)) if to is not None else None
    owed = (event for event in survey.owed(found, trouble) if wanted in (None, *event.to))
    if as_json:
        for event in islice(owed, limit):
            print(json_line(_plain(place, event)))
        return
    if not _print_owed(place, owed, LIMIT if limit is None else limit):
        note(f"Nothing is owed{'' if to is None else f' to {to}'}: {place.root}")


@click.command(help=QUARANTINE_HELP, short_help="List the events that were refused and set aside.")
@click.option("--to", metavar="DEST", help=_TO)
@click.option("--json", "as_json", is_flag=True, help="JSON for programs, one event a line.")
def quarantine(to: str | None, as_json: bool) -> None:
    """Print what was set aside."""
    place = here()
    wanted = destination(place, to, known(place.root)) if to is not None else None
    found = survey.set_aside(place.root, wanted)
    if as_json:
        for event in found:
            print(json_line(_plain_kept(place, event)))
        return
    rows = [_row_kept(place, event) for event in found]
    for line in table(("ID", "AGE", "STATUS", "STATE", "JOB", "TO", "REASON"), rows):
        print(line)
    if not rows:
        note(f"Nothing was set aside{'' if to is None else f' for {to}'}: {place.root}")


def _print_owed(place: Place, owed: Iterator[Owed], limit: int) -> int:
    """The first events in columns, and a word on how many more there are; how many were shown."""
    rows = [_row(place, event) for event in islice(owed, limit)]
    for line in table(("ID", "AGE", "STATE", "JOB", "TO", "PROCESS", "RUN"), rows):
        print(line)
    if more := sum(1 for _ in owed):
        note(f"({events(more)} more: --limit shows them)")
    return len(rows)


def known(root: str, found: list[Incarnation] | None = None) -> dict[str, str]:
    """Id → where it goes, of the destinations in the journal."""
    known = {destination_of(event): "" for event in survey.set_aside(root)}
    for one in survey.incarnations(root) if found is None else found:
        known |= one.meta.destinations if one.meta is not None else {}
    return known


def _row(place: Place, event: Owed) -> tuple[str, ...]:
    header = event.record.header
    _, name = about(event.record.body, header.key)
    return (
        event.event_id[:SHORT_ID],
        age(header.at),
        header.state or "",
        name,
        ", ".join(place.name(one) for one in event.to),
        life(event.incarnation),
        header.run or "",
    )


def _row_kept(place: Place, event: Kept) -> tuple[str, ...]:
    reason = event.reason
    _, name = about(event.body, reason.key)
    status = "" if reason.status is None else str(reason.status)
    to = place.name(destination_of(event))
    return event.name[:SHORT_ID], age(reason.at), status, reason.state or "", name, to, reason.why


def _plain(place: Place, event: Owed) -> dict[str, Any]:
    header, meta = event.record.header, event.incarnation.meta
    namespace, name = about(event.record.body, header.key)
    return {
        "id": event.event_id,
        "accepted": when(header.at),
        "state": header.state,
        "namespace": namespace,
        "job": name,
        "run_id": header.run,
        "to": list(_destinations(place, event.to)),
        "process": life(event.incarnation),
        "pid": meta.pid if meta else None,
        "host": meta.host if meta else None,
        "program": meta.program if meta else None,
        "bytes": len(event.record.body),
    }


def _plain_kept(place: Place, event: Kept) -> dict[str, Any]:
    reason = event.reason
    namespace, name = about(event.body, reason.key)
    return {
        "id": event.name,
        "set_aside": when(reason.at),
        "state": reason.state,
        "namespace": namespace,
        "job": name,
        "run_id": reason.run,
        "to": list(_destinations(place, (destination_of(event),))),
        "status": reason.status,
        "reason": reason.why,
        "answer": reason.answer,
        "bytes": len(event.body),
    }


def _destinations(place: Place, ids: tuple[str, ...]) -> Iterator[dict[str, str | None]]:
    for one in ids:
        yield {"id": one, "name": place.goals[one].name if one in place.goals else None}
