"""The folder that a journal writes to, and the lock that says that its process lives."""

from __future__ import annotations

import os

from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal import home, places
from lineage_kit.transport.common.held import Held


class Seat:
    """A folder below `root`, once it is taken. destinations: id → where it goes, for people."""

    def __init__(self, root: str, destinations: dict[str, str]) -> None:
        self.root = root
        self.path = ""
        self._destinations = destinations
        self._lock: Held | None = None

    def take(self) -> None:
        """Have a new folder. Raises OSError."""
        self.path, self._lock = home.create(self.root, self._destinations)

    def is_taken(self) -> bool:
        """Whether there is a folder, and it is ours."""
        return self._lock is not None and self._lock.is_at(os.path.join(self.path, places.LOCK))

    def is_kept(self) -> bool:
        """The same; a lock whose descriptor the program has closed by its number is taken again."""
        if not self.is_taken():
            self._lock = home.lock_again(self.path)
        return self._lock is not None

    def leave(self, *, is_empty: bool) -> None:
        """Give the folder up: nobody is owed anything in it any more, or it is for whoever comes after us."""
        held, self._lock = self._lock, None
        if held is None:
            return
        if is_empty:
            places.remove_home(self.path)
        else:
            attempt(home.mark_ended, self.path)
        held.close()

    def drop(self) -> None:
        """In a forked child: close the inherited lock, which stays the parent's."""
        if self._lock is not None:
            attempt(self._lock.close)
