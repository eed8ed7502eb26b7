"""Which runs of a log are wanted: the last root run, those of a job, all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lineage_kit.history.folding import Folder
from lineage_kit.history.forest import Node, tree
from lineage_kit.history.reading import Reading, files_in, read
from lineage_kit.history.records import RunKey, RunRecord


def last_root(directory: Path, without: str = "") -> tuple[Node | None, int]:
    """The root run that began last, with all runs below it, and the number of lines that could not be read.

    Runs of the job `without` are passed over.

    Reads the youngest files first and stops where no older file can hold an event of that tree, so that a log of
    years costs no more than its last file.
    """
    folder, unreadable = Folder(), 0
    files = [(path, _written(path)) for path in reversed(files_in(directory))]
    for count, (path, _) in enumerate(files, start=1):
        reading = read(path)
        for event in _unless_gone(reading):
            if not without or not is_of(event, without):
                folder.add(event)
        unreadable += reading.unreadable
        is_time_to_look = (
            count & (count - 1) == 0
        )  # after 1, 2, 4, 8… files: looking costs as much as it saves
        if is_time_to_look and count < len(files) and _is_settled(folder.records, files[count][1]):
            break
    roots = tree(folder.records)
    return (roots[-1] if roots else None), unreadable


def of_job(roots: Iterable[Node], pattern: str) -> list[Node]:
    """The runs whose job fits `pattern` (``*`` and ``?``; name, or namespace/name), each with what is below it."""
    found: list[Node] = []
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        record = node.record
        if fnmatchcase(record.job, pattern) or fnmatchcase(f"{record.namespace}/{record.job}", pattern):
            found.append(node)
        else:
            waiting.extend(node.children)
    return sorted(found, key=lambda node: node.record.seen or 0.0)


def is_of(event: Mapping[str, Any], job: str) -> bool:
    """True for an event of the job of this name."""
    named = event.get("job")
    return isinstance(named, Mapping) and named.get("name") == job


def _unless_gone(reading: Reading) -> Iterable[dict[str, Any]]:
    try:
        yield from reading
    except FileNotFoundError:  # rolled away between listing and reading
        return


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _is_settled(records: dict[RunKey, RunRecord], older: float) -> bool:
    """True when files last written at `older` or before cannot change which root run is the last, nor add to it.

    Whatever belongs to a root run is written after its START. A run whose parent, or whose own START, was not met yet
    may belong to a root that began later, unless it was seen earlier itself.
    """
    starts = [r.started for r in records.values() if r.parent is None and r.started is not None]
    if not starts or older >= max(starts):
        return False
    last = max(starts)
    return all(record.seen is not None and record.seen < last for record in _strays(records))


def _strays(records: dict[RunKey, RunRecord]) -> Iterator[RunRecord]:
    """Runs of which it is not known what began them: without their parent, or root runs without their START."""
    ids = {key.run_id for key in records}
    for record in records.values():
        if record.started is None if record.parent is None else record.parent.run_id not in ids:
            yield record
