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

from lineage_kit.cli.output import note
from lineage_kit.history import Document, documents
from lineage_kit.history.reading import files_in
from lineage_kit.history.terminal import printable

OK, INVALID, UNREADABLE = 0, 1, 2
MOST_KINDS = 10_000

_INDEX = re.compile(r"\[\d+\]")


class Tally(msgspec.Struct):
    """What was counted so far, and which warnings were shown."""

    files: int = 0
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
  1  an event is invalid, a line is no JSON, or a file holds no event
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
        for path in _expanded(name):
            _check_file(path, strict, tally)
    print(_summary(tally))
    ctx.exit(UNREADABLE if tally.unreadable else INVALID if tally.invalid else OK)


def _expanded(name: str) -> list[str]:
    if name != "-" and Path(name).is_dir():
        return [str(path) for path in files_in(Path(name))] or [name]
    return [name]


def _check_file(name: str, strict: bool, tally: Tally) -> None:
    shown = "standard input" if name == "-" else printable(name)
    tally.files += 1
    before = tally.events
    try:
        with _opened(name) as stream:
            for document in documents(stream):
                _check(document, shown, strict, tally)
    except OSError as error:
        tally.unreadable += 1
        note(f"{shown}: cannot be read: {error.strerror or error}")
        return
    if tally.events == before:
        tally.invalid += 1
        tally.errors += 1
        print(f"{shown}: error: holds no event")


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
    where = "" if tally.files == 1 else f" in {tally.files} files"
    if tally.invalid:
        judged = f"{tally.invalid:,} invalid, {_count(tally.errors, 'error')}"
    else:
        judged = "all valid" if tally.events > 1 else "valid"
    said = [f"{_count(tally.events, 'event')}{where}: {judged}"]
    if tally.warnings:
        once = " (each kind shown once)" if tally.warnings > len(tally.shown) else ""
        said.append(f"{_count(tally.warnings, 'warning')}{once}")
    if tally.unreadable:
        said.append(f"{_count(tally.unreadable, 'file')} could not be read")
    return ", ".join(said)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
