"""Numbers, names and shapes as people read them: durations, sizes, datasets, errors."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from lineage_kit.history.records import DatasetRecord, ErrorRecord, Frame
from lineage_kit.history.terminal import printable, width

LONG_NAME = 40

_DECIMALS = ((0.00995, 3), (9.995, 2), (59.95, 1))  # (below so many seconds, digits after the point)
_CELL = re.compile(
    r"<ipython-input-(\d+)-\w+>$|.*[/\\]ipykernel_\d+[/\\]\d+\.py$"
).match  # cells of notebooks
_UNITS = ("B", "kB", "MB", "GB", "TB")


def duration(seconds: float | None) -> str:
    """``0.07 s``, ``12.3 s``, ``3 min 05 s``, ``2 h 05 min``; empty for None."""
    if seconds is None:
        return ""
    for limit, decimals in _DECIMALS:
        if seconds < limit:
            return f"{seconds:.{decimals}f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(count: int) -> str:
    """``812 B``, ``1.2 MB`` (powers of ten)."""
    value = float(count)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"


def shape(dataset: DatasetRecord) -> str:
    """``748 rows × 2`` (rows by columns), or what of it is known; bytes where no row was counted; else empty."""
    columns = len(dataset.columns) + dataset.columns_left_out if dataset.columns else 0
    if dataset.rows is not None:
        rows = "1 row" if dataset.rows == 1 else f"{dataset.rows:,} rows"
        return f"{rows} × {columns:,}" if columns else rows
    parts = [size(dataset.bytes)] if dataset.bytes is not None else []
    if columns:
        parts.append("1 column" if columns == 1 else f"{columns:,} columns")
    return ", ".join(parts)


def names(datasets: Sequence[DatasetRecord], directory: str, short: bool = False) -> list[str]:
    """What to call these datasets side by side, each name different.

    Local files: relative to `directory` where they are below it, else the last parts that tell them apart. Others:
    ``s3://raw/orders``; with `short`, or without an address (``bigquery``), the name alone, of long paths the end.
    """
    found = [_local_name(d, directory) if is_local(d) else _remote_name(d, short) for d in datasets]
    distinct = {
        (dataset.namespace, dataset.name, name) for dataset, name in zip(datasets, found, strict=True)
    }
    clashes = {name for name, times in Counter(name for *_, name in distinct).items() if times > 1}
    return [
        printable(_longer_name(dataset, datasets) if name in clashes else name)
        for name, dataset in zip(found, datasets, strict=True)
    ]


def is_local(dataset: DatasetRecord) -> bool:
    """True for a file of a machine: namespace ``file`` or ``file://host``."""
    return dataset.namespace == "file" or dataset.namespace.startswith("file:")


def are_long(shown: Iterable[str]) -> bool:
    """True when one of the names is too long to stand in a line with others."""
    return any(len(name) > LONG_NAME for name in shown)


def path_end(path: str, columns: int, before: str = "…/") -> str:
    """As many of the last parts of a path as `columns` hold, at least one; `before` stands for those left out."""
    if width(path) <= columns:
        return path
    head, _, end = path.rstrip("/").rpartition("/")
    while head:
        head, _, part = head.rpartition("/")
        if not part or width(f"{before}{part}/{end}") > columns:
            break
        end = f"{part}/{end}"
    return before + end


def first_line(error: ErrorRecord) -> str:
    """``KeyError: 'amount'``: the type and the first line of the message, or whichever there is."""
    message = next((line.strip() for line in error.message.splitlines() if line.strip()), "")
    return printable(f"{error.type}: {message}" if error.type and message else error.type or message)


def place(frame: Frame, directory: str) -> str:
    """``etl.py:12 in totals`` and the source of that line, the file relative to `directory` where it is below it."""
    cell = _CELL(frame.file)
    file = "cell" if cell else _below(frame.file, directory) or frame.file
    if cell and cell[1]:
        file = f"In [{cell[1]}]"
    function = "" if frame.function in ("", "<module>") else f" in {frame.function}"
    source = f":  {frame.source}" if frame.source else ""
    return printable(f"{file}:{frame.line}{function}{source}")


def _below(path: str, directory: str) -> str | None:
    prefix = directory.rstrip(os.sep + "/") + os.sep
    return path[len(prefix) :] if path.startswith(prefix) else None


def _local_name(dataset: DatasetRecord, directory: str) -> str:
    inside = _below(dataset.name, directory) if dataset.namespace == "file" else None
    return inside or _last_parts(dataset.name, 1)


def _remote_name(dataset: DatasetRecord, short: bool) -> str:
    if "://" not in dataset.namespace:
        return dataset.name
    if short and "/" not in dataset.name.rstrip("/"):
        return dataset.name
    whole = f"{dataset.namespace.rstrip('/')}/{dataset.name.lstrip('/')}"
    return path_end(whole, LONG_NAME) if short else whole


def _longer_name(dataset: DatasetRecord, others: Sequence[DatasetRecord]) -> str:
    """Enough of the path to tell a local file from the others; namespace and name of anything else."""
    if is_local(dataset):
        rivals = [other.name for other in others if other.name != dataset.name and is_local(other)]
        for count in range(2, dataset.name.count("/") + 1):
            name = _last_parts(dataset.name, count)
            if name not in (_last_parts(rival, count) for rival in rivals):
                return name
    return f"{dataset.namespace.rstrip('/')}/{dataset.name.lstrip('/')}"


def _last_parts(path: str, count: int) -> str:
    parts = re.split(r"[\\/]", path.rstrip("\\/"))
    return "/".join(parts[-count:]) or path
