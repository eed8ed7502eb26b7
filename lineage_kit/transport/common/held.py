"""A descriptor and what it was opened on: the number alone may stand for another file by now.

Programs that become daemons close descriptors by number, ours among them, and the next file they open gets that number.
Whoever then writes to it or closes it does so to the user's file.
"""

from __future__ import annotations

import os

Identity = tuple[int, int]
"""Device and inode."""


def identity(descriptor: int) -> Identity | None:
    """What `descriptor` stands for at this moment; None for nothing."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Held:
    """A file that we opened, by its descriptor. Raises OSError when that is not open."""

    __slots__ = ("_identity", "descriptor")

    def __init__(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        self.descriptor = descriptor
        self._identity: Identity = (found.st_dev, found.st_ino)

    def is_named(self) -> bool:
        """Whether the descriptor is still ours and its file is still in some folder: else writes would vanish."""
        try:
            found = os.fstat(self.descriptor)
        except OSError:
            return False
        return found.st_nlink > 0 and (found.st_dev, found.st_ino) == self._identity

    def is_ours(self) -> bool:
        """Whether the descriptor still stands for what we opened."""
        return identity(self.descriptor) == self._identity

    def is_at(self, path: str) -> bool:
        """Whether the descriptor is still ours and `path` leads to the same file."""
        try:
            there = os.stat(path)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == self._identity == identity(self.descriptor)

    def close(self) -> None:
        """Close what is ours; a number that is another's by now is forgotten."""
        if identity(self.descriptor) == self._identity:
            os.close(self.descriptor)
