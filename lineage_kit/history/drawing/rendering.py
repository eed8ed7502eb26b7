"""Trees → lines of text: one line per run, in columns, with what has no room there and why it failed beneath."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from lineage_kit.history.drawing.flow import fitted, whole
from lineage_kit.history.forest import Node, began
from lineage_kit.history.records import RunRecord
from lineage_kit.history.terminal import cut, cut_middle, pad, printable, width, wrapped
from lineage_kit.history.wording import duration, first_line, names, place, shape

STATE_COLUMNS = 8
DURATION_COLUMNS = 8
LEAST_LABEL = 12
FAIR_LABEL = 36
MOST_LABEL = 48
"""Columns of a job with its branch: on a terminal longer names are cut, in a pipe they stand out of their column."""
MOST_CHECKS = 3
MOST_ERROR_LINES = 3

_ASCII = str.maketrans({"├": "|", "└": "`", "│": "|", "─": "-", "→": "->", "←": "<-", "×": "x", "…": "~"})
_COLOURS = {"COMPLETE": "32", "FAIL": "1;31", "ABORT": "33", "RUNNING": "36"}
_DIM = "2"


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How to show trees.

    width: columns of the terminal; None cuts nothing. colour: ANSI colours. ascii: no character outside ASCII of our
    own. directory: what local files are shown relative to. times: a line with date and time above each tree.
    """

    width: int | None = None
    colour: bool = False
    ascii: bool = False
    directory: str = ""
    times: bool = False


class _Row(NamedTuple):
    node: Node
    branch: str  # before the name
    guide: str  # before whatever stands under this row


def render(roots: Iterable[Node], style: Style | None = None) -> Iterator[str]:
    """Lines without their ends; trees are separated by an empty line."""
    style = style or Style()
    for index, root in enumerate(roots):
        if index:
            yield ""
        for line in _tree(root, style):
            yield line.translate(_ASCII) if style.ascii else line


def clock(seconds: float) -> str:
    """``2026-11-22 17:31:09`` in local time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _tree(root: Node, style: Style) -> Iterator[str]:
    if style.times:
        yield _paint(clock(began(root)), _DIM, style)
    rows = list(_rows(root))
    most = _label_columns(style)
    labels = [_label(row, most) for row in rows]
    durations = [duration(row.node.record.duration) for row in rows]
    label_columns = max(map(width, labels))
    if most is None:
        label_columns = min(label_columns, MOST_LABEL)
    duration_columns = max(DURATION_COLUMNS, *map(len, durations))
    used = label_columns + 1 + STATE_COLUMNS + 1 + duration_columns + 2
    room = None if style.width is None else style.width - used
    for row, label, took in zip(rows, labels, durations, strict=True):
        state = row.node.record.state or ""
        state = _paint(pad(state, STATE_COLUMNS), _COLOURS.get(state, ""), style)
        yield from _lines(row, f"{pad(label, label_columns)} {state} {took:>{duration_columns}}", room, style)


def _lines(row: _Row, start: str, room: int | None, style: Style) -> Iterator[str]:
    """The line of one run, whose details have `room` columns, and what stands beneath it."""
    record = row.node.record
    told = _detail(record, room, style)
    yield f"{start}  {told or ''}".rstrip()
    if told is None:
        yield from _beneath(row, _details(record, _room_beneath(row, style), style), style)
    yield from _beneath(row, _why(row.node, _room_beneath(row, style), style), style)
    yield from _beneath(row, _failed_checks(record, style), style)


def _rows(root: Node) -> Iterator[_Row]:
    waiting = [_Row(root, "", "")]
    while waiting:
        row = waiting.pop()
        yield row
        children = row.node.children
        for child in reversed(children):
            last = child is children[-1]
            branch, guide = ("└─ ", "   ") if last else ("├─ ", "│  ")
            waiting.append(_Row(child, row.guide + branch, row.guide + guide))


def _label(row: _Row, most: int | None) -> str:
    record = row.node.record
    name = printable(record.job or record.run_id)
    if most is None:
        return row.branch + name
    return row.branch + cut_middle(name, max(LEAST_LABEL, most - width(row.branch)))


def _label_columns(style: Style) -> int | None:
    """The most that a job may take of a line: less than half of it, where that is enough for a name."""
    if style.width is None:
        return None
    fair = min(MOST_LABEL, max(FAIR_LABEL, style.width * 9 // 20))
    return max(LEAST_LABEL, min(fair, style.width - STATE_COLUMNS - DURATION_COLUMNS - 2))


def _detail(record: RunRecord, room: int | None, style: Style) -> str | None:
    """What was read and written, and how much, in one line; None where it does not fit."""
    ending = _ending(record)
    if room is None:
        return _join(whole(record, style.directory), ending)
    left = room - (width(ending) + 2 if ending else 0)
    flow = fitted(record, style.directory, left)
    if flow is None or width(_join(flow, ending)) > room:
        return None
    return _join(flow, ending)


def _details(record: RunRecord, room: int | None, style: Style) -> Iterator[str]:
    """The same in as many lines as it takes."""
    told = _detail(record, room, style)
    if told is not None or room is None:
        yield told or ""
        return
    yield fitted(record, style.directory, room, cutting=True) or whole(record, style.directory)
    yield _ending(record)


def _ending(record: RunRecord) -> str:
    """The shape of the one dataset written, or read where nothing was written, and since when a run is open."""
    if record.events == 0:
        return "not in this log"
    side = record.outputs or record.inputs
    ending = shape(side[0]) if len(side) == 1 else ""
    if record.state == "RUNNING" and record.seen is not None:
        return _join(ending, f"since {clock(record.seen)}")
    return ending


def _why(node: Node, room: int | None, style: Style) -> Iterator[str]:
    """The error and the user's own line, unless a child that failed with the same error shows them."""
    record = node.record
    error = record.error
    if error is None or not record.failed:
        return
    if any(child.record.error and child.record.error[:2] == error[:2] for child in node.children):
        return
    text = first_line(error)
    for part in wrapped(text, room, MOST_ERROR_LINES) if text else ():
        yield _paint(part, _COLOURS[record.state or "FAIL"], style)
    if error.frame:
        yield f"at {place(error.frame, style.directory)}"


def _failed_checks(record: RunRecord, style: Style) -> Iterator[str]:
    """The data quality checks that did not pass, the first few of each dataset; a check does not fail its run."""
    both = [*record.inputs, *record.outputs]
    if not any(dataset.failed for dataset in both):
        return
    for dataset, name in zip(both, names(both, style.directory, short=True), strict=True):
        for text in dataset.failed[:MOST_CHECKS]:
            yield _paint(f"check failed: {name}: {printable(text)}", _COLOURS["ABORT"], style)
        if len(dataset.failed) > MOST_CHECKS:
            yield f"and {len(dataset.failed) - MOST_CHECKS} more checks of {name}"


def _beneath(row: _Row, lines: Iterable[str], style: Style) -> Iterator[str]:
    guide = _guide_beneath(row)
    room = _room_beneath(row, style)
    for line in lines:
        if line:
            yield guide + (line if room is None else _cut_painted(line, room))


def _guide_beneath(row: _Row) -> str:
    return row.guide + ("│  " if row.node.children else "   ")


def _room_beneath(row: _Row, style: Style) -> int | None:
    return None if style.width is None else max(LEAST_LABEL, style.width - width(_guide_beneath(row)))


def _cut_painted(line: str, room: int) -> str:
    if not line.startswith("\x1b["):
        return cut(line, room)
    head, _, rest = line.partition("m")
    return f"{head}m{cut(rest.removesuffix(_RESET), room)}{_RESET}"


_RESET = "\x1b[0m"


def _paint(text: str, colour: str, style: Style) -> str:
    return f"\x1b[{colour}m{text}{_RESET}" if style.colour and colour else text


def _join(*parts: str) -> str:
    return "  ".join(part for part in parts if part)
