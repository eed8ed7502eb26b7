"""What may wait in memory: within a bound, in order, and never half a run."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from lineage_kit.delivery.waiting.admission import END_FLOOR, MOST_REFUSED
from lineage_kit.delivery.waiting.lanes import Entry
from lineage_kit.delivery.waiting.memory import OVERHEAD, MemoryQueue
from lineage_kit.delivery.waiting.queue import Ruling
from lineage_kit.event.envelope import Envelope
from tests.delivery.stand_ins import event


def _next(queue: MemoryQueue) -> "Entry | None":
    return next(iter(queue.take(1, 10**9)), None)


def _taken(queue: MemoryQueue) -> "list[Envelope]":
    found = []
    while (entry := _next(queue)) is not None:
        assert queue.settle([entry], Ruling.DELIVERED) == 1
        found.append(entry.envelope)
    return found


def test_events_wait_in_the_order_in_which_they_came() -> None:
    """First in, first out, and what is given back is next."""
    queue = MemoryQueue()
    events = [event("a"), event("b"), event("a", "COMPLETE"), event(None, None)]
    assert [queue.offer(one) for one in events] == [None] * 4
    for _ in range(2):
        entry = _next(queue)
        assert entry is not None
        assert entry.envelope is events[0]
        queue.give_back(entry)
    assert len(queue) == 4
    assert _taken(queue) == events
    assert (_next(queue), len(queue)) == (None, 0)


def test_a_run_is_refused_whole_at_its_start() -> None:
    """When there is no room for a run, its START and all that follows are refused; other runs are not touched."""
    queue = MemoryQueue(limit=20_000)
    assert queue.offer(event("a", size=3000)) is None
    assert queue.offer(event("b", size=3000)) == "full"
    assert queue.offer(event("a", "COMPLETE", size=3000)) is None
    assert queue.offer(event("b", "RUNNING")) == "full"
    assert queue.offer(event("b", "COMPLETE")) == "full"
    assert [envelope.run_id for envelope in _taken(queue)] == ["a", "a"]


def test_a_refused_run_stays_refused_when_room_comes_back() -> None:
    """What was refused at START is not let in later: its end alone would be half a run."""
    queue = MemoryQueue(limit=20_000)
    queue.offer(event("a", size=3000))
    assert queue.offer(event("b", size=3000)) == "full"
    queue.offer(event("a", "COMPLETE"))
    _taken(queue)
    assert queue.offer(event("b", "COMPLETE")) == "full"


def test_an_admitted_run_may_finish_when_nothing_else_fits() -> None:
    """Room for the end of an admitted run is kept free: however full the queue is, the end is taken."""
    queue = MemoryQueue(limit=100_000)
    admitted = 0
    while queue.offer(event(admitted, size=100)) is None:
        admitted += 1
    assert admitted > 5
    while queue.offer(event(None, None)) is None:
        pass
    ends = [queue.offer(event(run, "COMPLETE", size=END_FLOOR - OVERHEAD)) for run in range(admitted)]
    assert ends == [None] * admitted


def test_intermediate_events_leave_the_room_kept_for_ends() -> None:
    """RUNNING events of an admitted run are refused before the room for ends is touched; the end says all of it."""
    queue = MemoryQueue(limit=10_000)
    assert queue.offer(event("a")) is None
    while queue.offer(event("a", "RUNNING", size=500)) is None:
        pass
    assert queue.offer(event("a", "COMPLETE", size=END_FLOOR - OVERHEAD)) is None


def test_events_of_jobs_and_datasets_are_refused_when_full() -> None:
    """An event without a run is refused by itself, and the next one is judged anew."""
    queue = MemoryQueue(limit=2000)
    assert queue.offer(event(None, None, size=1000)) is None
    assert queue.offer(event(None, None, size=1000)) == "full"
    _taken(queue)
    assert queue.offer(event(None, None, size=1000)) is None


def test_an_end_whose_start_went_elsewhere_is_taken() -> None:
    """A run that begins in another process and ends in this one is not unknown, only new here."""
    queue = MemoryQueue()
    assert queue.offer(event("a", "COMPLETE")) is None
    assert len(queue) == 1


def test_many_open_runs_are_no_reason_to_refuse_while_events_get_through() -> None:
    """Ends that come from elsewhere, or never, do not eat up the room while the destination keeps up."""
    queue = MemoryQueue(limit=100_000)
    for run in range(1000):
        assert queue.offer(event(run)) is None
        _taken(queue)


def test_memory_for_refused_runs_is_bounded() -> None:
    """Remembering what was refused costs no more the longer an outage lasts."""
    queue = MemoryQueue(limit=0)
    for run in range(MOST_REFUSED):
        queue.offer(event(run))
    tracemalloc.start()
    try:
        for run in range(MOST_REFUSED, 3 * MOST_REFUSED):
            queue.offer(event(run))
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 2 * 1024 * 1024


def test_waiting_events_cost_what_is_reckoned() -> None:
    """The bound is one of memory, not of body bytes alone: what an event costs besides is counted too."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        queue = MemoryQueue()
        for number in range(5000):
            queue.offer(Envelope(b"%0100d" % number, key=f"job:somewhere/job-{number:040}", run_id=None))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 5000 * (100 + OVERHEAD)


def test_a_shut_queue_keeps_what_it_has_and_takes_nothing_more() -> None:
    """After shut, offers are answered `closed`; what waits still waits."""
    queue = MemoryQueue()
    queue.offer(event("a"))
    queue.shut()
    assert queue.offer(event("a", "COMPLETE")) == "closed"
    assert len(queue) == 1


def test_what_was_abandoned_cannot_be_settled() -> None:
    """Abandoned events have been counted as lost; who was just sending one learns that it is too late."""
    queue = MemoryQueue()
    queue.offer(event("a"))
    sending = _next(queue)
    assert sending is not None
    assert queue.abandon() == 1
    assert queue.settle([sending], Ruling.DELIVERED) == 0
    assert len(queue) == 0


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.integers(0, 6),
            st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL"]),
            st.integers(10, 1000),
        ),
        st.just("send"),
    ),
    max_size=80,
)


@given(limit=st.integers(0, 20_000), steps=STEPS)
def test_whatever_comes_the_bound_holds_and_ends_of_admitted_runs_fit(limit: int, steps: "list") -> None:
    """Never more waits than the limit; the end of a run that has room kept for it is never refused."""
    queue = MemoryQueue(limit)
    for step in steps:
        if step == "send":
            entry = _next(queue)
            assert entry is None or queue.settle([entry], Ruling.DELIVERED)
            continue
        envelope = event(*step)
        has_room_kept = str(step[0]) in queue._admission._open
        refused = queue.offer(envelope)
        assert not (refused and envelope.is_terminal and has_room_kept)
        waiting = (*queue._inbox, *(one.envelope for one in queue._lanes))
        admission = queue._admission
        assert sum(OVERHEAD + len(one.body) for one in waiting) == admission.used <= limit
        assert admission._kept == sum(kept for kept, _ in admission._open.values())
