"""Looks after what others have left: finds dead incarnations, adopts what this process can deliver, lets go of it.

Looking costs a listing of the journal now and then, on a thread that sends anyway. Only where something is found, a
thread of its own reads it through, so that no event of this process waits for that.
"""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal import places
from lineage_kit.delivery.recovery.adopted import Adopted, adopt
from lineage_kit.delivery.recovery.last_words import OnCrash
from lineage_kit.delivery.sending.sender import Sender

LOOK_SECONDS = 30.0


class Post(NamedTuple):
    """A destination of this process: its id, who sends to it, and how to have that looked after."""

    destination: str
    sender: Sender
    wake: Callable[[], object]


class Custodian:
    """For the journal in `root`. own: the incarnation of this process, which is never adopted."""

    def __init__(self, root: str, posts: Sequence[Post], on_crash: OnCrash, own: Callable[[], str]) -> None:
        self.root = root
        self.adopted: list[Adopted] = []
        self.found = 0
        """Incarnations adopted so far."""
        self._posts = posts
        self._on_crash: OnCrash = on_crash
        self._own = own
        self._due = 0.0
        self._busy = threading.Lock()
        self._left: dict[str, int] = {}  # folders with nothing for us → when they last changed

    def visit(self) -> None:
        """Let go of what is done, and look around when it is time. Called between attempts, on any sender's thread."""
        if time.monotonic() < self._due and not any(map(self._is_done, self.adopted)):
            return
        if not self._busy.acquire(blocking=False):
            return
        try:
            self._let_go()
            orphans = self._look() if time.monotonic() >= self._due else []
        except BaseException:
            self._busy.release()
            raise
        if not orphans or not _started(self._take_in, orphans):
            self._busy.release()

    def look_now(self, parent: int | None = None) -> int:
        """Adopt on this thread whatever there is, or what was started by the process `parent`; how many."""
        with self._busy:
            self._let_go()
            self._left.clear()
            orphans = self._look(parent)
            for one in orphans:
                self._hand_over(one)
            return len(orphans)

    def last(self) -> None:
        """Adopt what workers that this process started have left, such as those of a pool, and wait for that."""
        self.look_now(parent=os.getpid())
        for one in self.adopted:
            for post in self._posts:
                queue = one.queues.get(post.destination)
                if one.meta.parent == os.getpid() and queue is not None and queue not in post.sender.must:
                    post.sender.must.append(queue)

    def close(self) -> None:
        """Let go of everything."""
        for one in tuple(self.adopted):
            attempt(self._let_go_of, one)

    def drop_inherited(self) -> None:
        """In a forked child: close what was inherited."""
        for one in tuple(self.adopted):
            one.drop()

    def owed(self, destination: str) -> int:
        """Events of others that wait for a verdict of this destination."""
        return sum(one.owed(destination) for one in tuple(self.adopted) if destination in one.queues)

    def _look(self, parent: int | None = None) -> list[Adopted]:
        """The dead that left something for us, started by `parent` if that is given; their locks are ours."""
        self._due = time.monotonic() + LOOK_SECONDS
        found = []
        for home in places.homes(self.root):
            if home == self._own() or not self._concerns_us(home):
                continue
            try:
                one = adopt(home, parent)
            except OSError:
                continue
            if one is not None:
                found.append(one)
        return found

    def _concerns_us(self, home: str) -> bool:
        try:
            ours = {post.destination for post in self._posts}.intersection(places.destinations_in(home))
            changed = os.stat(home).st_mtime_ns
        except OSError:
            return False
        return bool(ours) and self._left.get(home) != changed

    def _take_in(self, orphans: list[Adopted]) -> None:
        """A thread's whole life: read them through and hand them over."""
        try:
            for one in orphans:
                attempt(self._hand_over, one)
        finally:
            self._busy.release()

    def _hand_over(self, one: Adopted) -> None:
        try:
            complete = one.count(self._on_crash, lambda: process.incarnation().deadline is None)
        except OSError as error:
            text = f"what a process has left in {one.home} cannot be read"
            attempt(report.problem, "journal.orphan", text, error)
            complete = False
        if not complete:
            one.abandon()
            return
        self.found += 1
        self.adopted.append(one)
        for post in self._posts:
            if post.destination in one.destinations and one.owed(post.destination):
                post.sender.queues.append(one.queue(post.destination))
                post.wake()
        if self._is_done(one):
            self._let_go_of(one)

    def _is_done(self, one: Adopted) -> bool:
        return not any(map(len, tuple(one.queues.values())))

    def _let_go(self) -> None:
        for one in [one for one in self.adopted if self._is_done(one)]:
            self._let_go_of(one)

    def _let_go_of(self, one: Adopted) -> None:
        self.adopted.remove(one)
        for post in self._posts:
            queue = one.queues.get(post.destination)
            if queue is not None:
                post.sender.queues.remove(queue)
        one.let_go()
        try:
            self._left[one.home] = os.stat(one.home).st_mtime_ns
        except OSError:
            self._left.pop(one.home, None)


def _started(function: Callable[[list[Adopted]], None], orphans: list[Adopted]) -> bool:
    try:
        _thread.start_new_thread(function, (orphans,))
    except RuntimeError:
        for one in orphans:
            one.abandon()
        return False
    return True
