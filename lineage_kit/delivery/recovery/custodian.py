"""Looks after what others have left: finds dead incarnations, adopts what this process can deliver, lets go of it.

Looking costs a listing of the journal now and then, on a thread that sends anyway. Only where something is found, a
thread of its own reads it through, so that no event of this process waits for that.
"""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal import places
from lineage_kit.delivery.recovery.adopted import Adopted, adopt, tidy_up
from lineage_kit.delivery.recovery.last_words import OnCrash
from lineage_kit.delivery.sending.sender import Sender
from lineage_kit.delivery.sending.worker import Worker

LOOK_SECONDS = 30.0
LONGEST_WAIT = (
    0.5  # seconds that the end of the process has for reading what is left, and waits for one who reads
)


class Post(NamedTuple):
    """A destination of this process: its id, who sends to it, and whose thread does."""

    destination: str
    sender: Sender
    worker: Worker


class Custodian:
    """For the journal in `root`. own: the incarnation of this process, which is never adopted."""

    def __init__(self, root: str, posts: Sequence[Post], on_crash: OnCrash, own: Callable[[], str]) -> None:
        self.root = root
        self.adopted: list[Adopted] = []
        self._posts = posts
        self._on_crash: OnCrash = on_crash
        self._own = own
        self._due = 0.0
        self._busy = threading.Lock()
        self._is_through = True  # who asked has been told that nothing more can be done
        self._tries: dict[str, int] = {}  # destination → tries before somebody asked for one more
        self._rested: dict[
            str, float
        ] = {}  # folders that we have let go of → when they are worth another look

    def visit(self) -> None:
        """Let go of what is done, and look around when it is time. Called between attempts, on any sender's thread."""
        if time.monotonic() < self._due and not any(map(self._may_go, self.adopted)):
            return
        if not self._busy.acquire(blocking=False):
            return
        try:
            orphan = self._next()
        except BaseException:
            self._busy.release()
            raise
        if orphan is None or not self._is_started(orphan):
            self._busy.release()

    def look_now(self) -> int:
        """Adopt the oldest there is on this thread, unless one is being delivered; how many are."""
        with self._busy:
            if self._is_through:
                self._rested.clear()
            self._due = 0.0
            while (orphan := self._next()) is not None:
                for post in self._posts:  # who asks wants a try now, also where one is being left alone
                    self._tries[post.destination] = post.sender.tries
                    post.sender.hurry()
                self._hand_over(orphan)
            self._is_through = not self.adopted
            return len(self.adopted)

    def last(self) -> None:
        """Adopt what workers that this process started have left, such as those of a pool, and wait for that."""
        if all(post.sender.pace.known_down for post in self._posts) or not self._busy.acquire(
            timeout=LONGEST_WAIT
        ):
            return
        try:
            until = time.monotonic() + LONGEST_WAIT
            for one in self._orphans(parent=os.getpid()):
                self._hand_over(one, at_end=True)
                if time.monotonic() > until:
                    break  # the rest is for the next program
        finally:
            self._busy.release()
        for one in self.adopted:
            for post in self._posts:
                queue = one.queues.get(post.destination)
                if one.meta.parent == os.getpid() and queue is not None:
                    post.sender.must.append(queue)
                    process.watch(post.worker)

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

    def _next(self) -> Adopted | None:
        """The next to be adopted: one at a time, so that what one process began and another ended keeps its order."""
        for one in [one for one in self.adopted if self._may_go(one)]:
            self._let_go_of(one)
            self._due = 0.0
        if self.adopted or time.monotonic() < self._due:
            return None
        orphan = next(self._orphans(), None)
        if orphan is None:
            self._due = time.monotonic() + LOOK_SECONDS
        return orphan

    def _orphans(self, parent: int | None = None) -> Iterator[Adopted]:
        """The dead that left something for us, oldest first, of `parent` if that is given; their locks are ours."""
        for home in places.homes(self.root):
            if home == self._own():
                continue
            if not places.is_whole(home):
                tidy_up(home)
            if not self._concerns_us(home):
                continue
            try:
                one = adopt(home, parent)
            except OSError:
                continue
            if one is not None:
                yield one

    def _concerns_us(self, home: str) -> bool:
        if time.monotonic() < self._rested.get(home, 0.0):
            return False
        try:
            return any(post.destination in places.destinations_in(home) for post in self._posts)
        except OSError:
            return False

    def _is_started(self, orphan: Adopted) -> bool:
        try:
            _thread.start_new_thread(self._take_in, (orphan,))
        except RuntimeError:
            orphan.abandon()
            return False
        return True

    def _take_in(self, orphan: Adopted) -> None:
        """A thread's whole life: read it through and hand it over."""
        try:
            attempt(self._hand_over, orphan)
        finally:
            self._busy.release()

    def _hand_over(self, one: Adopted, *, at_end: bool = False) -> None:
        try:
            complete = one.count(self._on_crash, lambda: at_end or process.incarnation().deadline is None)
        except OSError as error:
            text = f"what a process has left in {one.home} cannot be read"
            attempt(report.problem, "journal.orphan", text, error)
            complete = False
        if not complete:
            one.abandon()
            return
        self.adopted.append(one)
        for post in self._posts:
            if post.destination in one.destinations and one.owed(post.destination):
                post.sender.queues.append(one.queue(post.destination))
                if not at_end:
                    post.worker.wake()
        if self._may_go(one):
            self._let_go_of(one)

    def _may_go(self, one: Adopted) -> bool:
        """Whether nothing can be delivered of it now: all is, or the destinations that are owed are down."""
        return all(
            not len(one.queues[post.destination])
            or (post.sender.pace.known_down and post.sender.tries > self._tries.get(post.destination, -1))
            for post in self._posts
            if post.destination in one.queues
        )

    def _let_go_of(self, one: Adopted) -> None:
        self.adopted.remove(one)
        for post in self._posts:
            queue = one.queues.get(post.destination)
            if queue is not None:
                post.sender.queues.remove(queue)
        one.let_go()
        self._rested[one.home] = time.monotonic() + LOOK_SECONDS
