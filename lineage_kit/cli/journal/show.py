"""``lineage-kit journal show``: one event, with all that is known of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from lineage_kit.cli.journal.finding import Held, destination_of, find
from lineage_kit.cli.journal.place import Place, here
from lineage_kit.cli.journal.words import json_text, life, when
from lineage_kit.delivery.aside.quarantine import Kept
from lineage_kit.delivery.recovery.survey import Owed

HELP = """\
Show one event, owed or set aside, as JSON: to whom it is owed and since when, who has refused it and why, and the
event itself as it is sent. The beginning of its id is enough.

\b
  lineage-kit journal show 3f9a | jq .event
"""


@click.command(help=HELP, short_help="Show one event, owed or set aside.")
@click.argument("wanted", metavar="ID")
def show(wanted: str) -> None:
    """Find it and print it."""
    place = here()
    [(event, held)] = find(place.root, [wanted]).items()
    print(json_text(_plain(place, event, held)))


def _plain(place: Place, event: str, held: Sequence[Held]) -> dict[str, Any]:
    first = held[0]
    body = first.body if isinstance(first, Kept) else first.record.body
    told = first.reason if isinstance(first, Kept) else first.record.header
    return {
        "id": event,
        "key": told.key,
        "run_id": told.run,
        "state": told.state,
        "bytes": len(body),
        "owed": [_owed(place, one, to) for one in held if isinstance(one, Owed) for to in one.to],
        "quarantined": [_kept(place, one) for one in held if isinstance(one, Kept)],
        "event": _document(body),
    }


def _destination(place: Place, one: str) -> dict[str, Any]:
    goal = place.goals.get(one)
    return {"to": one, "name": goal.name if goal else None}


def _owed(place: Place, one: Owed, to: str) -> dict[str, Any]:
    meta = one.incarnation.meta
    return {
        **_destination(place, to),
        "accepted": when(one.record.header.at),
        "process": life(one.incarnation),
        "pid": meta.pid if meta else None,
        "host": meta.host if meta else None,
        "program": meta.program if meta else None,
        "file": f"{one.incarnation.home}/{one.segment:06d}.jsonl",
        "line": one.line,
    }


def _kept(place: Place, one: Kept) -> dict[str, Any]:
    return {
        **_destination(place, destination_of(one)),
        "set_aside": when(one.reason.at),
        "status": one.reason.status,
        "reason": one.reason.why,
        "answer": one.reason.answer,
        "file": one.path,
    }


def _document(body: bytes) -> Any:
    """The event, or its text where it is none."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
        json.dumps(document, indent=2)
    except (ValueError, RecursionError):
        return text
    return document
