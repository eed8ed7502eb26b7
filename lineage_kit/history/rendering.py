"""Trees → lines of text: one line per run, in columns, with why it failed beneath."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from lineage_kit.history.forest import Node, began
from lineage_kit.history.records import DatasetRecord, RunRecord
from lineage_kit.history.terminal import cut, cut_middle, pad, printable, width
from lineage_kit.history.wording import are_long, duration, first_line, names, place, shape

STATE_COLUMNS = 8
DURATION_COLUMNS = 8
LEAST_DETAIL = 24
LEAST_LABEL = 12
MOST_NAMES = 3
MOST_CHECKS = 3

_ASCII = str.maketrans({"├": "|", "└": "`", "│": "|", "─": "-", "→": "->", "×": "x", "…": "~"})
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
    most = (
        None if style.width is None else max(LEAST_LABEL, style.width - STATE_COLUMNS - DURATION_COLUMNS - 2)
    )
    labels = [_label(row, most) for row in rows]
    durations = [duration(row.node.record.duration) for row in rows]
    label_columns = max(map(width, labels))
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
    if room is None or room >= LEAST_DETAIL:
        yield f"{start}  {_detail(record, room, style)}".rstrip()
    else:
        yield start.rstrip()
        yield from _beneath(row, [_detail(record, _room_beneath(row, style), style)], style)
    yield from _beneath(row, _why(row.node, style), style)
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


def _detail(record: RunRecord, room: int | None, style: Style) -> str:
    """What was read and written, and how much."""
    if record.events == 0:
        return "not in this log"
    ending = _shape(record)
    if record.state == "RUNNING" and record.seen is not None:
        ending = _join(ending, f"since {clock(record.seen)}")
    flow = _flow(record, short=False, limit=MOST_NAMES, directory=style.directory)
    if room is None:
        return _join(flow, ending)
    for limit in range(MOST_NAMES, 0, -1):
        if width(_join(flow, ending)) <= room:
            return _join(flow, ending)
        flow = _flow(record, short=True, limit=limit, directory=style.directory)
    if ending and width(ending) + 12 <= room:
        flow = cut(flow, room - width(ending) - 2)
    return cut(_join(flow, ending), room)


def _flow(record: RunRecord, short: bool, limit: int, directory: str) -> str:
    both = [*record.inputs, *record.outputs]
    if not both:
        return ""
    shown = names(both, directory)
    if short or are_long(shown):
        shown = names(both, directory, short=True)
    read = _list(shown[: len(record.inputs)], limit)
    if len(record.outputs) > 1:
        shown = [_with_shape(name, dataset) for name, dataset in zip(shown, both, strict=True)]
    written = _list(shown[len(record.inputs) :], limit)
    return f"{read} → {written}".strip()


def _with_shape(name: str, dataset: DatasetRecord) -> str:
    text = shape(dataset)
    return f"{name} ({text})" if text else name


def _list(shown: Sequence[str], limit: int) -> str:
    text = ", ".join(shown[:limit])
    return f"{text} +{len(shown) - limit}" if len(shown) > limit else text


def _shape(record: RunRecord) -> str:
    """The shape of the one output; where nothing was written, that of the one input."""
    side = record.outputs or record.inputs
    return shape(side[0]) if len(side) == 1 else ""


def _why(node: Node, style: Style) -> Iterator[str]:
    """The error and the user's own line, unless a child that failed with the same error shows them."""
    record = node.record
    error = record.error
    if error is None or not record.failed:
        return
    if any(child.record.error and child.record.error[:2] == error[:2] for child in node.children):
        return
    text = first_line(error)
    if text:
        yield _paint(text, _COLOURS[record.state or "FAIL"], style)
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
