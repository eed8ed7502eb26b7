"""``lineage-kit jobs``: which jobs a program has, and what they read and write, before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import click
from msgspec import structs

from lineage_kit.cli.output import not_taken, note

if TYPE_CHECKING:
    from lineage_kit.cli.jobs.modules import Imported
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.lifecycle.design import Design

HELP = """\
List the decorated jobs of modules with what they read and write, their owners, tags and descriptions. Nothing is run:
the modules are imported, and runs that open meanwhile are not recorded.

MODULE is a dotted name, a .py file, or the folder of a package, which is looked through with all it holds:

\b
  lineage-kit jobs etl
  lineage-kit jobs etl/daily.py --json | lineage-kit validate -
  lineage-kit jobs etl --emit

A dataset whose name needs the arguments of a call is shown as it is written and left out of the events. Dates fold as
they will: s3://raw/orders/{day}.csv is s3://raw/orders. Defaults of parameters are filled in.

\b
Exit status:
  0  every module was imported
  1  a destination did not take the events, the configuration is broken, or there is no job at all
  2  a module could not be imported; the others are listed
"""

SECONDS = 10.0


@click.command(help=HELP, short_help="List decorated jobs and their datasets.")
@click.argument("modules", nargs=-1, required=True, metavar="MODULE...")
@click.option("--json", "as_json", is_flag=True, help="OpenLineage JobEvents for programs, one a line.")
@click.option("--emit", "send", is_flag=True, help="Send the JobEvents to the configured destinations too.")
@click.pass_context
def jobs(ctx: click.Context, modules: tuple[str, ...], as_json: bool, send: bool) -> None:
    """Import, find, print, and send where that is asked for."""
    from lineage_kit.cli.jobs.modules import importing
    from lineage_kit.errors import ConfigError

    with importing() as imported:
        for module in modules:
            imported.add(module)
    for problem in imported.problems:
        note(f"error: {problem}")
    try:
        client = imported.client or _client(send)
    except ConfigError as error:
        note(f"{error}\nSee lineage-kit doctor.")
        ctx.exit(1)
    found = list(_designs(imported, client))
    _show(found, client, as_json)
    is_sent = not send or _send(found, client)
    if imported.problems:
        ctx.exit(2)
    if not found:
        note("no decorated job in these modules: @lineage_job above a function makes one.")
    ctx.exit(0 if found and is_sent else 1)


def _client(send: bool) -> OpenLineageClient:
    """The client of the configuration, with its destinations only where something is sent. Raises `ConfigError`."""
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.config.load import load

    if not send:
        return OpenLineageClient.of(structs.replace(load(), disabled=True))
    from lineage_kit.client.assemble import check, configured

    settings = load(check_transport=check)
    return OpenLineageClient.of(settings, None if settings.disabled else configured(settings))


def _designs(imported: Imported, client: OpenLineageClient) -> Iterator[Design]:
    from lineage_kit.cli.jobs.finding import jobs_in
    from lineage_kit.lifecycle.design import design

    for spec, hints in jobs_in(imported.modules):
        yield design(spec, client.settings.namespace, client.prepare, hints)


def _show(found: Sequence[Design], client: OpenLineageClient, as_json: bool) -> None:
    from lineage_kit.cli.jobs.table import lines
    from lineage_kit.event.encoding import encode

    if not as_json:
        for line in lines(found):
            print(line)
        return
    for one in found:
        event = client.prepare.event(one.event)
        if event is not None:
            print(encode(event).decode())


def _send(found: Sequence[Design], client: OpenLineageClient) -> bool:
    """Send every event whose job has one name; True when every destination took them all."""
    families = ", ".join(one.name for one in found if one.is_family)
    if families:
        note(f"not sent, because calls decide their names: {families}")
    with redirect_stdout(sys.stderr):  # what a console shows: standard output is the list's
        for one in found:
            if not one.is_family:
                client.emit(one.event)
        client.flush(SECONDS)
        missed = list(_missed(client))
        client.close(0)
    for line in missed:
        note(line)
    return not missed


def _missed(client: OpenLineageClient) -> Iterator[str]:
    for status in client.status():
        if not_taken(status):
            yield f"{status.destination} did not take all events: {status.last_error or 'no answer in time'}"
