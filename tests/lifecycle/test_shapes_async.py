"""Async generators stepped in every way, awaitables of every kind, and contexts: the same with and without us."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import itertools
import sys
import types
import warnings
from typing import Any

import pytest

from lineage_kit import current_run, lineage_job
from tests.support.shapes import plain, story_of

job = lineage_job("job")
VAR: contextvars.ContextVar[str] = contextvars.ContextVar("VAR", default="unset")


class Stubborn(BaseException):
    """No Exception."""


def bodies(log: list[Any]) -> dict[str, Any]:  # noqa: C901 - one short body after another
    """Async generator functions that answer steps in every way; what they see goes to `log`."""

    async def sums():
        total = 0
        try:
            while total < 10:
                got = yield total
                await asyncio.sleep(0)
                log.append((got, VAR.get(), story_of(sys.exception())))
                VAR.set(f"body {total}")
                total += got or 1
        except KeyError as error:
            log.append(story_of(error))
            yield "caught"
        except GeneratorExit:
            log.append("closing")
        finally:
            await asyncio.sleep(0)
            log.append("cleaned")

    async def raising():
        yield 1
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error

    async def replacing():
        try:
            yield 1
        except BaseException:
            raise Stubborn("mine") from None

    async def refusing():
        try:
            yield 1
        except GeneratorExit:
            yield 2

    async def stopping():
        yield 1
        raise StopAsyncIteration("mine")

    async def empty():
        return
        yield

    async def nested():
        async for item in sums():
            yield item

    made = (sums, raising, replacing, refusing, stopping, empty, nested)
    return {body.__name__: body for body in made}


STEPS = {
    "next": lambda g: g.__anext__(),
    "send": lambda g: g.asend(3),
    "key": lambda g: g.athrow(KeyError("thrown")),
    "stubborn": lambda g: g.athrow(Stubborn("thrown")),
    "exit": lambda g: g.athrow(GeneratorExit()),
    "stop": lambda g: g.athrow(StopAsyncIteration("thrown")),
    "close": lambda g: g.aclose(),
}
SCRIPTS = [
    *itertools.product(STEPS, repeat=2),
    *(("next", *rest) for rest in itertools.product(STEPS, repeat=2)),
    ("next",) * 14,
    ("next", "send", "send", "send", "send", "next"),
]


async def play(stream: Any, log: list[Any], script: tuple[str, ...], *, tasks: bool) -> list[Any]:
    """What an async generator and its consumer see, step by step; `tasks`: each step in a task of its own."""

    async def step(name: str) -> Any:
        return await STEPS[name](stream)

    for name in script:
        try:
            log.append(await (asyncio.create_task(step(name)) if tasks else step(name)))
        except BaseException as error:
            log.append(story_of(error))
        log.append(VAR.get())
    for _ in range(2):
        try:
            await stream.aclose()
        except BaseException as error:
            log.append(story_of(error))
    return log


def one_end_each(events: Any) -> None:
    """Every run has one START, first, and one end."""
    runs: dict[str, list[str]] = {}
    for event in events:
        runs.setdefault(event.run.runId, []).append(str(event.eventType))
    assert all(states[0] == "START" and len(states) == 2 for states in runs.values())
    assert runs


@pytest.mark.parametrize("returned", [False, True], ids=["function", "returned"])
@pytest.mark.parametrize("body", list(bodies([])))
def test_each_step_of_an_async_generator_tells_the_same_story(events, body: str, returned: bool):
    """Values, errors with their contexts and variables agree at each step of each script; one end per run."""

    async def stories(d: Any) -> list[Any]:
        found = []
        for script, tasks in itertools.product(SCRIPTS, (False, True)):
            if tasks and "exit" in script:
                continue  # thrown out of a task it closes who waits for that
            log: list[Any] = []
            function = bodies(log)[body]
            stream = d(lambda function=function: function())() if returned else d(function)()
            found.append((script, tasks, await play(stream, log, script, tasks=tasks)))
        return found

    before, after = (asyncio.run(stories(d)) for d in (plain, job))
    for one, other in zip(before, after, strict=True):
        assert one == other
    one_end_each(events)


async def work() -> str:
    """Waits once."""
    await asyncio.sleep(0)
    return "done"


class Awaitable:
    """Waits once, and is no coroutine."""

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return "done"


@pytest.mark.parametrize(
    "make",
    [
        lambda: asyncio.ensure_future(work()),
        Awaitable,
        lambda: asyncio.gather(work()),
        lambda: asyncio.get_running_loop().run_in_executor(None, len, "ab"),
        lambda: map(str, [1]),
        lambda: filter(None, [1]),
        lambda: iter([1]),
    ],
)
def test_other_lazy_objects_come_back_as_they_are(events, make: Any):
    """Futures, tasks, objects with ``__await__`` and iterators are the user's own; the run ends with the call."""

    async def main() -> None:
        made = []

        def function() -> Any:
            made.append(make())
            return made[0]

        result = job(function)()
        assert result is made[0]
        assert events.states == ["START job", "COMPLETE job"]
        if inspect.isawaitable(result):
            await result

    asyncio.run(main())


@pytest.mark.parametrize("use", ["drop", "close", "await", "throw"])
@pytest.mark.parametrize("d", [plain, job])
@pytest.mark.parametrize("returned", [False, True], ids=["function", "returned"])
def test_warnings_about_coroutines_are_pythons(events, d: Any, use: str, returned: bool):
    """Dropped without an await there is one warning, by the function's own name; else none."""

    def returning() -> Any:
        return work()

    function = d(returning if returned else work)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        coroutine = function()
        if use == "close":
            coroutine.close()
        elif use == "await":
            assert asyncio.run(coroutine) == "done"
        elif use == "throw":
            with pytest.raises(KeyError):
                coroutine.throw(KeyError("x"))
        del coroutine
        gc.collect()
    assert [str(warning.message) for warning in caught] == (
        ["coroutine 'work' was never awaited"] if use == "drop" else []
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the mark is new in Python 3.12")
def test_a_marked_function_runs_when_it_is_called(events):
    """``inspect.markcoroutinefunction`` says what is returned, not when the function runs."""
    seen = []

    def function() -> Any:
        seen.append("ran")
        return work()

    marked = job(inspect.markcoroutinefunction(function))
    assert inspect.iscoroutinefunction(marked)
    coroutine = marked()
    assert seen == ["ran"] and events.states == ["START job"]
    assert asyncio.run(coroutine) == "done"
    assert events.states == ["START job", "COMPLETE job"]


@pytest.mark.parametrize("d", [plain, job])
def test_a_coroutine_sets_variables_of_its_caller(events, d: Any):
    """There is no copied context: what a coroutine sets is seen by who awaits it, and not by who made its task."""

    @d
    async def setting(value: str) -> str:
        before = VAR.get()
        VAR.set(value)
        await asyncio.sleep(0)
        return before

    async def main() -> list[Any]:
        seen = [await setting("awaited"), VAR.get()]
        seen += [await asyncio.create_task(setting("task")), VAR.get()]
        own = contextvars.copy_context()
        seen += [await asyncio.create_task(setting("own"), context=own), VAR.get(), own[VAR]]
        seen += [await asyncio.gather(setting("a"), setting("b")), VAR.get()]
        token = VAR.set("token")
        await setting("changed")
        VAR.reset(token)
        return [*seen, VAR.get()]

    assert contextvars.Context().run(asyncio.run, main()) == [
        "unset", "awaited", "awaited", "awaited", "awaited", "awaited", "own", ["awaited"] * 2, "awaited", "awaited",
    ]  # fmt: skip


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks are new in Python 3.12")
def test_eager_tasks(events):
    """A task that starts in the midst of its maker is a child of the maker's run, which stays current."""

    @lineage_job("child")
    async def child() -> str:
        inside = current_run().job.name
        await asyncio.sleep(0)
        return inside

    @lineage_job("parent")
    async def parent() -> Any:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        tasks = [asyncio.create_task(child()) for _ in range(3)]
        assert current_run().job.name == "parent"
        async with asyncio.TaskGroup() as group:
            tasks.append(group.create_task(child()))
        return [task.result() for task in tasks]

    assert asyncio.run(parent()) == ["child"] * 4
    assert events.states.count("COMPLETE child") == 4
    events.completed("child").under("parent")


def test_an_awaitable_generator_is_awaited(events):
    """A coroutine function of the old kind can still be awaited, and is one run."""

    @job
    @types.coroutine
    def old(x: int):
        yield from asyncio.sleep(0).__await__()
        return x

    async def main() -> list[int]:
        return [await old(1), *await asyncio.gather(old(2), old(3))]

    assert asyncio.run(main()) == [1, 2, 3]
    assert events.states.count("COMPLETE job") == 3
    above = types.coroutine(job(lambda x: work()))
    assert asyncio.run(above(1)) == "done"
