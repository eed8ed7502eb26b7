"""Exit and fork: what must happen to all open deliveries of this process, and what differs by operating system.

Everything here belongs to an `Incarnation`, one process lifetime. A forked child gets a new one and with it new queues,
locks and counters; what it inherited it neither sends nor unlocks nor counts. Where Python offers no fork hooks
(Windows has no fork), and for forks by C code that runs none, the process id is compared.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from lineage_kit import report
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.ending import Ending, ended
from lineage_kit.delivery.forking import end_idle_threads

EXIT = "the process ended while the run was open"
"""The reason in words that `before_end` hands on when nothing but the end of the program ends what is open."""

LAST_OF_ALL = -100  # finalisers of multiprocessing run from high to low; the user's may still emit


class Watched(Protocol):
    """What takes part in exit and fork: a destination's worker."""

    name: str
    exit_timeout: float

    def hurry(self) -> None:
        """The process ends: try at once what waits, and do not pause for long."""

    def finish(self, timeout: float) -> Ending:
        """Deliver for at most `timeout` seconds, and let go of the rest."""

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed."""

    def leave(self) -> None:
        """Ask the thread to end unless it is sending. Returns at once."""

    def left(self, timeout: float) -> int | None:
        """Wait until the thread asked by `leave` has ended; its native id, None when there is nothing to wait for."""

    def forked(self) -> None:
        """In the parent, after a fork: nobody waits any more."""


class AfterEvent:
    """What waits until the event that is being handed over is handed over."""

    act: Callable[[], None] | None = None


def handed_over() -> None:
    """An event has been handed over: now comes what waited for that."""
    if AfterEvent.act is not None:
        AfterEvent.act()


class Incarnation:
    """One process lifetime."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.active: set[Watched] = set()
        self.deadline: float | None = None
        """Monotonic time until which deliveries may go on; set when the process has begun to end."""
        self.hooked = False
        self.last_looks: list[Callable[[], None]] = []
        self.last_words: set[Callable[[], None]] = set()
        self.inherited: list[Callable[[], None]] = []
        """What a forked child calls first, to let go of what is the parent's."""


class _State:
    here = Incarnation()
    hooked = False  # these two kinds of hooks pass on to forked children
    closers: ClassVar[list[Callable[[str], None]]] = []


T = TypeVar("T")


class PerProcess(Generic[T]):
    """One value per process, made by `make` when a process first asks for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[Incarnation, T] = {}

    def get(self) -> T:
        """This process's value."""
        here = _State.here
        if here.pid != os.getpid():
            here = incarnation()
        value = self._values.get(here)
        if value is None:
            for other in tuple(self._values):
                if other is not here:
                    self._values.pop(other, None)
            value = self._values.setdefault(here, self._make())
        return value


def incarnation() -> Incarnation:
    """The present process lifetime."""
    if _State.here.pid != os.getpid():
        _in_child()
    return _State.here


def watch(worker: Watched) -> None:
    """From now on `worker` takes part in exit and fork, and is kept alive."""
    here = incarnation()
    here.active.add(worker)
    _hook_once(here)
    if here.deadline is None and not threading.main_thread().is_alive():
        here.deadline = time.monotonic() + worker.exit_timeout  # too late for atexit: it has begun


def forget(worker: Watched) -> None:
    """`worker` owes nothing and has no thread."""
    incarnation().active.discard(worker)


def at_end(say: Callable[[], None]) -> None:
    """Call `say` once everything is delivered that will be; `not_at_end` takes it back."""
    here = incarnation()
    here.last_words.add(say)
    _hook_once(here)


def before_last(look: Callable[[], None]) -> None:
    """Call `look` when this process ends, before deliveries are waited for."""
    here = incarnation()
    here.last_looks.append(look)
    _hook_once(here)


def not_before_last(look: Callable[[], None]) -> None:
    """There is nothing to look for any more."""
    looks = incarnation().last_looks
    if look in looks:
        looks.remove(look)


def not_at_end(say: Callable[[], None]) -> None:
    """There is nothing to say any more."""
    incarnation().last_words.discard(say)


def in_child(drop: Callable[[], None]) -> None:
    """Call `drop` in each child that is forked from now on, before anything else of ours."""
    here = incarnation()
    here.inherited.append(drop)
    _hook_once(here)


def not_in_child(drop: Callable[[], None]) -> None:
    """There is nothing to drop any more."""
    here = incarnation()
    if drop in here.inherited:
        here.inherited.remove(drop)


def time_left() -> float | None:
    """Seconds that deliveries have left, when the process has begun to end; None before."""
    deadline = incarnation().deadline
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def before_end(closer: Callable[[str], None], *, first: bool = False) -> None:
    """Have `closer` called, with the reason in words, when this process or a child of it ends, before deliveries do.

    first: before the others that are known by now.
    """
    if closer not in _State.closers:
        _State.closers.insert(0 if first else len(_State.closers), closer)
    _hook_once(incarnation())


def not_before_end(closer: Callable[[str], None]) -> None:
    """There is nothing to close any more."""
    if closer in _State.closers:
        _State.closers.remove(closer)


def _hook_once(here: Incarnation) -> None:
    """Register what is not yet: once per line of forks, and once more in children of multiprocessing."""
    if here.hooked:
        return
    here.hooked = True
    if not _State.hooked:
        _State.hooked = True
        atexit.register(_end)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
    if is_pool_worker():  # such a child leaves without atexit
        sys.modules["multiprocessing.util"].Finalize(None, _end, exitpriority=LAST_OF_ALL)


def is_pool_worker() -> bool:
    """Whether this process was started by multiprocessing, which is what pools of processes are made of."""
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def parent_id() -> int:
    """The process that started this one; of workers of multiprocessing the program's, whoever forked them for it."""
    starting = sys.modules.get("multiprocessing.process")
    parent = starting.parent_process() if starting is not None else None
    return os.getppid() if parent is None or parent.pid is None else int(parent.pid)


def _end() -> None:
    """The interpreter exits."""
    end(EXIT)


def flush_all(why: str) -> None:
    """Close what is open and let all destinations deliver within one bound; the process may go on afterwards."""
    _is_interrupted(_close, why)
    workers = tuple(incarnation().active)
    deadline = time.monotonic() + max((worker.exit_timeout for worker in workers), default=0.0)
    for worker in workers:
        worker.flush(max(0.0, deadline - time.monotonic()))


def end(why: str) -> None:
    """Close what is open, let all destinations deliver at the same time within one bound, say what is lost."""
    here = incarnation()
    waits = not _is_interrupted(_close, why)
    if here.deadline is None:
        for look in tuple(here.last_looks):
            attempt(look)
    workers = tuple(here.active)
    begun = time.monotonic()
    if here.deadline is None:
        here.deadline = begun + max((worker.exit_timeout for worker in workers), default=0.0)
    endings: dict[str, Ending] = {}
    if not waits or _is_interrupted(_finish, workers, begun, here.deadline, endings):
        _finish(workers, begun, begun, endings)  # whoever interrupts here has waited enough
    ended(endings)
    for say in tuple(here.last_words):
        attempt(say)


def _close(why: str) -> None:
    for closer in tuple(_State.closers):
        error = attempt(closer, why)
        if isinstance(error, KeyboardInterrupt):
            raise error
        if error is not None:  # what deliveries owe must not suffer from it
            attempt(
                report.problem, "exit", "what was open at the end of the process could not be ended", error
            )


def _is_interrupted(step: Callable[..., None], *arguments: Any) -> bool:
    try:
        step(*arguments)
    except KeyboardInterrupt:
        return True
    return False


def _finish(workers: tuple[Watched, ...], begun: float, deadline: float, endings: dict[str, Ending]) -> None:
    for worker in workers:
        worker.hurry()
    for worker in workers:
        timeout = min(deadline, begun + worker.exit_timeout) - time.monotonic()
        lost, kept = worker.finish(max(0.0, timeout))
        before = endings.get(worker.name, Ending(0, 0))
        endings[worker.name] = Ending(before.lost + lost, before.kept + kept)


def _before_fork() -> None:
    end_idle_threads(tuple(_State.here.active))


def _in_parent() -> None:
    for worker in tuple(_State.here.active):
        worker.forked()


def _in_child() -> None:
    parents, _State.here = _State.here, Incarnation()
    for drop in parents.inherited:
        attempt(drop)
