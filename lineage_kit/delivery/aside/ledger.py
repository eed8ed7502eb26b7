"""The book of what was given up: one line for each loss, with its reason, so that no event vanishes without a trace."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import msgspec

from lineage_kit.delivery.journal import places
from lineage_kit.transport.common.disk import make_private_directory, write_whole

LARGEST = 4 * 1024 * 1024  # bytes; then the older half of the book goes


class Loss(msgspec.Struct, omit_defaults=True):
    """at: seconds since 1970. to: destination. reason: as in `Status`, or ``expired``. event: the id of one."""

    at: float
    to: str
    reason: str
    events: int = 1
    event: str | None = None
    by: str = ""


def enter(root: str, to: str, reason: str, events: int = 1, event: str | None = None, by: str = "") -> bool:
    """Note a loss; False when even that cannot be written."""
    path = os.path.join(root, places.LEDGER)
    try:
        make_private_directory(root)
        _turn_page(path)
        file = places.open_append(path)
        try:
            write_whole(file, msgspec.json.encode(Loss(time.time(), to, reason, events, event, by)) + b"\n")
        finally:
            file.close()
    except OSError:
        return False
    return True


def losses(root: str) -> Iterator[Loss]:
    """Every loss, oldest first; lines that cannot be read are passed over."""
    for name in (f"{places.LEDGER}.1", places.LEDGER):
        try:
            with open(os.path.join(root, name), "rb") as file:
                lines = file.read().splitlines()
        except OSError:
            continue
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=Loss)
            except msgspec.MsgspecError:
                continue


def _turn_page(path: str) -> None:
    try:
        if os.path.getsize(path) > LARGEST:
            os.replace(path, f"{path}.1")
    except FileNotFoundError:
        pass
