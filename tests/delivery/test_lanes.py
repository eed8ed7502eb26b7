"""Lanes: per lane strictly in order, parents first, nothing lost or doubled; and whose fault a failure is."""

import time

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lineage_kit.delivery.retry import Verdict, judge
from lineage_kit.delivery.sending.blame import BRAKE, GATEWAY_STRIKES, STRIKES, Blame
from lineage_kit.delivery.waiting.lanes import Entry, Lanes
from lineage_kit.delivery.waiting.memory import MemoryQueue
from lineage_kit.errors import BrokenDestination, Rejected, Unreachable
from lineage_kit.event.envelope import Envelope
from tests.delivery.stand_ins import PATIENCE, Recorder

FAR = 1000.0  # seconds: not within a test
RUNS = 5
SIZES = some.integers(1, 40)


class Model(RuleBasedStateMachine):
    """A list of what waits, in the order in which it came, and what that order allows."""

    @initialize()
    def begin(self) -> None:
        """Nothing waits."""
        self.lanes = Lanes()
        self.waiting: list[Entry] = []
        self.flying: list[Entry] = []
        self.later: list[Entry] = []
        self.begun: set[int] = set()
        self.behind: dict[int, str] = {}  # event → run whose START it waits for
        self.known: set[int] = set()  # events that were the oldest of their lane
        self.doubtful: set[str] = set()  # runs whose START is waited for no more
        self.order = 0

    @rule(run=some.integers(0, RUNS - 1), parent=some.integers(0, RUNS - 1) | some.none(), size=SIZES)
    def add(self, run: int, parent: int | None, size: int) -> None:
        """An event of a run: the START of a run comes first, and a parent began before its parts."""
        state = "RUNNING" if run in self.begun else "START"
        self.begun.add(run)
        above = str(parent) if parent is not None and parent < run else None
        entry = Entry(self.order, Envelope(b"x" * size, "k", str(run), state, above))
        self.order += 1
        self.waiting.append(entry)
        self.opened(entry.lane)
        self.lanes.add(entry)

    @rule(size=SIZES, key=some.sampled_from("ab"))
    def add_without_run(self, size: int, key: str) -> None:
        """An event of a job or a dataset, which is a lane of its own."""
        entry = Entry(self.order, Envelope(b"x" * size, key))
        self.order += 1
        self.waiting.append(entry)
        self.lanes.add(entry)

    @rule(most=some.integers(1, 6), largest=some.integers(1, 120), suspects=some.sets(some.integers(0, 60)))
    def take(self, most: int, largest: int, suspects: set[int]) -> None:
        """Only what may be tried, the oldest first, suspects last, within the bounds."""
        able = self.able()

        def is_suspect(entry: Entry) -> bool:
            return entry.order in suspects

        taken = self.lanes.take(most, largest, is_suspect if suspects else None)
        assert bool(taken) == bool(able)
        assert all(entry in able for entry in taken)
        assert len({entry.lane for entry in taken}) == len(taken) <= most
        assert len(taken) <= 1 or sum(len(entry.envelope.body) for entry in taken) <= largest
        assert len(taken) <= 1 or not any(entry.alone for entry in taken)
        if taken:
            others = [entry for entry in able if not is_suspect(entry)] or able
            assert taken[0] is others[0]
        self.flying += taken

    @rule(which=some.integers(0, 99))
    def settle(self, which: int) -> None:
        """One has its verdict, once."""
        if self.flying:
            entry = self.flying.pop(which % len(self.flying))
            assert self.lanes.settle(entry)
            self.waiting.remove(entry)
            if entry.envelope.state == "START":
                self.let_go(entry.lane)
                self.doubtful.discard(entry.lane)
            self.opened(entry.lane)
            assert not self.lanes.settle(entry)

    @rule(which=some.integers(0, 99), seconds=some.sampled_from([0.0, FAR]), alone=some.booleans())
    def give_back(self, which: int, seconds: float, alone: bool) -> None:
        """One is to be tried again, now or later, perhaps by itself."""
        if self.flying:
            entry = self.flying.pop(which % len(self.flying))
            entry.due = time.monotonic() + seconds if seconds else 0.0
            entry.alone = entry.alone or alone
            self.lanes.give_back(entry)
            if seconds:
                self.later.append(entry)

    @rule(which=some.integers(0, 99), size=SIZES)
    def replace(self, which: int, size: int) -> None:
        """One goes on in another size."""
        if self.flying:
            entry = self.flying[which % len(self.flying)]
            self.lanes.replace(entry, entry.envelope.with_body(b"y" * size))

    @rule(which=some.integers(0, 99))
    def release(self, which: int) -> None:
        """It is in doubt whether a START ever gets through: its children wait no longer."""
        if self.flying:
            entry = self.flying[which % len(self.flying)]
            self.lanes.release(entry)
            if entry.envelope.state == "START":
                self.let_go(entry.lane)
                self.doubtful.add(entry.lane)

    @rule()
    def hurry(self) -> None:
        """What was for later is for now."""
        self.lanes.hurry()
        self.later.clear()

    @rule(chance=some.integers(0, 20))
    def clear(self, chance: int) -> None:
        """Now and then all of it is forgotten; what is in flight then settles nothing."""
        if chance == 0:
            assert self.lanes.clear() == len(self.waiting)
            assert not any(self.lanes.settle(entry) for entry in self.flying)
            self.waiting, self.flying, self.later = [], [], []
            self.begun.clear()
            self.behind.clear()
            self.doubtful.clear()

    @invariant()
    def adds_up(self) -> None:
        """Everything that came and has no verdict is there, once, with its size; what is due is known."""
        assert sorted(entry.order for entry in self.lanes) == [entry.order for entry in self.waiting]
        assert len(self.lanes) == len(self.waiting)
        assert self.lanes.bytes == sum(len(entry.envelope.body) for entry in self.waiting)
        due = self.lanes.next_due()
        if self.able():
            assert due == 0.0
        elif self.later:
            assert due == min(entry.due for entry in self.later)
        else:
            assert due is None

    def opened(self, lane: str) -> None:
        """The oldest of a lane waits for the START of its parent, where that waits itself at this moment."""
        entry = next((one for one in self.waiting if one.lane == lane), None)
        if entry is None or entry in self.flying or entry.order in self.behind:
            return
        parent = entry.envelope.parent
        starts = {one.lane for one in self.waiting if one.envelope.state == "START"} - self.doubtful
        is_new = entry not in self.later and entry.order not in self.known
        self.known.add(entry.order)
        if is_new and parent in starts:
            self.behind[entry.order] = parent

    def let_go(self, run: str) -> None:
        """What waited for the START of a run may be tried."""
        self.behind = {order: parent for order, parent in self.behind.items() if parent != run}

    def able(self) -> list[Entry]:
        """The oldest of each lane that is neither in flight, nor for later, nor behind the START of its parent."""
        heads = {entry.lane: entry for entry in reversed(self.waiting)}
        found = [one for one in heads.values() if one not in self.flying and one not in self.later]
        return sorted((one for one in found if one.order not in self.behind), key=lambda one: one.order)


Model.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


class TestLanes(Model.TestCase):
    """Runs the model."""


def one(run: str = "a") -> Entry:
    """An event."""
    return Entry(0, Envelope(b"{}", "k", run))


def failing(blame: Blame, entry: Entry, status: int | None, times: int) -> list[bool]:
    """So many failures of one event; each time whether it was found guilty."""
    return [blame.is_guilty(entry, Unreachable("no", status=status)) for _ in range(times)]


@pytest.mark.parametrize(
    ("status", "strikes"), [(500, STRIKES), (502, GATEWAY_STRIKES), (503, GATEWAY_STRIKES)]
)
def test_an_event_is_guilty_when_others_get_through_and_it_does_not(status: int, strikes: int) -> None:
    """Suspect after so many failures, guilty at the next one after another event was taken, and not before."""
    blame, entry = Blame(), one()
    assert not any(failing(blame, entry, status, strikes - 1))
    assert not blame.is_suspect(entry)
    assert not any(failing(blame, entry, status, 3))
    assert blame.is_suspect(entry)
    blame.got_through([one("b")])
    assert failing(blame, entry, status, 1) == [True]
    assert not blame.is_suspect(entry)


def test_nobody_is_guilty_while_nothing_gets_through() -> None:
    """However often it fails."""
    blame, entry = Blame(), one()
    assert not any(failing(blame, entry, 500, 1000))


def test_a_bystander_that_fails_too_clears_the_suspect() -> None:
    """It is the destination's fault, and the suspect has a strike less."""
    blame, entry = Blame(), one()
    failing(blame, entry, 500, STRIKES)
    assert failing(blame, one("b"), 500, 1) == [False]
    assert not blame.is_suspect(entry)
    assert entry.strikes == STRIKES - 1


@pytest.mark.parametrize("status", [None, 408, 429])
def test_what_says_nothing_about_an_event_clears_everybody(status: int | None) -> None:
    """A broken connection or a plea to come back is no strike, and takes away those there are."""
    blame, entry = Blame(), one()
    failing(blame, entry, 500, STRIKES)
    assert failing(blame, entry, status, 1) == [False]
    assert entry.strikes == 0
    assert not blame.is_suspect(entry)


def test_a_suspect_that_gets_through_is_none() -> None:
    """It was the destination after all."""
    blame, entry = Blame(), one()
    failing(blame, entry, 500, STRIKES)
    blame.got_through([entry])
    assert not blame.is_suspect(entry)


def test_many_refusals_in_a_row_are_the_destinations_fault() -> None:
    """The brake comes after ten, and is released by one that is taken."""
    blame = Blame()
    assert [blame.rejects_all() for _ in range(BRAKE + 2)] == [*[False] * BRAKE, True, True]
    blame.got_through([one()])
    assert not blame.rejects_all()


def test_a_refusal_behind_the_brake_says_what_it_was() -> None:
    """The destination is broken, with the status and the words of the refusal; another event is tried next."""
    blame, entry = Blame(), one()
    error = blame.as_broken(entry, Rejected("422 no", status=422))
    assert isinstance(error, BrokenDestination)
    assert (error.status, judge(error)) == (422, Verdict.BROKEN)
    assert "422 no" in str(error)
    assert blame.is_suspect(entry)


def test_what_is_suspect_is_taken_last() -> None:
    """Where there is nothing else it is taken all the same."""
    queue = MemoryQueue()
    for run in ("a", "b"):
        queue.offer(Envelope(b"{}", "k", run))
    taken = [queue.take(1, 100, lambda entry: entry.lane == "a")[0].lane for _ in range(2)]
    assert taken == ["b", "a"]


def test_runs_that_name_each_other_as_parent_do_not_wait_for_ever() -> None:
    """Each had an event before its START: whatever order they go in, both go."""
    lanes = Lanes()
    told = [("a", "RUNNING", None), ("a", "START", "b"), ("b", "RUNNING", None), ("b", "START", "a")]
    for order, (run, state, parent) in enumerate(told):
        lanes.add(Entry(order, Envelope(b"{}", "k", run, state, parent)))
    settled = 0
    while taken := lanes.take(9, 100):
        settled += sum(lanes.settle(entry) for entry in taken)
    assert settled == 4


def test_a_parent_that_always_fails_holds_back_none_of_its_children(background) -> None:
    """Once it is suspect they are tried, they get through, and so it is found guilty."""

    def answer(envelope: Envelope) -> None:
        if (envelope.run_id, envelope.state) == ("daily", "START"):
            raise Unreachable("500", status=500)

    wire = Recorder(answer)
    delivery = background(wire)
    given = [Envelope(b"start", "k", "daily", "START")]
    given += [Envelope(b"%d" % number, "k", str(number), "START", "daily") for number in range(30)]
    for one_event in given:
        delivery.submit(one_event)
    assert delivery.flush(PATIENCE)
    assert wire.sent == given[1:]
    assert delivery.status()[0].dropped == {"rejected": 1}
