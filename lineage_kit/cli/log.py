"""``lineage-kit log``: what ran last, as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from lineage_kit.cli.output import NO_LOGS, TEST_JOB, note, terminal_style
from lineage_kit.history import (
    Node,
    failures,
    is_of,
    last_root,
    log_directory,
    of_job,
    plain,
    read,
    render,
    runs,
    tree,
)
from lineage_kit.history.reading import files_in

HELP = """\
Show the last root run and everything that ran below it, as a tree.

Each line has the job, how its run ended, how long it took, what it read and wrote, and how many rows by how many
columns. A run that failed shows its error and the line of your own code it came from.

"Last" is the run that began last; what `lineage-kit doctor --send` sends is shown with --all and --job only. Options
that choose runs work together:

\b
  lineage-kit log --failed              the last run in which something failed
  lineage-kit log --job 'etl.*' --all   every run of these jobs
  lineage-kit log --all --json | jq     everything, for programs
  lineage-kit log --file events.ndjson  what the file transport wrote

Without --file this reads the local log: where events stay when nothing else is configured, or the directory that
`transport: {type: local, directory: ...}` names in the configuration of this place.
"""


@click.command(help=HELP, short_help="Show what ran: jobs, states, durations, datasets, errors.")
@click.option(
    "-a", "--all", "every", is_flag=True, help="Every run that fits, oldest first, not only the last one."
)
@click.option(
    "-j", "--job", metavar="NAME", help="Runs of this job, with what ran below them; * and ? are wildcards."
)
@click.option(
    "-f", "--failed", is_flag=True, help="Only runs that failed or were aborted, and what led to them."
)
@click.option(
    "--json", "as_json", is_flag=True, help="JSON for programs: one line per tree, runs nested in `children`."
)
@click.option(
    "--file",
    "files",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, readable=True, path_type=Path),
    help="Read this file or directory of events instead of the local log. May be given several times.",
)
def log(every: bool, job: str | None, failed: bool, as_json: bool, files: tuple[Path, ...]) -> None:
    """Print the trees that the options choose."""
    roots, unreadable, known = _wanted(every, job, failed, files)
    if as_json:
        _print_json(roots)
    else:
        for line in render(roots, terminal_style(times=every)):
            print(line)
    if not roots:
        _explain_nothing(known, job, failed, files)
    elif not files:
        _tell_of_elsewhere()
    if unreadable:
        lines = "line" if unreadable == 1 else "lines"
        note(f"({unreadable} {lines} could not be read and {'was' if unreadable == 1 else 'were'} left out)")


def _wanted(
    every: bool, job: str | None, failed: bool, files: Sequence[Path]
) -> tuple[list[Node], int, list[Node]]:
    """The trees to show, how many lines were broken, and all trees that were looked through."""
    directory = log_directory()
    if not files and not directory.is_dir():
        return [], 0, []
    if not (every or job or failed or files):
        return _last(directory)
    reading = read(files or [directory])
    known = tree(runs(reading if every or job else _without_tests(reading)))
    return _fitting(known, every, job, failed), reading.unreadable, known


def _last(directory: Path) -> tuple[list[Node], int, list[Node]]:
    """The same for the one tree that is shown where nothing is asked for, without reading the whole log."""
    root, unreadable = last_root(directory, TEST_JOB)
    roots = [root] if root is not None else []
    return roots, unreadable, roots


def _without_tests(events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (event for event in events if not is_of(event, TEST_JOB))


def _fitting(roots: list[Node], every: bool, job: str | None, failed: bool) -> list[Node]:
    if job is not None:
        roots = of_job(roots, job)
    if failed:
        roots = failures(roots)
    return roots if every else roots[-1:]


def _print_json(roots: list[Node]) -> None:
    import json

    for root in roots:
        print(json.dumps(plain(root), separators=(",", ":")))


def _explain_nothing(known: list[Node], job: str | None, failed: bool, files: Sequence[Path]) -> None:
    """Say why there is nothing to show, and what to do."""
    if known and job is not None:
        note(_no_such_job(known, job, failed))
    elif known:
        note("No run failed.")
    elif files:
        note(f"No runs in {', '.join(map(str, files))}.")
        for path in files:
            if path.is_dir() and not files_in(path):
                note(f"{path} {NO_LOGS}.")
    else:
        directory = log_directory()
        is_blocked = directory.exists() and not directory.is_dir()
        note(f"No runs yet in the local log, {directory}.\n{_why_empty(is_blocked)}")


def _why_empty(is_blocked: bool) -> str:
    if is_blocked:
        return "It is a file, not a directory: see lineage-kit doctor."
    if elsewhere := _elsewhere():
        return f"{elsewhere.said[:1].upper()}{elsewhere.said[1:]}."
    return "Run a Python program that uses @lineage_job or run(), then look again."


def _no_such_job(known: list[Node], job: str, failed: bool) -> str:
    import difflib

    if failed and of_job(known, job):
        return f"No run of {job!r} failed."
    names = dict.fromkeys(node.record.job for root in known for node in root.walk())
    near = difflib.get_close_matches(job, names, 3, 0.5) or [name for name in names if job in name][:3]
    hint = (
        f" Did you mean {' or '.join(map(repr, near))}?"
        if near
        else " See them all with: lineage-kit log --all"
    )
    return f"No run of a job {job!r} was found.{hint}"


def _tell_of_elsewhere() -> None:
    """Who is shown the log of this machine while events go elsewhere learns it: the last run may not be there."""
    if (elsewhere := _elsewhere()) and not elsewhere.kept_here:
        note(f"(these runs are in the log of this machine; {elsewhere.said})")


class _Elsewhere(NamedTuple):
    """What becomes of events by the configuration in force, and whether that includes a local log."""

    said: str
    kept_here: bool = False


def _elsewhere() -> _Elsewhere | None:
    """None where events stay in the local log and nowhere else."""
    from lineage_kit.client.assemble import destinations
    from lineage_kit.config.load import load
    from lineage_kit.delivery.door import attempt
    from lineage_kit.errors import ConfigError

    try:
        settings = load()
        if settings.disabled:
            where = settings.sources.get("$.disabled", "the configuration")
            return _Elsewhere(f"lineage is switched off here by {where}")
        found = [one.transport for one in destinations(settings)]
    except ConfigError:
        why = "the configuration is broken, so nothing can be sent as it says: see lineage-kit doctor"
        return _Elsewhere(why, kept_here=True)
    elsewhere = [one.describe() for one in found if one.kind != "local"]
    for transport in found:
        attempt(transport.close)
    if not elsewhere:
        return None
    said = f"here events go to {', '.join(elsewhere)}: lineage-kit doctor says why"
    return _Elsewhere(said, kept_here=len(elsewhere) < len(found))
