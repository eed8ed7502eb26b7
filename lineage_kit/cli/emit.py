"""``lineage-kit emit``: lineage of what is no Python, told by a shell script."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Any

import click

from lineage_kit.cli.output import not_taken, note, unless_mailed
from lineage_kit.delivery import Status

HELP = """\
Send one event of a run: that it began, how it ended, what it read and wrote. Prints the run id.

A START without --run-id begins a new run; hand its id to the events that follow:

\b
  run=$(lineage-kit emit START --job nightly.copy --input s3://raw/orders)
  if aws s3 cp s3://raw/orders/ ./orders/ --recursive
  then lineage-kit emit COMPLETE --job nightly.copy --run-id "$run" --output ./orders
  else lineage-kit emit FAIL --job nightly.copy --run-id "$run" --message "copy ended with $?"
  fi

STATE is START, RUNNING, COMPLETE, FAIL, ABORT or OTHER. Datasets are URLs (s3://bucket/key,
postgres://host:5432/database.schema.table) or local paths with a slash or suffix (./orders); name them on every event
that should show them. The run becomes a child of the one that OPENLINEAGE_CONTEXT or OPENLINEAGE_PARENT_ID names.

\b
Exit status:
  0  every destination took the event, or lineage is switched off
  1  a destination did not take the event in time, or the configuration is broken
  2  the command is written wrongly
"""

LONGEST_WAIT = 86_400
STATES = ("START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER")
_STATES = f"{', '.join(STATES[:-1])} or {STATES[-1]}"


class Seconds(click.ParamType[float]):
    """A time to wait: a number, not negative and not endless."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that is written there."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= LONGEST_WAIT:  # nan is not either
            self.fail(
                f"found {value!r}, expected seconds from 0 to {LONGEST_WAIT:,}, such as 10 or 0.5", param, ctx
            )
        return seconds


class State(click.ParamType[str]):
    """What an event says of its run, in any case; click's own choice would list the states in lower case."""

    name = "state"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The state as the standard writes it."""
        from difflib import get_close_matches

        state = str(value).strip().upper()
        if state not in STATES:
            near = get_close_matches(state, STATES, 1, 0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            self.fail(f"{value!r} is no state of a run: {_STATES}.{hint}", param, ctx)
        return state

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """What is said where the state is left out."""
        return f"It is the first word: {_STATES}."


@click.command(help=HELP, short_help="Send one event of a run, from a shell script.")
@click.argument("state", type=State(), metavar="STATE")
@click.option("-j", "--job", required=True, metavar="NAME", help="The job that runs.")
@click.option("-n", "--namespace", metavar="NAME", help="Its namespace; the configured one unless given.")
@click.option("-r", "--run-id", metavar="UUID", help="The run. Needed but for START, which makes a new one.")
@click.option(
    "-i", "--input", "inputs", multiple=True, metavar="DATASET", help="What it reads. May be repeated."
)
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="DATASET", help="What it writes. May be repeated."
)
@click.option("-m", "--message", metavar="TEXT", help="Why it failed or was stopped; for FAIL and ABORT.")
@click.option(
    "--timeout",
    type=Seconds(),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until every destination has the event.",
)
@click.pass_context
def emit(ctx: click.Context, /, state: str, run_id: str | None, timeout: float, **said: Any) -> None:
    """Build the event, print the run id, send, and tell by the exit status whether it arrived."""
    from lineage_kit.client.assemble import check, configured
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.config.load import load
    from lineage_kit.errors import ConfigError

    _check(state, run_id, said["message"], said["job"], said["namespace"])
    try:
        # that events stay on this machine is said once per run, not once per event
        settings = unless_mailed(
            load(None if state == "START" else {"notice": "never"}, check_transport=check)
        )
        client = OpenLineageClient.of(settings, None if settings.disabled else configured(settings))
    except ConfigError as error:
        note(f"{error}\nNothing was sent. See lineage-kit doctor.")
        ctx.exit(1)
    event = _event(client.settings.namespace, state, run_id, **said)
    print(event.run.runId, flush=True)
    with redirect_stdout(sys.stderr):  # what a console shows: a script catches standard output for the run id
        client.recover(timeout)  # the START of this run may be what an earlier command could not deliver
        client.emit(event)
        client.flush(timeout)
        missed = [status for status in client.status() if not_taken(status)]
        client.close(0)
    for status in missed:
        note(_complaint(status, timeout))
    ctx.exit(1 if missed else 0)


def _check(state: str, run_id: str | None, message: str | None, job: str, namespace: str | None) -> None:
    """Refuse options that do not go with the state, and those that are empty."""
    if run_id is None and state != "START":
        raise click.UsageError(f"{state} needs --run-id: the id that lineage-kit emit START printed.")
    if run_id is not None and not run_id.strip():
        raise click.UsageError(
            "--run-id is empty: did the lineage-kit emit START fail whose output it should be?"
        )
    if message is not None and state not in ("FAIL", "ABORT"):
        raise click.UsageError("--message says why a run failed or was stopped: it goes with FAIL and ABORT.")
    if not job.strip():
        raise click.UsageError("--job is empty: it names what runs, such as nightly.copy.")
    if namespace is not None and not namespace.strip():
        raise click.UsageError(
            "--namespace is empty: leave it out for the configured one, or name one, such as etl."
        )


def _event(
    default: str,
    state: str,
    run_id: str | None,
    *,
    job: str,
    namespace: str | None,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    message: str | None,
) -> Any:
    """The event these options describe, under the parent that the environment hands over."""
    from lineage_kit.errors import EventError
    from lineage_kit.event.facets.run import ErrorMessageRunFacet
    from lineage_kit.event.ids import new_id, now_ns, timestamp
    from lineage_kit.event.model import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
    from lineage_kit.lifecycle.parent import parent_of_process

    facets: dict[str, Any] = {}
    parent = parent_of_process()
    if parent is not None:
        facets["parent"] = parent.facet()
    if message is not None:
        facets["errorMessage"] = ErrorMessageRunFacet(message, "shell")
    try:
        run = Run(new_id() if run_id is None else run_id, facets)
    except EventError:
        raise click.UsageError(
            f"--run-id {run_id!r} is not a UUID: it is what lineage-kit emit START printed."
        ) from None
    named = Job(default if namespace is None else namespace, job)
    return RunEvent(
        RunState(state),
        timestamp(now_ns()),
        run,
        named,
        inputs=[read_dataset(InputDataset, text) for text in inputs],
        outputs=[read_dataset(OutputDataset, text) for text in outputs],
    )


def read_dataset(kind: Any, text: str) -> Any:
    """The dataset of a URL or path; braces are braces here, not templates. Raises `click.UsageError`."""
    from lineage_kit.errors import EventError, NamingError

    try:
        return kind(text.replace("{", "{{").replace("}", "}}"))
    except (EventError, NamingError):
        raise click.UsageError(
            f"{text!r} names no dataset. A table is written postgres://host:5432/database.schema.table, an object "
            "s3://bucket/key, a file of this machine ./orders or orders.csv."
        ) from None


def _complaint(status: Status, timeout: float) -> str:
    """That a destination has not taken the event, why, and where the event is now."""
    why = status.last_error or f"no answer in {timeout:g} s"
    kept = "; it is kept in the journal" if status.owed and status.durability.startswith("journal") else ""
    return f"{status.destination} did not take the event: {why}{kept}"
