"""Delivery by way of the disk: submit appends the event to a journal, and it outlives the process.

One journal for all destinations of a client, so that an event is written once; each destination reads it at its own
pace and has its own verdicts. In the background a thread does the sending; in direct mode, for programs that are frozen
as soon as they return (serverless), submit itself goes on to send within a budget.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.aside import ledger, quarantine
from lineage_kit.delivery.aside.damage import Damage
from lineage_kit.delivery.base import Status
from lineage_kit.delivery.ending import Ending, ended
from lineage_kit.delivery.journal.places import destination_id
from lineage_kit.delivery.journal.queue import JournalQueue
from lineage_kit.delivery.journal.writing.quota import Quota
from lineage_kit.delivery.journal.writing.writer import Journal
from lineage_kit.delivery.process import PerProcess
from lineage_kit.delivery.recovery.custodian import Custodian, Post
from lineage_kit.delivery.recovery.last_words import OnCrash
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.delivery.sending.rulings import Smaller
from lineage_kit.delivery.sending.sender import Sender
from lineage_kit.delivery.sending.worker import Worker
from lineage_kit.delivery.waiting.memory import MEBIBYTE
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport
from lineage_kit.transport.common.budget import within

REFUSED = {
    "full": "the journal in {root} has no room for another run: its events are refused until others are delivered",
    "closed": "an event came after {names} was closed: refused",
    "unkept": "an event can neither be written to the journal in {root} nor kept in memory: it is lost",
}


class Wire(NamedTuple):
    """A destination: its name, its transport, and the pauses between tries."""

    name: str
    transport: Transport
    retry: RetryPolicy


class JournalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """root: the folder of the journal. most: bytes for all of it; None: one GiB, or a tenth of the file system.

    sync: ``always`` has the medium itself take each event before submit returns, which power failures need.
    on_crash: what becomes of runs whose process died. memory: bytes of events that wait in memory while the disk takes
    none.
    """

    root: str
    most: int | None = None
    sync: Literal["never", "always"] = "never"
    on_crash: OnCrash = "abort"
    memory: int = 16 * MEBIBYTE


class _Outlet(NamedTuple):
    """One destination in one process."""

    wire: Wire
    id: str
    queue: JournalQueue
    sender: Sender
    worker: Worker


class _Here(NamedTuple):
    """What one process has of a delivery."""

    home: process.Incarnation
    journal: Journal
    outlets: list[_Outlet]
    custodian: Custodian
    errands: _Errands
    entered: dict[tuple[str, str], int]


class _Errands:
    """What the threads that send see to beside sending."""

    def __init__(self, journal: Journal, custodian: Custodian) -> None:
        self._journal = journal
        self._custodian = custodian

    def visit(self) -> None:
        """Look at the quota and around, when it is time."""
        self._journal.watch()
        self._custodian.visit()


class JournaledDelivery:
    """Events of all threads to `wires`, each of which gets every event until it has its verdict.

    mode: ``background``, or ``direct`` within `budget` seconds per event. exit_timeout: seconds to go on delivering
    when the process ends; what is left then stays in the journal. smaller: see `Sender`.
    """

    def __init__(
        self,
        wires: Sequence[Wire],
        options: JournalOptions,
        *,
        mode: Literal["background", "direct"] = "background",
        budget: float = 1.0,
        exit_timeout: float = 2.0,
        smaller: Smaller | None = None,
    ) -> None:
        self.name: str = ", ".join(wire.name for wire in wires)
        self._wires = tuple(wires)
        self._options = options
        self._mode: Literal["background", "direct"] = mode
        self._budget = budget
        self._exit_timeout = exit_timeout
        self._smaller = smaller
        self._closed = False
        self._home = process.incarnation()
        self._here: PerProcess[_Here] = PerProcess(self._make)
        process.before_last(self._look)

    def submit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """Write the event down. False when it was refused: no room for its run, or closed."""
        here = self._here.get()
        if not (again and here.journal.has_had(envelope)):
            refusal = here.journal.append(envelope)
            if refusal is not None:
                self._refuse(here, refusal)
                return False
        if self._mode == "direct":
            self._send_now(here)
        else:
            for outlet in here.outlets:
                outlet.worker.wake()
        if here.home.deadline is not None:
            self._end()  # nobody comes after us any more
        return True

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is owed; True when nothing is.

        A destination that is being left alone after failures is tried once more at once.
        """
        deadline = time.monotonic() + timeout
        here = self._here.get()
        for outlet in here.outlets:
            outlet.worker.flush(0.0)  # all hurry at once
        flushed = [outlet.worker.flush(max(0.0, deadline - time.monotonic())) for outlet in here.outlets]
        return all(flushed)

    def close(self, timeout: float) -> bool:
        """Flush within `timeout` seconds, have the transports closed; what is owed stays in the journal. Idempotent.

        True when nothing was left behind. Returns in time even when a transport never does.
        """
        here = self._here.get()
        if not self._closed:
            self._closed = True
            deadline = time.monotonic() + timeout
            here.journal.shut()
            here.journal.forget_runs()
            self.flush(timeout)
            for outlet in here.outlets:
                outlet.sender.tally.dropped("closed", outlet.queue.abandon())
                outlet.worker.close(max(0.0, deadline - time.monotonic()))
            self._end()
            process.not_before_last(self._look)
        return not any(len(outlet.queue) for outlet in here.outlets)

    def status(self) -> list[Status]:
        """One entry per destination; counted since this process began, or was forked."""
        here = self._here.get()
        return [self._status_of(here, outlet) for outlet in here.outlets]

    def recover(self) -> int:
        """See to what other processes have left: adopt the next that is dead; how many are being delivered."""
        return self._here.get().custodian.look_now()

    def _status_of(self, here: _Here, outlet: _Outlet) -> Status:
        return outlet.sender.tally.status(
            outlet.wire.name,
            outlet.wire.transport,
            self._mode,
            owed=len(outlet.queue),
            broken=outlet.sender.pace.broken,
            durability=here.journal.durability(),
            adopted=here.custodian.owed(outlet.id),
            oldest_owed=outlet.queue.oldest_time() if len(outlet.queue) else None,
        )

    def _refuse(self, here: _Here, reason: str) -> None:
        for outlet in here.outlets:
            outlet.sender.tally.dropped(reason)
        text = REFUSED[reason].format(root=self._options.root, names=self.name)
        report.problem(f"delivery.{reason}:{self.name}", text)

    def _send_now(self, here: _Here) -> None:
        deadline = time.monotonic() + self._budget
        here.errands.visit()
        for outlet in here.outlets:
            _send(outlet.sender, deadline)

    def _last_try(self, here: _Here) -> None:
        """No thread has anything left to do: try once more what is owed, and say what stays."""
        deadline = time.monotonic() + self._exit_timeout
        endings = {}
        for outlet in here.outlets:
            if not outlet.sender.is_empty() and not outlet.sender.pace.known_down:
                _send(outlet.sender, deadline)
            endings[outlet.wire.name] = Ending(outlet.queue.abandon(), len(outlet.queue))
            outlet.sender.tally.dropped("exit", endings[outlet.wire.name].lost)
        ended(endings)

    def _end(self) -> None:
        """What could be delivered is: let go of the journal, and enter in the ledger what was lost."""
        here = self._here.get()
        process.not_at_end(self._end)
        process.not_in_child(here.journal.drop_inherited)
        process.not_in_child(here.custodian.drop_inherited)
        if self._mode == "direct" and not self._closed:
            self._last_try(here)
        here.custodian.close()
        here.journal.end()
        self._enter_losses(here)

    def _enter_losses(self, here: _Here) -> None:
        """Into the ledger goes what has been lost since it was last written to."""
        for outlet in here.outlets:
            for reason, events in self._status_of(here, outlet).dropped.items():
                since = events - here.entered.get((outlet.id, reason), 0)
                if since and ledger.enter(self._options.root, outlet.id, reason, since):
                    here.entered[outlet.id, reason] = events

    def _make(self) -> _Here:
        options = self._options
        ids = {destination_id(wire.name, wire.transport): wire for wire in self._wires}
        shown = {one: wire.transport.describe() for one, wire in ids.items()}
        journal = Journal(
            options.root, shown, Quota(options.root, options.most), options.memory, options.sync
        )
        damage = Damage(options.root)
        queues = {one: JournalQueue(journal, one, damage, journal.overflow.gives_back) for one in ids}
        posts: list[Post] = []
        custodian = Custodian(options.root, posts, options.on_crash, lambda: journal.home)
        errands = _Errands(journal, custodian)
        outlets = []
        for one, wire in ids.items():
            sender = Sender(
                wire.name,
                wire.transport,
                queues[one],
                wire.retry,
                smaller=self._smaller,
                aside=partial(quarantine.keep, options.root, one),
            )
            worker = Worker(sender, self._exit_timeout, errands)
            posts.append(Post(one, sender, worker))
            outlets.append(_Outlet(wire, one, queues[one], sender, worker))
        journal.overflow.queues = tuple(queues.values())
        journal.on_begin = self._begun
        process.at_end(self._end)
        if self._closed:
            journal.shut()
        return _Here(process.incarnation(), journal, outlets, custodian, errands, {})

    def _look(self) -> None:
        """The process ends: adopt what workers have left that it started and that were told to end too soon."""
        if os.path.isdir(self._options.root):
            here = self._here.get()
            here.journal.forget_runs()
            here.custodian.last()

    def _begun(self) -> None:
        """The journal has a folder: let go of it at the end, and in forked children."""
        here = self._here.get()
        if here.home is not self._home:
            process.before_last(self._look)
        process.in_child(here.journal.drop_inherited)
        process.in_child(here.custodian.drop_inherited)


def _send(sender: Sender, deadline: float) -> None:
    """Send what waits on this thread, unless the destination is being left alone."""
    with within(deadline):
        sender.send_until(deadline, lambda: sender.is_empty() or sender.pace.wait() > 0)
