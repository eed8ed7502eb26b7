"""Events and processes in words and columns. What comes from disk is not trusted: it steers no terminal."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from lineage_kit.delivery.recovery.survey import Incarnation
from lineage_kit.event.ids import timestamp
from lineage_kit.history.terminal import cut, pad, printable, width
from lineage_kit.history.wording import duration

SHORT_ID = 12  # digits of an event's id
LONGEST_AGE = 100 * 365 * 86_400  # seconds; beyond that a time is no time
LAST_TIME = 253_402_300_799  # the end of the year 9999
_HOURS = 48

_JsonText = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class _Named(msgspec.Struct):
    namespace: str = ""
    name: str = ""


class _About(msgspec.Struct):
    """What an event is about: its job, or for an event of a dataset that."""

    job: _Named | None = None
    dataset: _Named | None = None


def about(body: bytes, key: str) -> tuple[str, str]:
    """Namespace and name of the job, or dataset, that an event is about; ("", its key) where that cannot be read."""
    try:
        event = msgspec.json.decode(body, type=_About)
    except (msgspec.MsgspecError, RecursionError):
        event = _About()
    named = event.job or event.dataset
    return (named.namespace, named.name) if named is not None and named.name else ("", key)


def age(since: float | None) -> str:
    """``3 min 05 s``, ``12 d 04 h``: how long ago a time was; ``?`` where that cannot be."""
    if since is None:
        return ""
    seconds = max(0.0, time.time() - since)
    if seconds > LONGEST_AGE:
        return "?"
    hours = round(seconds / 3600)
    return duration(seconds) if hours <= _HOURS else f"{hours // 24} d {hours % 24:02d} h"


def when(at: float) -> str | None:
    """A time as events write it; None where it cannot be one."""
    return timestamp(int(at * 1_000_000_000)) if 0 <= at <= LAST_TIME else None


def events(count: int) -> str:
    """``1 event``, ``1,200 events``."""
    return "1 event" if count == 1 else f"{count:,} events"


def process(one: Incarnation) -> str:
    """``pid 12 on host, etl.py`` as far as it is known."""
    if one.meta is None:
        return one.name
    program = f", {one.meta.program}" if one.meta.program else ""
    return f"pid {one.meta.pid} on {one.meta.host}{program}"


def life(one: Incarnation) -> str:
    """``alive``, ``dead`` or ``unknown``; ``adopted`` where another process is about to deliver what one has left."""
    meta = one.meta
    if one.life != "alive" or meta is None or os.name != "posix" or meta.host != socket.gethostname():
        return one.life
    try:
        os.kill(meta.pid, 0) if 0 < meta.pid < 1 << 31 else None
    except ProcessLookupError:
        return "adopted"
    except OSError:
        pass
    return one.life


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows in columns under their titles; empty columns are left out. Cut on a terminal only."""
    columns = [[title, *map(printable, cells)] for title, cells in zip(titles, _columns(rows), strict=False)]
    shown = [_padded(column) for column in columns if any(column[1:])]
    room = shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None
    for cells in zip(*shown, strict=True):
        text = "  ".join(cells).rstrip()
        yield text if room is None else cut(text, room)


def json_line(value: Any) -> str:
    """JSON on one line, for programs."""
    return _JsonText(value)


def json_text(value: Any) -> str:
    """JSON for people: characters that steer a terminal are escaped, others stand as they are."""
    readable = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    escaped = json.dumps(value, indent=2).split("\n")
    return "\n".join(
        line if printable(line) == line else safe for line, safe in zip(readable, escaped, strict=True)
    )


def _columns(rows: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    return zip(*rows, strict=True)


def _padded(column: list[str]) -> list[str]:
    most = max(map(width, column))
    return [pad(cell, most) for cell in column]
