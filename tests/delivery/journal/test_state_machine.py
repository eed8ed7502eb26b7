"""Whatever the order of writing, delivering, dying, torn writes and recovering: what was accepted is delivered."""

import os
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lineage_kit.delivery.journal import places
from lineage_kit.delivery.journal.queue import JournalQueue
from lineage_kit.delivery.journal.writing import writer as writer_module
from lineage_kit.delivery.journal.writing.writer import Journal
from lineage_kit.delivery.recovery.adopted import Adopted, adopt
from lineage_kit.delivery.waiting.queue import Ruling
from lineage_kit.event.envelope import Envelope
from tests.delivery.journal.conftest import DESTINATIONS, Program

STATES = ("START", "RUNNING", "COMPLETE")


class JournalMachine(RuleBasedStateMachine):
    """Accepted events are delivered, owed on disk, or in memory of a program that lives."""

    @initialize()
    def begin(self) -> None:
        self.root = tempfile.mkdtemp()
        self.segment_bytes = writer_module.SEGMENT_BYTES
        self.small = writer_module.SMALL
        writer_module.SEGMENT_BYTES, writer_module.SMALL = 700, 300
        self.program = Program(Path(self.root))
        self.count = 0
        self.stage: dict[str, int] = {}  # of the runs of this process
        self.accepted: dict[bytes, str] = {}
        self.delivered: dict[str, list[Envelope]] = {one: [] for one in DESTINATIONS}
        self.cut_off: set[str] = set()  # runs that were open when their process died

    @rule(numbers=st.lists(st.integers(0, 5), min_size=1, max_size=6))
    def emit(self, numbers: "list[int]") -> None:
        """The next events of some runs; where one has ended, a new one begins."""
        for number in numbers:
            self._emit(number)

    def _emit(self, number: int) -> None:
        stage = self.stage
        run = next((name for name in stage if name.startswith(f"{number}-") and stage[name] < 3), None)
        if run is None:
            self.count += 1
            run = f"{number}-{self.count}"
            stage[run] = 0
        state = STATES[stage[run]]
        stage[run] += 1
        body = b'{"eventType":"%b","eventTime":"2026-11-22T10:00:0%dZ","run":{"runId":"%b"},"n":"%b"}' % (
            state.encode(), stage[run], run.encode(), b"x" * (stage[run] * 100),
        )  # fmt: skip
        assert self.program.journal.append(Envelope(body, "run:a/b", run, state)) is None
        self.accepted[body] = run

    @rule(
        to=st.sampled_from(DESTINATIONS),
        parcels=st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=6),
    )
    def deliver(self, to: str, parcels: "list[tuple[int, bool]]") -> None:
        self._deliver(self.program.queues[to], to, parcels)

    @rule()
    def deliver_everything(self) -> None:
        """Both destinations keep up: nothing has to be kept but what tells which runs are open."""
        for to, queue in self.program.queues.items():
            self._deliver(queue, to, [(5, True)] * 1000)

    @rule(tears=st.integers(0, 40), forgets=st.integers(0, 60), garbage=st.binary(max_size=30))
    def die(self, tears: int, forgets: int, garbage: bytes) -> None:
        """Killed: perhaps in the middle of a write that was never acknowledged, and with verdicts not written yet."""
        journal = self.program.journal
        self._torn(journal, b'{"at":1.0,"crc":'[:tears] + garbage.replace(b"\n", b""))
        for one in DESTINATIONS if journal.home else ():
            ack = Path(journal.home, f"{one}.ack")
            if ack.exists():
                os.truncate(ack, max(0, ack.stat().st_size - forgets))
        self.cut_off |= {run for run, stage in self.stage.items() if stage < 3}
        self.program.die()
        self.program, self.stage = Program(Path(self.root)), {}

    @rule()
    def end(self) -> None:
        """Ended in good order."""
        self.program.journal.forget_runs()
        self.program.journal.end()
        self.program, self.stage = Program(Path(self.root)), {}

    @rule(parcels=st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=4), dies=st.booleans())
    def recover(self, parcels: "list[tuple[int, bool]]", dies: bool) -> None:
        """Somebody adopts the oldest orphan, delivers a little, and lets go of it or dies himself."""
        for home in places.homes(self.root):
            orphan = None if home == self.program.journal.home else adopt(home)
            if orphan is not None:
                self._adopted(orphan, parcels)
                (orphan.abandon if dies else orphan.let_go)()
                return

    @invariant()
    def each_run_is_delivered_in_order(self) -> None:
        """Per destination and run, leaving duplicates out."""
        for sent in getattr(self, "delivered", {}).values():
            runs: dict[str, list[bytes]] = defaultdict(list)
            for envelope in sent:
                if envelope.body not in runs[str(envelope.run_id)]:
                    runs[str(envelope.run_id)].append(envelope.body)
            for run, bodies in runs.items():
                own = [body for body, name in self.accepted.items() if name == run]
                assert bodies[: len(own)] == own[: len(bodies)]
                assert len(bodies) <= len(own) + (run in self.cut_off)

    def teardown(self) -> None:
        """In the end, with nothing in the way: everything is delivered, and nothing is left on disk."""
        if not hasattr(self, "root"):
            return
        try:
            self._finish()
        finally:
            writer_module.SEGMENT_BYTES, writer_module.SMALL = self.segment_bytes, self.small
            shutil.rmtree(self.root)

    def _finish(self) -> None:
        self.program.journal.forget_runs()
        self.program.journal.end()
        for home in list(places.homes(self.root)):
            orphan = adopt(home)
            assert orphan is not None
            self._adopted(orphan, [(3, True)] * 10_000)
            assert orphan.damaged == 0
            orphan.let_go()
        assert list(places.homes(self.root)) == []
        for sent in self.delivered.values():
            bodies = {envelope.body for envelope in sent}
            assert set(self.accepted) <= bodies
            ends = defaultdict(set)
            for envelope in sent:
                if envelope.body not in self.accepted:
                    assert envelope.state == "ABORT"
                    ends[envelope.run_id].add(envelope.body)
            assert set(ends) == self.cut_off
            assert all(len(found) == 1 for found in ends.values())

    def _adopted(self, orphan: Adopted, parcels: "list[tuple[int, bool]]") -> None:
        assert orphan.count("abort")
        for one in DESTINATIONS:
            self._deliver(orphan.queue(one), one, parcels)

    def _deliver(self, queue: JournalQueue, to: str, parcels: "list[tuple[int, bool]]") -> None:
        for most, taken in parcels:
            before = len(queue)
            entries = queue.take(most, 10**6)
            if not entries:
                assert before == 0
                return
            if taken:
                self.delivered[to] += [entry.envelope for entry in entries]
                assert queue.settle(entries, Ruling.DELIVERED) == len(entries)
                assert len(queue) == before - len(entries)
            else:
                for entry in entries:
                    queue.give_back(entry)

    def _torn(self, journal: Journal, data: bytes) -> None:
        active = journal._active
        if data and active is not None and not active.sealed:
            with open(active.path, "ab") as file:
                file.write(data)


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
