"""The journal of one client in one process: one append per event on the caller's thread, before `emit` returns.

What is written is complete for the operating system when `append` returns: no crash of the process can lose it. When
that cannot be had (a full disk, no permission), the event waits in memory within a bound.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from lineage_kit import report
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal import places, record
from lineage_kit.delivery.journal.segment import Segment, holds
from lineage_kit.delivery.journal.store import Store
from lineage_kit.delivery.journal.verdicts import Ranges
from lineage_kit.delivery.journal.writing.open_runs import OpenRuns
from lineage_kit.delivery.journal.writing.overflow import Overflow
from lineage_kit.delivery.journal.writing.own_segment import OwnSegment
from lineage_kit.delivery.journal.writing.quota import Quota
from lineage_kit.delivery.journal.writing.seat import Seat
from lineage_kit.delivery.waiting.admission import Admission
from lineage_kit.delivery.waiting.queue import Refusal
from lineage_kit.event.envelope import Envelope

SEGMENT_BYTES = 8 * 1024 * 1024
SMALL = 1024 * 1024  # bytes below which an emptied segment is not worth a new one
RECENT = 64  # events that are known again although their segment may have gone
SECONDS_OFF = 1.0  # after a failure of the disk, before it is tried again


Mark = tuple[int, str | None, str | None]
"""By what an event is known that somebody holds: its id, run and state. It is not kept alive by that."""


class Journal(Store):
    """Its folder is made with the first event, and made again when it has gone.

    root: the folder of all incarnations. memory: bytes that events may take that cannot be written. sync: whether each
    event is on the medium itself before `append` returns.
    """

    def __init__(
        self,
        root: str,
        destinations: dict[str, str],
        quota: Quota,
        memory: int,
        sync: Literal["never", "always"],
    ) -> None:
        super().__init__("", tuple(destinations))
        self.overflow = Overflow(memory, self.lock)
        self.on_begin: Callable[[], None] = lambda: None
        self._seat = Seat(root, destinations)
        self._quota = quota
        self._sync = sync == "always"
        self._admission = Admission(0, lambda: self._admission.taken - self.overflow.owed())
        self._active: OwnSegment | None = None
        self._number = 0  # of the newest segment
        self._open, self._is_off = OpenRuns(), False  # whether the last append failed
        self._recent: deque[Mark] = deque(maxlen=RECENT)
        self._off_until, self._shut = 0.0, False

    def append(self, envelope: Envelope) -> Refusal | Literal["unkept"] | None:
        """Write the event down; else the reason why it is refused. Never raises, never waits for a network."""
        data = record.line(envelope, begun=self._open.has_begun(envelope))
        with self.lock:
            if self._shut:
                return "closed"
            if self._open.comes_late(envelope) and self.has_had(envelope):
                return None
            if self._active is None and not self._begin():
                return self._to_memory(envelope)
            if not self._admission.admits(envelope, len(data)):
                return "full"
            try:
                if not self._off_until or time.monotonic() > self._off_until:
                    self._write(envelope, data)
                    return None
            except OSError as error:
                self._off(error)
            self._admission.gives_back(len(data))
            return self._to_memory(envelope)

    def has_had(self, envelope: Envelope) -> bool:
        """Whether this event was written, or waits in memory: for those who were interrupted, and come again."""
        with self.lock:
            known = (id(envelope), envelope.run_id, envelope.state) in self._recent
            return known or self.overflow.has(envelope) or holds(self.segments.values(), envelope.body)

    def durability(self) -> str:
        """What outlives the process, as it is now; see `Status`."""
        return "memory" if self._is_off else "journal, synced" if self._sync else "journal"

    def shut(self) -> None:
        """Refuse everything from now on."""
        with self.lock:
            self._shut = True

    def noted(self, destination: str) -> dict[int, Ranges]:
        """None: it begins with the first event."""
        return {}

    def forget_runs(self) -> None:
        """What was open has been ended: whatever is open from now on will be cut off."""
        with self.lock:
            self._open.clear()

    def end(self) -> None:
        """Let go of it: remove what nobody is owed; say of the rest that it ended in good order.

        Not while a run is open: its end belongs here too, and if none comes it is one of the dead's.
        """
        with self.lock:
            if self._open or not self._seat.is_taken():
                return
            if self._active is not None and not self._active.sealed:
                self._active.seal()
            self._active = None
        self.collect()
        self.close()
        for queue in self.overflow.queues:  # not under the lock: who sends holds theirs and waits for ours
            queue.close()
        self._seat.leave(is_empty=not self.segments)

    def drop_inherited(self) -> None:
        """In a forked child: close what was inherited, without unlocking anything of the parent's."""
        self._seat.drop()
        if self._active is not None:
            attempt(self._active.drop)

    def may_go(self, segments: list[Segment]) -> bool:
        """Copy the last events of runs that are open, so that their end is not forgotten; once that frees more."""
        with self.lock:
            if sum(segment.records for segment in segments) < self._open.count_in(segments):
                return False
            try:
                for run, line in self._open.lines_to_carry(segments):
                    active = self._ready(len(line))
                    active.put_mark(line)
                    self._open.moved(run, active)
            except OSError:
                return False
            return True

    def went(self, segment: Segment) -> None:
        """Room is free again."""
        with self.lock:
            if isinstance(segment, OwnSegment):
                self._admission.gives_back(segment.size)

    def collect(self) -> None:
        """Remove what nobody is owed; the segment that is written to as well, once it is worth it."""
        active = self._active
        if active is not None and active.size > SMALL and active.is_settled(self.destinations):
            with self.lock:
                if not active.sealed:
                    active.seal()
        super().collect()

    def watch(self) -> None:
        """Now and then, reckon with what other processes have written meanwhile."""
        if self._active is not None:
            self._quota.watch(self._admission)

    def _begin(self) -> bool:
        """Have a folder of our own; False where that cannot be."""
        if time.monotonic() < self._off_until:
            return False
        try:
            self._move_in()
            self._quota.watch(self._admission)
            self._active = self._open_segment()
        except OSError as error:
            self._off(error)
            return False
        return True

    def _move_in(self) -> None:
        self._seat.take()
        self.home = self._seat.path
        self.on_begin()
        for name, ack in self._acks.items():
            ack.close()
            ack.path = self.path(f"{name}{places.ACK}")

    def _to_memory(self, envelope: Envelope) -> Literal["unkept"] | None:
        refusal = self.overflow.take(envelope, self.lines())
        if refusal is None:
            self._open.ended_in_memory(envelope)
        return refusal

    def _write(self, envelope: Envelope, data: bytes) -> None:
        """One append. Raises OSError."""
        segment = self._active
        if segment is None or segment.size + len(data) > SEGMENT_BYTES or not segment.is_writable():
            segment = self._ready(len(data))
        before, run = len(segment.written), envelope.run_id
        try:
            segment.put(data)
        finally:  # whatever interrupts it, what reached the file is known
            if len(segment.written) > before:
                self._recent.append((id(envelope), run, envelope.state))
        self._is_off = False
        if self._sync:
            segment.sync()
        for line in self._open.ends_to_write() if self._open.unwritten else ():
            segment.put_mark(line)
        if run is not None:
            self._open.note(run, envelope.state, segment)

    def _ready(self, more: int) -> OwnSegment:
        """The segment to write to: a new one when this one is full or gone, in a new folder when ours has gone too."""
        segment = self._active
        if segment is not None and not segment.sealed:
            if segment.is_writable() and segment.size + more <= max(SEGMENT_BYTES, more):
                return segment
            segment.seal()
        if not self._seat.is_kept():
            self._move_in()
        self._active = self._open_segment()
        return self._active

    def _open_segment(self) -> OwnSegment:
        self._number += 1  # never used again: readers and verdicts go by it
        segment = OwnSegment(self.home, self._number)
        self.segments[self._number] = segment
        return segment

    def _off(self, error: OSError) -> None:
        self._is_off = True
        self._off_until = time.monotonic() + SECONDS_OFF
        why = f"the journal in {self._seat.root} cannot be written ({error.strerror or type(error).__name__})"
        text = f"{why}: events wait in memory and end with the process"
        attempt(report.problem, "journal.off", text, None, True)
