"""The top of the command line: commands loaded when asked for, and the nearest one for a name nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from lineage_kit.event.facet import VERSION

COMMANDS = {
    "log": "lineage_kit.cli.log:log",
    "validate": "lineage_kit.cli.validate:validate",
    "doctor": "lineage_kit.cli.doctor:doctor",
    "init": "lineage_kit.cli.init:init",
    "emit": "lineage_kit.cli.emit:emit",
    "exec": "lineage_kit.cli.exec.command:exec_command",
    "jobs": "lineage_kit.cli.jobs.command:jobs",
    "journal": "lineage_kit.cli.journal.command:journal",
}
"""Name → where its function is, in the order of the help; imported when it is asked for."""

EXITS = """\b
Exit status:
  0  it worked
  1  it worked, and the answer is no: an event is invalid, a configuration broken, a delivery failed
  2  it could not be done: an unknown option, a missing file"""


class Commands(click.Group):
    """The commands of a table like `COMMANDS`, in its order."""

    def __init__(self, *args: Any, table: Mapping[str, str] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.table = COMMANDS if table is None else table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None when there is none."""
        if cmd_name not in self.table:
            return None
        module, _, name = self.table[cmd_name].partition(":")
        return getattr(import_module(module), name)  # type: ignore[no-any-return]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; an unknown one is refused with the nearest."""
        if args and not args[0].startswith("-") and args[0] not in self.table:
            near = difflib.get_close_matches(args[0].lower(), self.table, 1, 0.5)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(self.table)}."
            ctx.fail(f"No such command {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    epilog=EXITS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, "-V", "--version", prog_name="lineage-kit")
def lineage_kit(**_: Any) -> None:
    """See what your pipelines read and wrote, and check how lineage leaves this machine."""
