"""Jobs in columns for people: one line per job, one more for each further dataset."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lineage_kit.event.model import Dataset
from lineage_kit.history import DatasetRecord
from lineage_kit.history.terminal import cut, pad, printable, width
from lineage_kit.history.wording import names
from lineage_kit.lifecycle.design import Design, Shown

TITLES = ("JOB", "READS", "WRITES", "OWNERS", "TAGS", "DESCRIPTION")


def lines(found: Sequence[Design]) -> Iterator[str]:
    """The table with its titles; columns in which nothing stands are left out. Cut on a terminal only."""
    if not found:
        return
    columns = [[title] for title in TITLES]
    for cells in map(_cells, found):
        height = max(map(len, cells))
        for column, cell in zip(columns, cells, strict=True):
            column.extend(cell + [""] * (height - len(cell)))
    padded = [_padded(column) for column in columns if any(column[1:])]
    texts = ("  ".join(line).rstrip() for line in zip(*padded, strict=True))
    yield from _cut(texts) if sys.stdout.isatty() else texts


def _cut(texts: Iterable[str]) -> Iterator[str]:
    room = shutil.get_terminal_size().columns
    return (cut(text, room) for text in texts)


def _padded(column: list[str]) -> list[str]:
    most = max(map(width, column))
    return [pad(cell, most) for cell in column]


def _cells(one: Design) -> list[list[str]]:
    facets = one.event.job.facets
    owners = [owner.name for owner in _part(facets.get("ownership"), "owners")]
    tags = [
        tag.key if tag.value == "true" else f"{tag.key}={tag.value}"
        for tag in _part(facets.get("tags"), "tags")
    ]
    about = getattr(facets.get("documentation"), "description", None)
    cells = [[one.name], _names(one.inputs), _names(one.outputs), owners, [", ".join(tags)], [about]]
    return [[printable(text) for text in cell if text] for cell in cells]


def _names(side: Sequence[Shown]) -> list[str]:
    """Datasets as the log names them; those that need a call as they are written."""
    known = [one for one in side if isinstance(one, Dataset)]
    shown = iter(names([DatasetRecord(one.namespace, one.name) for one in known], _here()))
    return [next(shown) if isinstance(one, Dataset) else one for one in side]


def _part(facet: Any, name: str) -> Sequence[Any]:
    return getattr(facet, name, None) or ()


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # it has been removed
        return ""
