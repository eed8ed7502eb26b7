"""The group ``lineage-kit journal``."""

from __future__ import annotations

from typing import Any

import click

from lineage_kit.cli.group import Commands

HELP = """\
See and settle what waits on this machine. Events for a backend are written to a journal before your code goes on, and
stay there until the backend has them, whatever becomes of the program. What a program has left is delivered by the
next one with the same configuration, or by `lineage-kit journal drain`.

An event that the backend refuses for good is set aside, in quarantine, until somebody decides: `retry` or `drop`.
"""

COMMANDS = {
    "status": "lineage_kit.cli.journal.status:status",
    "list": "lineage_kit.cli.journal.listing:list_command",
    "show": "lineage_kit.cli.journal.show:show",
    "retry": "lineage_kit.cli.journal.retry:retry",
    "drop": "lineage_kit.cli.journal.drop:drop",
    "quarantine": "lineage_kit.cli.journal.listing:quarantine",
    "drain": "lineage_kit.cli.journal.drain:drain",
}
"""Name → where its function is, in the order of the help."""


@click.group(
    cls=Commands,
    table=COMMANDS,
    help=HELP,
    short_help="See, deliver or drop what waits for its destinations.",
)
def journal(**_: Any) -> None:
    """What one of its commands does."""
