"""The source of a cell → what it says about itself: its ``%%lineage`` line, its comment, a name that stays. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from lineage_kit.lifecycle.spec import MAX_NAME

_MAGIC = re.compile(r"%%lineage(?:[ \t]+(.*?))?[ \t]*\n?$")
_COMMENT = re.compile(r"^#[ \t]*lineage:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"name[ \t]*=[ \t]*(.+)$")
_CELL_ID = re.compile(
    r"[A-Za-z0-9_-]{1,64}$"
)  # as nbformat 4.5 has it; what editors of their own give holds paths


class Cell(NamedTuple):
    """What a cell says. options: of its ``%%lineage`` line, None without one. name: that its comment gives.

    is_off: its comment is ``# lineage: off``. unread: what its comment says that means nothing.
    """

    options: str | None = None
    name: str | None = None
    is_off: bool = False
    unread: str = ""


def read_cell(source: str) -> Cell:
    """What the first lines of a cell say: magics, then comments."""
    found = _magic(source.splitlines(keepends=True))
    options = None if found is None else found[1]
    comment = _COMMENT.search(source)
    if comment is None:
        return Cell(options)
    said = comment[1]
    name = _NAME.match(said)
    if name is not None:
        return Cell(options, name[1].strip("\"'")[:MAX_NAME] or None)
    return Cell(options, is_off=said == "off", unread="" if said == "off" else said)


def without_magic(lines: Sequence[str]) -> list[str]:
    """The lines without the ``%%lineage`` line, in whose place a comment keeps the line numbers where that can be."""
    found = _magic(lines)
    if found is None:
        return list(lines)
    index = found[0]
    before, after = list(lines[:index]), list(lines[index + 1 :])
    following = next((line for line in after if line.strip()), "")
    is_alone = not any(line.strip() for line in before) and not following.startswith("%%")
    return [*before, f"# {lines[index]}", *after] if is_alone else [*before, *after]


def name_of(cell: Cell, source: str, cell_id: str | None) -> str:
    """What the cell is called within its notebook: its comment's name, its id, else a hash of what it does."""
    if cell.name is not None:
        return cell.name
    if cell_id is not None and _CELL_ID.match(cell_id):
        return cell_id
    return f"cell-{blake2b(_normalised(source).encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def _magic(lines: Sequence[str]) -> tuple[int, str] | None:
    """Which line is the ``%%lineage`` line, and its options: one of the magics at the top of the cell."""
    for index, line in enumerate(lines):
        found = _MAGIC.match(line)
        if found is not None:
            return index, found[1] or ""
        if line.strip() and not line.startswith("%%"):
            return None
    return None


def _normalised(source: str) -> str:
    """The source without what does nothing: blank lines, comments, blanks at the end, our own line."""
    lines = (line.rstrip() for line in without_magic(source.splitlines(keepends=True)))
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))
