"""The rows about the disk: full, not to be written, not there, gone in the middle, descriptors that are closed."""

from __future__ import annotations

import os
import subprocess
from functools import cache

from tests.faults.cell import OVER_HTTP, Cell, Fault
from tests.faults.rows_http import OWN, up

A_LITTLE = 20_000  # bytes that a file may have


def arrives(cell: Cell) -> None:
    """The disk is no reason not to deliver: everything came, none twice owed, none set aside."""
    assert cell.books.quarantined == 0
    assert cell.books.lost_in_memory == 0
    assert cell.delivered + cell.delivered_after == cell.books.accepted + cell.books.memory, cell.books


def by_memory(cell: Cell) -> None:
    """The same, and some of it was in memory alone."""
    arrives(cell)
    assert cell.books.memory > 0


def arrives_or_is_counted(cell: Cell) -> None:
    """What was not taken was refused by whole runs, and counted."""
    arrives(cell)
    dropped = cell.status_at_end[3]
    assert dropped.get("full", 0) + dropped.get("unkept", 0) == cell.books.refused, (dropped, cell.books)


def arrives_or_is_written_down(cell: Cell) -> None:
    """What somebody removed before it could be sent is in the ledger."""
    assert cell.books.quarantined == 0
    came = cell.delivered + cell.delivered_after + cell.books.lost
    assert came == cell.books.accepted + cell.books.memory, cell.books


def _read_only(cell: Cell) -> None:
    cell.state.mkdir()
    cell.state.chmod(0o555)


def _writable(cell: Cell) -> None:
    cell.state.chmod(0o700)


def _no_folder(cell: Cell) -> None:
    cell.variables["LINEAGE_KIT_STATE"] = str(cell.path / "a" / "b" / "c" / "state")


def _below_a_file(cell: Cell) -> None:
    (cell.path / "file").write_text("")
    cell.variables["LINEAGE_KIT_STATE"] = str(cell.path / "file" / "state")


def _no_file(cell: Cell) -> None:
    (cell.path / "file").unlink()


def _mounted(cell: Cell) -> None:
    """A file system of one mebibyte, which somebody fills."""
    cell.state.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(cell.state)]
    subprocess.run(command, check=True)
    cell.clean(lambda: subprocess.run(["umount", "-l", str(cell.state)], check=True))
    with (cell.state / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"x" * 4096):
                pass
        except OSError:
            pass


def _room(cell: Cell) -> None:
    (cell.state / "filler").unlink()


@cache
def no_mount() -> str:
    """Why no file system can be mounted here."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "only root may mount"
    found = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], check=False)
    return "" if found.returncode == 0 else "nothing may be mounted here"


ROWS: list[Fault] = [
    Fault("file system full in the middle", part={"file_size": A_LITTLE}, after=lambda cell: cell.first.do("lift"),
          expects=by_memory),
    Fault("file system full from the beginning", before=_mounted, after=_room, needs=no_mount,
          expects=arrives_or_is_counted),
    Fault("state directory read-only", before=_read_only, part={"bound": True}, after=_writable, expects=by_memory),
    Fault("parent directories missing", before=_no_folder, expects=arrives),
    Fault("state directory below a file", before=_below_a_file, after=_no_file, expects=by_memory),
    Fault("state directory removed in the middle", act="removed", expects=arrives),
    Fault("state directory removed while events wait", OVER_HTTP, act="removed at once",
          before=lambda cell: cell.ill.go_down(), after=up, expects=arrives_or_is_written_down),
    Fault("all descriptors closed by number", act="by number", expects=arrives),
    Fault("the same, their numbers used again", OWN, act="by another", expects=arrives),
]  # fmt: skip
