"""Nothing is lost from sight: submitted is delivered, dropped and owed together, whatever happens in between."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.delivery.sending.sender import Sender
from lineage_kit.delivery.waiting.memory import MemoryQueue
from lineage_kit.errors import BrokenDestination, Rejected, Unreachable
from lineage_kit.event.envelope import Envelope
from tests.delivery.stand_ins import Recorder, event, in_order, total
from tests.delivery.stress import stress

ANSWERS = {
    "fine": None,
    "500": Unreachable("500", status=500),
    "refused": Unreachable("refused"),
    "rejected": Rejected("400"),
    "broken": BrokenDestination("404"),
    "bug": ZeroDivisionError(),
    "exit": SystemExit(),
}
STATES = ["START", "RUNNING", "COMPLETE", None]
STEPS = st.one_of(
    st.tuples(st.just("submit"), st.integers(0, 4), st.integers(10, 400)),
    st.tuples(st.just("try"), st.sampled_from(sorted(ANSWERS)), st.integers(1, 7)),
    st.just(("abandon", "", 0)),
)


class Books:
    """A sender without threads, and how many events it was given."""

    def __init__(self, limit: int) -> None:
        self.wire = Recorder(self._answer)
        self.queue = MemoryQueue(limit)
        self.sender = Sender("wire", self.wire, self.queue, RetryPolicy())
        self.submitted = 0
        self.error: BaseException | None = None
        self._next_state = dict.fromkeys(range(5), 0)

    def submit(self, run: int, size: int) -> None:
        state = self._next_state[run]
        self._next_state[run] = state + 1
        stage = STATES[state % 3]
        self.submitted += 1
        refusal = self.queue.offer(event(f"{run}-{state // 3}", stage, size))
        if refusal:
            self.sender.tally.dropped(refusal)

    def attempt(self, answer: str, times: int) -> None:
        self.error = ANSWERS[answer]
        for _ in range(times):
            self.sender.try_next()

    def abandon(self, *_: object) -> None:
        self.sender.tally.dropped("exit", self.queue.abandon())

    def _answer(self, envelope: Envelope) -> None:
        if self.error is not None:
            raise self.error


@given(limit=st.integers(0, 20_000), steps=st.lists(STEPS, max_size=60))
def test_the_numbers_add_up_after_every_step(limit: int, steps: "list[tuple[str, object, int]]") -> None:
    """However submitting, answers of every kind and giving up alternate, each event is in exactly one place."""
    books = Books(limit)
    what = {"submit": books.submit, "try": books.attempt, "abandon": books.abandon}
    for name, first, second in steps:
        what[name](first, second)  # type: ignore[operator]
        status = books.sender.tally.status(
            "wire", books.wire, "background", owed=len(books.queue), broken=False
        )
        assert total(status) == books.submitted
        assert status.delivered == len(books.wire.sent)
    assert in_order(books.wire.sent)


@pytest.mark.parametrize("forks", [True, False], ids=["forks", "threads"])
def test_the_books_balance_after_a_storm(forks: bool) -> None:
    """Threads, faults of every kind, flushes and forks for a moment: no event lost, doubled or out of order."""
    stress(0.5, random.randrange(10**6), forks=forks)
