"""``lineage-kit exec``: any program as a run, from its start to its exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from typing import TYPE_CHECKING, Any

import click

from lineage_kit.cli.emit import read_dataset
from lineage_kit.cli.exec.ending import Ending
from lineage_kit.cli.exec.running import as_run, without_run
from lineage_kit.cli.exec.start import NotStartedError
from lineage_kit.cli.exec.title import title_of
from lineage_kit.cli.output import note, unless_mailed

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.lifecycle.spec import JobSpec

HELP = """\
Run COMMAND as a run: START before it, COMPLETE when it ends with 0, FAIL when it ends with another status, ABORT when a
signal ends it. Whatever the program, and in front of any line of a crontab:

\b
  0 3 * * *  lineage-kit exec -i s3://raw/orders -o ./orders -- aws s3 sync s3://raw/orders ./orders

The command has your terminal, standard streams, signals and working directory, and its exit status is yours. It gets
OPENLINEAGE_CONTEXT, so that runs it opens itself are children of this one. The run is named after the program, or after
the script or module that an interpreter is given; --name says it better.

An input, output or name that cannot be used is said and left out; the command runs all the same.

\b
Exit status:
  that of the command; of a command ended by a signal the same signal, which shells show as 128 and its number
  126  the command may not be executed
  127  the command is not found
  2    the options before the command are written wrongly; nothing was started
"""


@click.command(
    "exec",
    help=HELP,
    short_help="Run any program as a run.",
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS] --",
)
@click.option("--name", metavar="NAME", help="The job; the program's or script's name unless given.")
@click.option("-n", "--namespace", metavar="NAME", help="Its namespace; the configured one unless given.")
@click.option(
    "-i", "--input", "inputs", multiple=True, metavar="DATASET", help="What it reads. May be repeated."
)
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="DATASET", help="What it writes. May be repeated."
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGUMENTS]...")
@click.pass_context
def exec_command(
    ctx: click.Context,
    command: tuple[str, ...],
    name: str | None,
    namespace: str | None,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
) -> None:
    """Open the run, start the command, follow it, tell how it ended, and end as it did."""
    if not command:
        raise click.UsageError(
            "what is to be run stands after --, as in lineage-kit exec -- rsync -a from/ to/"
        )
    ending = Ending()  # before anything registers for the exit
    try:
        if _open_client().enabled:
            spec = _spec(command, name, namespace, inputs, outputs)
            with redirect_stdout(sys.stderr):  # what a console shows: standard output is the command's
                outcome = as_run(command, spec, ending)
        else:
            outcome = without_run(command)
    except NotStartedError as error:
        note(f"lineage-kit exec: {error}")
        ctx.exit(error.status)
    ending.signal = outcome.signal
    ctx.exit(outcome.status)


def _open_client() -> OpenLineageClient:
    """The client of this process, which says where events stay only at a terminal: cron would mail it every time."""
    from lineage_kit import session
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.config.load import load
    from lineage_kit.errors import ConfigError

    with suppress(ConfigError):  # the session says it, and keeps events all the same
        settings = load()
        if settings.transport is None:
            session.swap(OpenLineageClient.of(unless_mailed(settings)))
    return session.open_client()


def _spec(
    command: Sequence[str],
    name: str | None,
    namespace: str | None,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> JobSpec:
    """What the options and the command say of the job; what cannot be used is said and left out."""
    from lineage_kit.event.facets.job import JobTypeJobFacet
    from lineage_kit.event.model import InputDataset, OutputDataset
    from lineage_kit.lifecycle.arguments.declared import Declared
    from lineage_kit.lifecycle.spec import JobSpec

    if namespace is not None and not namespace.strip():
        note("lineage-kit exec: --namespace is empty; the configured one is taken")
        namespace = None
    title = title_of(command)
    chosen = _name(name, title.name)
    return JobSpec(
        name=chosen,
        base_name=chosen,
        namespace=namespace,
        inputs=Declared(tuple(_datasets(InputDataset, inputs))),
        outputs=Declared(tuple(_datasets(OutputDataset, outputs))),
        job_facets={"jobType": JobTypeJobFacet("BATCH", "SHELL", "COMMAND")},
        source=title.script,
    )


def _name(name: str | None, otherwise: str) -> str:
    from lineage_kit.errors import UsageError
    from lineage_kit.lifecycle.spec import check_name

    if name is None:
        return otherwise
    try:
        check_name(name)
    except UsageError as error:
        note(f"lineage-kit exec: {error}; the run is called {otherwise}")
        return otherwise
    return name


def _datasets(kind: Any, texts: Sequence[str]) -> list[Any]:
    found = []
    for text in texts:
        try:
            found.append(read_dataset(kind, text))
        except click.UsageError as error:
            note(f"lineage-kit exec: {error.message} It is left out.")
    return found
