"""What standard output can take: a terminal or a pipe, colours or none, which characters, and who closes it when."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

from msgspec import structs

from lineage_kit.client.notice import is_terminal
from lineage_kit.config.env import environment_value
from lineage_kit.config.model import Settings
from lineage_kit.delivery import Status
from lineage_kit.history import Style
from lineage_kit.history.reading import SUFFIXES
from lineage_kit.history.terminal import pad, printable, width

NO_LOGS = f"holds no file that ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} (directories below it are not read)"
"""What is said of a directory in which there is nothing to read."""

TEST_JOB = "lineage_kit.doctor"
"""The job of the event that `lineage-kit doctor --send` sends; "the last run" never means it."""

_DRAWN = "├─└│→←×…"


def prepare_streams() -> None:
    """Let no character end the program: what a terminal cannot show is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def finish() -> int:
    """Write out what is left: 0, or 2 where that cannot be done.

    A reader that has gone away (``| head``) is no error and gets no word.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        # Python flushes once more at exit and would complain then
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
        if not isinstance(error, BrokenPipeError):
            note(f"lineage-kit: {error}")
            return 2
    return 0


def terminal_style(*, times: bool = False) -> Style:
    """How to show trees on what standard output is now: cut and coloured on a terminal only."""
    stream = sys.stdout
    is_terminal = stream is not None and stream.isatty()
    return Style(
        width=shutil.get_terminal_size().columns if is_terminal else None,
        colour=is_terminal and not environment_value("NO_COLOR") and environment_value("TERM") != "dumb",
        ascii=not _can_show(_DRAWN),
        directory=_working_directory(),
        times=times,
    )


def unless_mailed(settings: Settings) -> Settings:
    """The same settings, which say that events stay on this machine at a terminal only: cron would mail every line."""
    if settings.notice != "auto" or is_terminal():
        return settings
    return structs.replace(settings, notice="never")


def not_taken(status: Status) -> bool:
    """Whether a destination has not taken everything that it was given."""
    return bool(status.owed or status.dropped or status.quarantined)


def note(text: str) -> None:
    """A word to the reader that is not part of the result: to standard error."""
    if sys.stderr is not None:
        print(text, file=sys.stderr)


def section(title: str, lines: Iterable[tuple[str, ...]], *, is_first: bool = False) -> None:
    """A title and rows in columns under it; nothing without rows. is_first: nothing stands above it."""
    table = [tuple(printable(cell) for cell in line) for line in lines]
    if not table:
        return
    say(*([] if is_first else [""]), title)
    columns = [max(width(line[index]) for line in table) for index in range(len(table[0]) - 1)]
    for line in table:
        cells = [pad(cell, columns[index]) for index, cell in enumerate(line[:-1])]
        say("  " + "  ".join([*cells, line[-1]]))


def say(*lines: str) -> None:
    """Lines of the result."""
    for line in lines:
        print(printable(line))


def _can_show(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it has been removed
        return ""
