"""`record_events` catches everything of this process and puts back what was there."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from lineage_kit import RunEvent, RunState, configure, lineage_job, report, run, session
from lineage_kit.errors import LineageError
from lineage_kit.event.ids import new_id, now_ns
from lineage_kit.testing import Frozen, MemoryTransport, Recording, frozen, record_events


@lineage_job("load")
def load() -> None:
    """A job."""


def test_events_in_all_forms(events: Recording) -> None:
    """A recording can be counted, iterated, indexed, and gives the bytes as well."""
    load()
    with run("daily"):
        pass
    assert len(events) == 4
    assert events.states == ["START load", "COMPLETE load", "START daily", "COMPLETE daily"]
    assert isinstance(events[0], RunEvent)
    assert events[-1].eventType is RunState.COMPLETE
    assert [event.job.name for event in events] == [event.job.name for event in events.all]
    assert events.bodies[0].startswith(b'{"eventType":"START"')
    events.clear()
    events.ran_nothing()


def test_what_was_configured_is_back_afterwards() -> None:
    """The swap ends with the block, also when a test in it fails."""
    transport = MemoryTransport()
    configure(transport=transport)
    client = session.active
    with pytest.raises(AssertionError), record_events() as events:
        load()
        events.failed("load")
    assert session.active is client
    assert transport.events == []
    load()
    assert len(transport.events) == 2


def test_nested_recordings() -> None:
    """The inner one catches while it is open, the outer one before and after."""
    with record_events() as outer:
        load()
        with record_events() as inner:
            load()
            load()
        load()
    assert (len(outer), len(inner)) == (4, 4)
    assert not session.is_configured()


def test_no_configuration_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither variables nor files reach a recording, not even the one that disables."""
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "elsewhere")
    with record_events() as events:
        load()
    assert events.completed("load").event.job.namespace == "default"


def test_threads_under_test_are_caught(events: Recording) -> None:
    """Events of pool threads, threads and tasks end in the one recording of the process."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: load(), range(20)))
    thread = threading.Thread(target=load)
    thread.start()
    thread.join()

    async def main() -> None:
        await asyncio.gather(*(asyncio.to_thread(load) for _ in range(3)))

    asyncio.run(main())
    assert events.states.count("COMPLETE load") == 24


def test_runs_that_were_open_before_are_not_caught() -> None:
    """A run keeps the client it started with."""
    transport = MemoryTransport()
    configure(transport=transport)
    with run("outer"), record_events() as events, run("inner"):
        pass
    assert events.states == ["START inner", "COMPLETE inner"]
    assert [event.job.name for event in transport.events] == ["outer", "outer"]
    events.completed("inner").under("outer")


def test_trouble_is_counted_unless_strict() -> None:
    """`strict=True` turns internal trouble into exceptions, and only inside."""
    with record_events(), run("daily") as active:
        active.add_output("bare_word")
    assert report.counts() == {"run.dataset": 1}
    with record_events(strict=True):
        with pytest.raises(LineageError, match="bare_word"), run("daily") as active:
            active.add_output("bare_word")
        with record_events(), run("daily") as active:
            active.add_output("bare_word")
        assert report.is_strict()
    assert not report.is_strict()


def test_a_strict_test_of_a_good_pipeline_passes() -> None:
    """Strictness changes nothing where nothing is wrong."""
    with record_events(strict=True) as events, run("daily") as active:
        active.add_output("s3://a/b.csv", rows=3)
        load()
    assert len(events) == 4


def test_frozen_ids_count_up_and_time_stands_still() -> None:
    """Inside, everything is the same in every run of the test."""
    with frozen("2026-11-22T00:00:00Z") as clock, record_events() as events:
        load()
        clock.advance(1.5)
        with run("daily"):
            clock.advance(60)
    ids = [event.run.runId for event in events]
    assert ids == [f"00000000-0000-7000-8000-{number:012x}" for number in (1, 1, 2, 2)]
    times = [event.eventTime for event in events]
    assert times == [
        "2026-11-22T00:00:00.000000Z",
        "2026-11-22T00:00:00.000000Z",
        "2026-11-22T00:00:01.500000Z",
        "2026-11-22T00:01:01.500000Z",
    ]
    assert isinstance(clock, Frozen)


@pytest.mark.parametrize(
    "moment",
    ["2026-11-22", "2026-11-22T00:00:00", "2026-11-22T01:00:00+01:00", datetime(2026, 11, 22, tzinfo=UTC)],
)
def test_moments_in_all_forms(moment: str | datetime) -> None:
    """A moment is a datetime or its text; without zone it is UTC."""
    with frozen(moment), record_events() as events:
        load()
    assert {event.eventTime for event in events} == {"2026-11-22T00:00:00.000000Z"}


def test_frozen_in_frozen() -> None:
    """The outer clock goes on where it stood; outside, ids and times are real again."""
    with frozen("2026-01-01"):
        assert new_id().endswith("0001")
        with frozen("2027-01-01"):
            assert new_id().endswith("0001")
        assert new_id().endswith("0002")
        assert now_ns() == 1767225600 * 10**9
    assert now_ns() != 1767225600 * 10**9
    assert not new_id().startswith("00000000")


def test_clock_never_runs_backwards_within_a_run() -> None:
    """Whoever moves the clock back moves no event of an open run before its START."""
    with frozen("2026-11-22") as clock, record_events() as events, run("daily"):
        clock.advance(-3600)
    assert [event.eventTime for event in events] == ["2026-11-22T00:00:00.000000Z"] * 2


@pytest.fixture
def generator_of_runs() -> Iterator[None]:
    """A user's fixture that works under a run."""
    with run("fixture"):
        yield


def test_recording_survives_the_users_own_fixtures(generator_of_runs: None) -> None:
    """A run that a fixture opened before is the parent of what is recorded."""
    with record_events() as events:
        load()
    events.completed("load").under("fixture")
