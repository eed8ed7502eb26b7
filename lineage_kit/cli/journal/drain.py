"""``lineage-kit journal drain``: delivers what dead processes have left."""

from __future__ import annotations

import click

from lineage_kit.cli.emit import Seconds
from lineage_kit.cli.journal.place import here

HELP = """\
Deliver what processes that have ended left in the journal, to the destinations of the configuration in force here.
What living processes have written is left to them. A run that its process left open is ended with an ABORT, as
`delivery.on_crash` says.

With --watch it goes on until Ctrl-C or SIGTERM, for a service beside programs that end sooner than their backend
answers.

\b
Exit status:
  0  nothing is owed any more; with --watch, it was told to end
  1  something is still owed, or was refused and set aside
  2  nothing could be done: the configuration is broken or names no backend
"""


@click.command(help=HELP, short_help="Deliver what dead processes have left.")
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C or SIGTERM, and look every few seconds.")
@click.option(
    "--timeout",
    type=Seconds(),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Give up once no event has got through for so long.",
)
@click.pass_context
def drain(ctx: click.Context, watch: bool, timeout: float) -> None:
    """Adopt and deliver."""
    from lineage_kit.cli.journal import draining

    if watch and ctx.get_parameter_source("timeout") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--timeout tells when to give up, and --watch never does: give one of them.")
    place = here()
    if watch:
        draining.watch(place)
    elif not draining.drain_once(place, timeout):
        ctx.exit(1)
