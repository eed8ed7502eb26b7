"""Coroutines and async generators: no new task, no copied context, one terminal event."""

from __future__ import annotations

import asyncio
import functools
import threading
import warnings
from datetime import datetime, timedelta

import pytest

from lineage_kit import OpenLineageClient, current_run, lineage_job, run, session


@lineage_job("nap")
async def nap(seconds: float = 0) -> str:
    """Sleeps."""
    await asyncio.sleep(seconds)  # sleep: cancelled or none at all
    return "rested"


@lineage_job("numbers")
async def numbers(limit: int):
    """Yields numbers asynchronously."""
    try:
        for number in range(limit):
            await asyncio.sleep(0)  # sleep: yields to others
            yield number
    finally:
        current_run().run_tag("cleaned", "yes")
        await asyncio.sleep(0)  # sleep: yields to others


def test_never_awaited_is_no_run(events):
    """A coroutine that is closed without being awaited emits nothing."""
    coroutine = nap()
    coroutine.close()
    assert len(events) == 0


def test_never_awaited_warning_is_pythons_own(events):
    """Dropping a coroutine gives Python's usual warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nap()
    assert any("was never awaited" in str(warning.message) for warning in caught)
    assert len(events) == 0


def test_awaited_in_the_callers_own_task(events):
    """The body runs in the task that awaits it."""

    @lineage_job("which")
    async def which() -> object:
        return asyncio.current_task()

    async def main() -> bool:
        return await which() is asyncio.current_task()

    assert asyncio.run(main())
    assert events.states == ["START which", "COMPLETE which"]


def test_a_run_lasts_as_long_as_what_it_waits_for(events):
    """From START to COMPLETE no less passes than the job slept."""
    asyncio.run(nap(0.02))
    start, end = (datetime.fromisoformat(event.eventTime) for event in events)
    assert end - start >= timedelta(seconds=0.019)


def test_a_destination_that_hangs_holds_up_no_loop():
    """While a transport is stuck in the first event, jobs of the loop begin and end, in the thread they are in."""
    stuck, gate = threading.Event(), threading.Event()

    class Stuck:
        kind = "stuck"

        def emit(self, event: object) -> None:
            stuck.set()
            gate.wait(60)

    client = OpenLineageClient(transport=Stuck())
    previous = session.swap(client)

    async def main() -> set[int]:
        threads = set()
        for _ in range(50):
            async with run("block"):
                threads.add(threading.get_ident())
                await nap()
        return threads

    try:
        assert asyncio.run(main()) == {threading.get_ident()}
        assert stuck.wait(60) and not gate.is_set()
    finally:
        gate.set()
        session.swap(previous)
        client.close()


def test_gather_gives_siblings_under_the_parent(events):
    """Concurrent jobs are children of the run that gathered them."""

    async def main() -> None:
        async with run("all"):
            await asyncio.gather(*(nap() for _ in range(100)))

    asyncio.run(main())
    naps = [event for event in events if event.job.name == "nap"]
    assert len(naps) == 200
    assert {event.run.facets["parent"].job.name for event in naps} == {"all"}
    assert len({event.run.runId for event in naps}) == 100


def test_cancelled_while_waiting_is_abort(events):
    """Cancellation passes through, the run is an ABORT, the next job of the task is a root."""

    async def main() -> None:
        task = asyncio.create_task(nap(3600))
        await asyncio.sleep(0)  # sleep: yields to others
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        await nap()

    asyncio.run(main())
    events.aborted("nap").with_error("CancelledError")
    events.completed("nap").is_root()


def test_timeout_is_fail(events):
    """A TimeoutError that leaves the job is an exception like others."""

    @lineage_job("slow")
    async def slow() -> None:
        async with asyncio.timeout(0):
            await asyncio.sleep(3600)  # sleep: cancelled at once

    with pytest.raises(TimeoutError):
        asyncio.run(slow())
    events.failed("slow").with_error("TimeoutError")


def test_background_task_outlives_its_parent(events):
    """A task started in a run keeps it as parent after the run has ended; the run is current no longer there."""

    async def main() -> None:
        gate = asyncio.Event()

        async def later() -> None:
            await gate.wait()
            assert not current_run()
            await nap()

        with run("parent"):
            task = asyncio.create_task(later())
            await asyncio.sleep(0)  # sleep: yields to others
        gate.set()
        await task

    asyncio.run(main())
    assert events.states == ["START parent", "COMPLETE parent", "START nap", "COMPLETE nap"]
    events.completed("nap").under("parent")


def test_async_partial_covers_the_await(events):
    """A partial of a coroutine function ends its run after the await, and is none when never awaited."""
    job = lineage_job("partial nap")(functools.partial(nap.__wrapped__, 0))
    job().close()
    assert len(events) == 0
    assert asyncio.run(job()) == "rested"
    assert events.states == ["START partial nap", "COMPLETE partial nap"]


def test_callable_object_with_async_call(events):
    """The run of an object with an async ``__call__`` covers the await."""

    class Napper:
        async def __call__(self) -> str:
            await asyncio.sleep(0)  # sleep: yields to others
            return current_run().job.name

    assert asyncio.run(lineage_job("napper")(Napper())()) == "napper"
    assert events.states == ["START napper", "COMPLETE napper"]


def test_plain_function_returning_a_coroutine(events):
    """The run of a plain function ends when the coroutine it returned ends, in FAIL as in COMPLETE."""

    @lineage_job("made")
    def make(fail: bool = False):
        async def work() -> str:
            if fail:
                raise ValueError("late")
            return current_run().job.name

        return work()

    assert asyncio.run(make()) == "made"
    with pytest.raises(ValueError, match="late"):
        asyncio.run(make(fail=True))
    assert events.states == ["START made", "COMPLETE made", "START made", "FAIL made"]


def test_async_generator_consumed(events):
    """START at the first step, COMPLETE at exhaustion; the run is not current in the consumer."""

    async def main() -> list[int]:
        found = []
        async for number in numbers(3):
            assert not current_run()
            found.append(number)
        return found

    assert asyncio.run(main()) == [0, 1, 2]
    assert events.states == ["START numbers", "COMPLETE numbers"]
    events.completed("numbers").with_tag("cleaned", "yes")


def test_async_generator_closed_early(events):
    """``aclose`` runs the body's cleanup before it returns and says that the run was not exhausted."""

    async def main() -> None:
        stream = numbers(3)
        await anext(stream)
        await stream.aclose()
        events.completed("numbers").with_tag("exhausted", "false").with_tag("cleaned", "yes")

    asyncio.run(main())


def test_async_generator_left_to_the_loop(events, caplog):
    """One that nobody closes is finalised by the loop, as what the body saw says: one end and no complaint."""
    seen = []

    @lineage_job("left")
    async def left():
        try:
            yield 1
        except BaseException as error:
            seen.append(type(error))
            raise

    async def main() -> None:
        stream = left()
        await anext(stream)

    asyncio.run(main())
    assert events.states == [
        "START left",
        "ABORT left" if seen == [asyncio.CancelledError] else "COMPLETE left",
    ]
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_async_generator_send_throw_and_fail(events):
    """``asend`` and ``athrow`` reach the body; what it raises is the consumer's."""

    @lineage_job("echo")
    async def echo():
        value = None
        while True:
            try:
                value = yield value
            except KeyError:
                value = "caught"

    async def main() -> None:
        stream = echo()
        await anext(stream)
        assert await stream.asend("a") == "a"
        assert await stream.athrow(KeyError("x")) == "caught"
        with pytest.raises(ValueError, match="out"):
            await stream.athrow(ValueError("out"))

    asyncio.run(main())
    events.failed("echo").with_error("out")


def test_async_generator_stepped_from_different_tasks(events):
    """Each step may come from another task."""

    async def main() -> list[int]:
        stream = numbers(3)
        found = [await asyncio.create_task(anext(stream)) for _ in range(3)]
        await stream.aclose()
        return found

    assert asyncio.run(main()) == [0, 1, 2]
    assert events.states == ["START numbers", "COMPLETE numbers"]


def test_block_in_both_ways_on_one_spec(events):
    """One spec entered with ``with`` and ``async with`` opens a run each time."""
    spec = run("both")

    async def main() -> None:
        with spec as one:
            async with spec as other:
                assert one.id != other.id
                assert current_run().id == other.id
            assert current_run().id == one.id

    asyncio.run(main())
    assert events.states == ["START both", "START both", "COMPLETE both", "COMPLETE both"]


def test_two_loops_one_after_the_other(events):
    """Nothing bound to a loop is kept."""
    assert [asyncio.run(nap()), asyncio.run(nap())] == ["rested", "rested"]
    assert len(events) == 4
