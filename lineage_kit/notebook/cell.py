"""The source of a cell → what it says about itself: its ``%%lineage`` line, its comment, a name that stays. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from lineage_kit.lifecycle.spec import MAX_NAME

_MAGIC = re.compile(r"%%lineage(?:[ \t]+(.*?))?[ \t]*\n?$")
_OTHER = re.compile(r"%%(\w+)")
_COMMENT = re.compile(r"#[ \t]*lineage:[ \t]*(.*?)[ \t]*$")
_NAME = re.compile(r"name[ \t]*=[ \t]*(.+?)(?:[ \t]+#.*)?$")
_SETTING = re.compile(r"\w+[ \t]*=")
_CELL_ID = re.compile(
    r"[A-Za-z0-9_-]{1,64}$"
)  # as nbformat 4.5 has it; what editors of their own give holds paths
_SWALLOWS = re.compile(r"^\s*%{1,2}(run|time|timeit|capture|prun|debug|memit|mprun|lprun)\b", re.MULTILINE)

PYTHON_MAGICS = frozenset(
    (
        "capture",
        "debug",
        "heat",
        "lprun",
        "memit",
        "mprun",
        "prun",
        "pyinstrument",
        "scalene",
        "time",
        "timeit",
    )
)
"""Cell magics whose body is Python: in the text that others take, a line of ours may be anything."""


class Cell(NamedTuple):
    """What a cell says. options: of its ``%%lineage`` line, None without one. name: that its comment gives.

    is_off: its comment is ``# lineage: off``. unread: a setting in its comment that there is not.
    """

    options: str | None = None
    name: str | None = None
    is_off: bool = False
    unread: str = ""


def read_cell(source: str) -> Cell:
    """What the first lines of a cell say: magics and comments."""
    lines = source.splitlines(keepends=True)
    found = _magic(lines)
    options = None if found is None else found[1]
    said = next((comment[1] for comment in map(_COMMENT.match, _head(lines)) if comment), None)
    if said is None:
        return Cell(options)
    name = _NAME.match(said)
    if name is not None:
        return Cell(options, name[1].strip("\"'")[:MAX_NAME] or None)
    return Cell(options, is_off=said == "off", unread=said if _SETTING.match(said) else "")


def without_magic(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines before what follows the ``%%lineage`` line, and those that do.

    In its place a comment keeps the line numbers where that can be: below another magic, and above one, it cannot.
    """
    found = _magic(lines)
    if found is None:
        return [], list(lines)
    index = found[0]
    before, after = list(lines[:index]), list(lines[index + 1 :])
    following = next((line for line in after if line.strip()), "")
    is_alone = not any(map(_OTHER.match, (*before, following)))
    return [*before, f"# {lines[index]}"] if is_alone else before, after


def name_of(cell: Cell, source: str, cell_id: str | None) -> str:
    """What the cell is called within its notebook: its comment's name, its id, else a hash of what it does."""
    if cell.name is not None:
        return cell.name
    if cell_id is not None and _CELL_ID.match(cell_id):
        return cell_id
    told = f"{cell.options or ''}\n{_normalised(source)}".strip()
    return f"cell-{blake2b(told.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def may_swallow(source: str) -> bool:
    """Whether a magic runs a part of the cell that shows an error and goes on."""
    return _SWALLOWS.search(source) is not None


def _magic(lines: Sequence[str]) -> tuple[int, str] | None:
    """Which line is the ``%%lineage`` line, and its options: one of the magics at the top of the cell."""
    for index, line in enumerate(lines):
        found = _MAGIC.match(line)
        if found is not None:
            return index, found[1] or ""
        other = _OTHER.match(line)
        if (other and other[1] not in PYTHON_MAGICS) or not (other or _says_nothing(line)):
            return None
    return None


def _head(lines: Sequence[str]) -> Iterator[str]:
    """The comments above the first line that does something; none below a magic that takes other languages."""
    for line in lines:
        other = _OTHER.match(line)
        if other and other[1] not in (*PYTHON_MAGICS, "lineage"):
            return
        if line.startswith("#"):
            yield line
        elif line.strip() and not other:
            return


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _normalised(source: str) -> str:
    """The source without what does nothing: blank lines, comments, blanks at the end; and without our own line."""
    lines = (line.rstrip() for part in without_magic(source.splitlines(keepends=True)) for line in part)
    return "\n".join(line for line in lines if not _says_nothing(line))
