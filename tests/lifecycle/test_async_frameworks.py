"""Under trio, anyio, uvloop, nested loops and gevent a job is what it is under asyncio."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import trio

from lineage_kit import current_run, lineage_job, run
from tests.support.scripts import Folder


@lineage_job("nap")
async def nap(seconds: float = 0) -> str:
    """Sleeps, under whichever library runs it."""
    await anyio.sleep(seconds)  # sleep: cancelled or none at all
    return current_run().job.name


@lineage_job("numbers")
async def numbers(limit: int):
    """Yields numbers and cleans up while cancelled."""
    try:
        for number in range(limit):
            await anyio.lowlevel.checkpoint()  # sleep: yields to others
            yield number
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.lowlevel.checkpoint()  # sleep: yields to others
        current_run().run_tag("cleaned", "yes")


def use_uvloop() -> Any:
    """The loop factory of uvloop."""
    return pytest.importorskip("uvloop", reason="uvloop does not run on this system").new_event_loop


BACKENDS = {
    "asyncio": lambda: {"backend": "asyncio"},
    "uvloop": lambda: {"backend": "asyncio", "backend_options": {"loop_factory": use_uvloop()}},
    "trio": lambda: {"backend": "trio"},
}
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)


@every_backend
def test_awaited_and_in_groups(events, backend: Any):
    """Jobs of a task group are children of the run around the group, each one run."""

    async def main() -> None:
        assert await nap() == "nap"
        async with run("group"), anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(nap)
        assert not current_run()

    anyio.run(main, **backend())
    assert events.states[:2] == ["START nap", "COMPLETE nap"]
    assert events.states[-1] == "COMPLETE group" and len(events) == 24
    events.completed("nap").under("group")


@every_backend
def test_cancelled(events, backend: Any):
    """A cancelled job is an ABORT, the scope that cancelled it takes note, and the next job is no child of it."""

    async def main() -> None:
        with anyio.move_on_after(0) as scope:
            await nap(3600)
        assert scope.cancelled_caught
        await nap()

    anyio.run(main, **backend())
    assert events.states == ["START nap", "ABORT nap", "START nap", "COMPLETE nap"]
    events.completed("nap").is_root()


@every_backend
def test_too_slow(events, backend: Any):
    """A deadline inside the job is its failure; one around it an ABORT of the job and an error outside."""

    @lineage_job("inside")
    async def inside() -> None:
        with anyio.fail_after(0):
            await anyio.sleep(3600)  # sleep: cancelled at once

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await inside()
        with pytest.raises(TimeoutError), anyio.fail_after(0):
            await nap(3600)

    anyio.run(main, **backend())
    assert events.states == ["START inside", "FAIL inside", "START nap", "ABORT nap"]


@every_backend
def test_groups_that_fail(events, backend: Any):
    """The error of one task fails it and the job around the group, and aborts its siblings."""

    @lineage_job("broken")
    async def broken() -> None:
        raise ValueError("mine")

    @lineage_job("all")
    async def everything() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(nap, 3600)
            await anyio.lowlevel.checkpoint()  # sleep: yields to others
            group.start_soon(broken)

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            await everything()

    anyio.run(main, **backend())
    assert sorted(events.states) == sorted(
        ["START all", "START nap", "START broken", "FAIL broken", "ABORT nap", "FAIL all"]
    )
    events.failed("all").with_error("ValueError")


@every_backend
@pytest.mark.parametrize("end", ["consumed", "closed", "cancelled"])
def test_async_generators(events, backend: Any, end: str):
    """An async generator is one run, cleaned up where it ends."""

    async def main() -> None:
        stream = numbers(3)
        if end == "consumed":
            assert [number async for number in stream] == [0, 1, 2]
        elif end == "closed":
            assert await anext(stream) == 0
            await stream.aclose()
        else:
            assert await anext(stream) == 0
            with anyio.CancelScope() as scope:
                scope.cancel()
                await anext(stream)

    anyio.run(main, **backend())
    last = "ABORT" if end == "cancelled" else "COMPLETE"
    assert events.states == ["START numbers", f"{last} numbers"]
    (events.aborted if last == "ABORT" else events.completed)("numbers").with_tag("cleaned", "yes")


def test_left_to_trio(events):
    """An async generator that nobody closes ends once, at the latest with trio's loop."""

    @lineage_job("left")
    async def left():
        yield 1

    async def main() -> None:
        stream = left()
        assert await anext(stream) == 1

    with pytest.warns(ResourceWarning, match=r"Async generator .*left.* was garbage collected before"):
        trio.run(main)
    assert len(events) == 2 and events.states[0] == "START left"


def test_asyncio_is_not_needed(tmp_path):
    """A job under trio does not load asyncio."""
    program = """
        import sys
        import trio
        from lineage_kit import lineage_job
        @lineage_job("job")
        async def job():
            await trio.sleep(0)
        before = "asyncio" in sys.modules
        trio.run(job)
        assert before or "asyncio" not in sys.modules
    """
    folder = Folder(tmp_path)
    done = folder.run(program, OPENLINEAGE__TRANSPORT__TYPE="local")
    assert (done.returncode, done.stderr) == (0, "")
    assert folder.states() == ["START job", "COMPLETE job"]


def test_nested_loops(tmp_path):
    """Where a running loop is entered again, as notebooks do, inner jobs are children of the outer one."""
    program = """
        import asyncio, warnings
        warnings.simplefilter("ignore")
        import nest_asyncio
        nest_asyncio.apply()
        from lineage_kit import lineage_job, current_run
        @lineage_job("inner")
        async def inner(n):
            await asyncio.sleep(0)
            return n
        @lineage_job("outer")
        async def outer():
            assert asyncio.get_event_loop().run_until_complete(inner(1)) == 1
            assert current_run().job.name == "outer"
            assert asyncio.run(inner(2)) == 2
        asyncio.run(outer())
        assert not current_run()
    """
    folder = Folder(tmp_path)
    done = folder.run(program, OPENLINEAGE__TRANSPORT__TYPE="local")
    assert (done.returncode, done.stderr) == (0, "")
    inner = ["START inner", "COMPLETE inner"]
    assert folder.states() == ["START outer", *inner, *inner, "COMPLETE outer"]
    parents = {
        e["run"]["facets"]["parent"]["job"]["name"] for e in folder.events() if e["job"]["name"] == "inner"
    }
    assert parents == {"outer"}


def test_gevent(tmp_path):
    """With everything patched, greenlets that take turns keep their own runs, and a killed one aborts its run."""
    program = """
        from gevent import monkey
        monkey.patch_all()
        import gevent
        from lineage_kit import current_run, lineage_job, run
        @lineage_job("child")
        def child():
            gevent.sleep(0)
        def work(name):
            with run(name):
                for _ in range(3):
                    gevent.sleep(0)
                    assert current_run().job.name == name
                    child()
        gevent.joinall([gevent.spawn(work, f"w{n}") for n in range(3)], raise_error=True)
        @lineage_job("killed")
        def killed():
            gevent.sleep(3600)  # sleep: killed at once
        greenlet = gevent.spawn(killed)
        gevent.sleep(0)
        greenlet.kill()
        assert not current_run()
    """
    folder = Folder(tmp_path)
    done = folder.run(program, OPENLINEAGE__TRANSPORT__TYPE="local")
    assert done.returncode == 0 and "Traceback" not in done.stderr
    states = folder.states()
    assert states[-2:] == ["START killed", "ABORT killed"]
    assert sorted(states[:-2]) == sorted(
        [f"{s} w{n}" for n in range(3) for s in ("START", "COMPLETE")] + ["START child", "COMPLETE child"] * 9
    )
    under = [
        e["run"]["facets"]["parent"]["job"]["name"] for e in folder.events() if e["job"]["name"] == "child"
    ]
    assert {name: under.count(name) for name in under} == {"w0": 6, "w1": 6, "w2": 6}


def test_wait_for_and_shield(events):
    """A job that is waited for too long is an ABORT; one that is shielded goes on to its own end."""

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(nap(3600), 0.001)
        gate = asyncio.Event()

        @lineage_job("shielded")
        async def shielded() -> None:
            await gate.wait()

        task = asyncio.ensure_future(shielded())
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), 0)
        gate.set()
        await task
        async for _ in _as_completed():
            pass

    async def _as_completed():
        for one in asyncio.as_completed([nap(), nap()]):
            yield await one

    asyncio.run(main())
    assert events.states[:4] == ["START nap", "ABORT nap", "START shielded", "COMPLETE shielded"]
    assert events.states.count("COMPLETE nap") == 2


def test_loops_that_are_gone(events):
    """What a loop leaves half done is ended once, where the loop is shut down."""
    loop = asyncio.new_event_loop()
    coroutine, stream = nap(3600), numbers(3)
    task = loop.create_task(coroutine)

    async def first() -> int:
        return await anext(stream)

    assert loop.run_until_complete(first()) == 0
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.run_until_complete(loop.shutdown_asyncgens())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
    assert sorted(events.states) == ["ABORT nap", "COMPLETE numbers", "START nap", "START numbers"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no alarms on Windows")
def test_callbacks_of_every_kind_also_at_shutdown(tmp_path):
    """As callback of a loop, a signal, a finalizer, a thread and ``__del__`` a job runs, at shutdown too."""
    program = """
        import asyncio, atexit, gc, os, signal, threading, weakref
        from lineage_kit import lineage_job
        def job(name):
            return lineage_job(name)(lambda *_: None)
        class Thing:
            @lineage_job("del")
            def __del__(self):
                pass
        async def main():
            loop = asyncio.get_running_loop()
            done = loop.create_future()
            loop.call_soon(job("call_soon"))
            loop.call_later(0, job("call_later"))
            loop.add_signal_handler(signal.SIGUSR1, job("loop signal"))
            os.kill(os.getpid(), signal.SIGUSR1)
            done.add_done_callback(job("done"))
            done.set_result(1)
            await asyncio.sleep(0.05)  # sleep: lets callbacks run
        asyncio.run(main())
        signal.signal(signal.SIGUSR2, job("signal"))
        os.kill(os.getpid(), signal.SIGUSR2)
        thing = Thing()
        weakref.finalize(thing, job("finalize"))
        del thing
        timer = threading.Timer(0, job("timer")); timer.start(); timer.join()
        kept = Thing()                                    # left to the interpreter's end
        cycle = [Thing()]; cycle.append(cycle)
        weakref.finalize(kept, job("at exit"))
        atexit.register(job("atexit"))
        @lineage_job("open")
        def numbers():
            yield 1
            yield 2
        left = numbers(); next(left)
    """
    folder = Folder(tmp_path)
    done = folder.run(program, OPENLINEAGE__TRANSPORT__TYPE="local")
    assert (done.returncode, done.stderr) == (0, "")
    states = folder.states()
    assert all(states.count(s) == 1 for s in states if not s.endswith(" del"))
    names = {
        "call_soon",
        "call_later",
        "loop signal",
        "done",
        "signal",
        "finalize",
        "timer",
        "at exit",
        "atexit",
    }
    assert names <= {state.removeprefix("COMPLETE ") for state in states}
    assert states.count("START open") == 1 and len([s for s in states if s.endswith(" open")]) == 2
