"""``lineage-kit validate``: whether files hold valid OpenLineage events."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from lineage_kit.cli.output import NO_LOGS, note
from lineage_kit.history import Document, documents
from lineage_kit.history.reading import files_in
from lineage_kit.history.terminal import printable

OK, INVALID, UNREADABLE = 0, 1, 2
MOST_KINDS = 10_000

_INDEX = re.compile(r"\[\d+\]")


class Tally(msgspec.Struct):
    """What was counted so far, and which warnings were shown.

    `files` were read to their end; `faults` are files and directories without an event.
    """

    files: int = 0
    faults: int = 0
    unreadable: int = 0
    events: int = 0
    invalid: int = 0
    errors: int = 0
    warnings: int = 0
    shown: set[str] = set()


HELP = """\
Check events against OpenLineage 2-0-2 and its standard facets.

A FILE holds one event as JSON, an array of them, or NDJSON with one event a line; it may be a directory of such
files, or - for standard input. Every problem is printed as

\b
  file:line: error: path in the event: what is wrong there

An error breaks the structure that the standard asks for. A warning is what consumers can live with and real
producers send: a time without zone, a URI without scheme, a schema URL that points nowhere. A warning
that comes again is shown once and counted. With --strict warnings are errors.

\b
Exit status:
  0  every event is valid
  1  an event is invalid, a line is no JSON, or a file or directory holds no event
  2  a file cannot be read
"""


@click.command(help=HELP, short_help="Check files of events against the OpenLineage standard.")
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.pass_context
def validate(ctx: click.Context, strict: bool, files: tuple[str, ...]) -> None:
    """Print what is wrong in the files, and end with the exit status that `HELP` explains."""
    tally = Tally()
    for name in files:
        if name != "-" and Path(name).is_dir():
            _check_directory(name, strict, tally)
        else:
            _check_file(name, strict, tally)
    print(_summary(tally))
    ctx.exit(UNREADABLE if tally.unreadable else INVALID if tally.errors or tally.faults else OK)


def _check_directory(name: str, strict: bool, tally: Tally) -> None:
    try:
        paths = files_in(Path(name))
    except OSError as error:
        _unreadable(printable(name), error.strerror or str(error), tally)
        return
    for path in paths:
        _check_file(str(path), strict, tally)
    if not paths:
        tally.faults += 1
        print(f"{printable(name)}: error: {NO_LOGS}")


def _check_file(name: str, strict: bool, tally: Tally) -> None:
    shown = "standard input" if name == "-" else printable(name)
    before = tally.events
    try:
        with _opened(name) as stream:
            for document in documents(stream):
                _check(document, shown, strict, tally)
    except OSError as error:
        _unreadable(shown, error.strerror or str(error), tally)
        return
    tally.files += 1
    if tally.events == before:
        tally.faults += 1
        print(f"{shown}: error: holds no event")


def _unreadable(shown: str, why: str, tally: Tally) -> None:
    tally.unreadable += 1
    note(f"{shown}: cannot be read: {why}")


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as stream:
        yield stream


def _check(document: Document, shown: str, strict: bool, tally: Tally) -> None:
    tally.events += 1
    is_valid = True
    for severity, text in _problems(document):
        counts = severity == "error" or strict
        is_valid = is_valid and not counts
        tally.errors += counts
        tally.warnings += not counts
        if not counts and _is_repeated(text, tally):
            continue
        print(f"{shown}:{document.line}: {'error' if counts else 'warning'}: {printable(text)}")
    tally.invalid += not is_valid


def _problems(document: Document) -> Iterator[tuple[str, str]]:
    """(severity, text) of everything that is wrong with one value of a file."""
    from lineage_kit.event.check import problems

    if document.fault:
        ending = " (the last line is cut off)" if document.torn else ""
        yield "error", f"{document.fault}{ending}"
    if document.value is None and document.fault:
        return
    # a value with a fault is judged as it was read; else its text, which shows keys that stand twice
    data: Any = document.value if document.fault and isinstance(document.value, dict) else document.text
    for problem in problems(data):
        yield problem.severity, f"{problem.path}: {problem.message}"


def _is_repeated(warning: str, tally: Tally) -> bool:
    """Whether this warning was shown before: real producers repeat theirs in every event."""
    kind = _INDEX.sub("", warning)
    if kind in tally.shown:
        return True
    if len(tally.shown) < MOST_KINDS:
        tally.shown.add(kind)
    return False


def _summary(tally: Tally) -> str:
    said = [_judged(tally)] if tally.events else []
    if tally.faults:
        empty = "1 file or directory" if tally.faults == 1 else f"{tally.faults:,} files or directories"
        said.append(f"{empty} without events")
    if tally.warnings:
        once = " (each kind shown once)" if tally.warnings > len(tally.shown) else ""
        said.append(f"{_count(tally.warnings, 'warning')}{once}")
    if tally.unreadable:
        said.append(f"{_count(tally.unreadable, 'file')} could not be read")
    return ", ".join(said if tally.events else ["nothing was checked", *said])


def _judged(tally: Tally) -> str:
    where = f" in {tally.files} files" if tally.files > 1 else ""
    if tally.invalid:
        verdict = f"{tally.invalid:,} invalid, {_count(tally.errors, 'error')}"
    else:
        verdict = "all valid" if tally.events > 1 else "valid"
    return f"{_count(tally.events, 'event')}{where}: {verdict}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
