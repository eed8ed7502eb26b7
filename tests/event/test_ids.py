"""Ids and times of events, and the envelope they travel in."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from lineage_kit.event import ids
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.shapes import formats

NOON = 1_795_435_869_123_456_789  # 2026-11-23T12:11:09 UTC


@pytest.fixture
def frozen() -> Iterator[dict[str, int]]:
    """A clock that stands where the test sets it, and one id for all."""
    clock = {"now": NOON}
    before = ids.use_sources(lambda: "id", lambda: clock["now"])
    yield clock
    ids.use_sources(*before)


def test_an_id_holds_the_time_it_was_made() -> None:
    """The first 48 bits are milliseconds since 1970, the variant is that of RFC 9562."""
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(ids.new_id())
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000
    assert made.variant == uuid.RFC_4122
    assert str(made) == str(made).lower()


def test_threads_get_ids_and_times_of_their_own() -> None:
    """No two ids are equal, and every time is the text of its own second."""
    moments = [NOON + step * 500_000_000 for step in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: ids.new_id(), range(2000)))) == 2000
        texts = list(pool.map(ids.timestamp, moments))
    for moment, text in zip(moments, texts, strict=True):
        assert datetime.fromisoformat(text) == datetime.fromtimestamp(moment // 10**9, UTC).replace(
            microsecond=moment % 10**9 // 1000
        )


def test_a_time_is_what_the_standard_asks_for() -> None:
    """UTC with six digits, valid by our own look."""
    assert ids.timestamp(0) == "1970-01-01T00:00:00.000000Z"
    assert formats.date_time(ids.timestamp(ids.now_ns())) is None


def test_sources_can_be_replaced_and_put_back(frozen: dict[str, int]) -> None:
    """Frozen ids and clocks are what every event gets, until the old ones come back."""
    assert (ids.new_id(), ids.now_ns()) == ("id", NOON)
    before = ids.use_sources(None, None)
    assert ids.new_id() != "id"
    assert abs(ids.now_ns() - time.time_ns()) < 60 * 10**9
    ids.use_sources(*before)
    assert ids.new_id() == "id"


def test_time_never_goes_backwards_within_a_run(frozen: dict[str, int]) -> None:
    """A clock that is set back does not take the events of a run with it."""
    start = ids.stamp()
    frozen["now"] -= 10**12
    assert ids.time_since(start) == start[0]
    frozen["now"] += 2 * 10**12
    assert ids.time_since(start) == frozen["now"]


def test_the_monotonic_clock_measures_a_run() -> None:
    """Two looks in a row are in order and not before the start."""
    start = ids.stamp()
    first, second = ids.time_since(start), ids.time_since(start)
    assert start[0] <= first <= second


@pytest.mark.parametrize(
    ("state", "terminal"),
    [
        ("START", False),
        ("RUNNING", False),
        ("OTHER", False),
        (None, False),
        ("COMPLETE", True),
        ("FAIL", True),
        ("ABORT", True),
    ],
)
def test_an_envelope_knows_whether_it_ends_its_run(state: str | None, terminal: bool) -> None:
    """COMPLETE, FAIL and ABORT are ends."""
    assert Envelope(b"{}", "run:n/j", "id", state).is_terminal is terminal


def test_the_same_bytes_have_the_same_id() -> None:
    """The key by which duplicates are known depends on the body alone."""
    one, same, other = Envelope(b"{}", "run:n/j"), Envelope(b"{}", "job:n/j"), Envelope(b"[]", "run:n/j")
    assert one.event_id == same.event_id != other.event_id
    assert len(one.event_id) == 32
