"""Stacked above or below the decorators of others, a job is still what those decorators take it for."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import typing
from typing import Any

import click
import pytest
import stamina
import tenacity
from click.testing import CliRunner

from lineage_kit import current_run, lineage_job, run

job = lineage_job("job")


def flaky(failures: int) -> Any:
    """A function that fails so often before it works."""
    left = [failures]

    def attempt() -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise ConnectionError("not yet")
        return "worked"

    return attempt


def flaky_async(failures: int) -> Any:
    """A coroutine function that fails so often before it works."""
    attempt = flaky(failures)

    async def attempt_async() -> str:
        await asyncio.sleep(0)
        return attempt()

    return attempt_async


RETRIES = {
    "tenacity": tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_none()),
    "stamina": stamina.retry(on=ConnectionError, attempts=3, wait_initial=0, wait_max=0, wait_jitter=0),
}
every_retry = pytest.mark.parametrize("retry", RETRIES.values(), ids=RETRIES)


@every_retry
@pytest.mark.parametrize("make", [flaky, flaky_async])
def test_a_retry_outside_gives_a_run_for_each_attempt(events, retry: Any, make: Any):
    """Two attempts fail and one completes, each a run with an id of its own."""
    function = retry(job(make(2)))
    result = asyncio.run(function()) if make is flaky_async else function()
    assert result == "worked"
    assert [line.split()[0] for line in events.states] == [
        "START",
        "FAIL",
        "START",
        "FAIL",
        "START",
        "COMPLETE",
    ]
    assert len({event.run.runId for event in events}) == 3


@every_retry
@pytest.mark.parametrize("make", [flaky, flaky_async])
def test_a_retry_inside_is_one_run(events, retry: Any, make: Any):
    """What is retried under the decorator is one run."""
    function = job(retry(make(2)))
    assert inspect.iscoroutinefunction(function) == (make is flaky_async)
    result = asyncio.run(function()) if make is flaky_async else function()
    assert result == "worked"
    assert events.states == ["START job", "COMPLETE job"]


def test_what_a_retry_offers_is_reached_through_the_job(events):
    """Attributes that tenacity puts on a function are there on either side."""
    inside = job(RETRIES["tenacity"](flaky(0)))
    assert inside.retry.stop is not None and inside.retry_with(stop=None)() == "worked"
    outside = RETRIES["tenacity"](job(flaky(0)))
    assert outside() == "worked" and outside.statistics["attempt_number"] == 1


def test_commands(events):
    """A click command above a job takes its options from the function; a job above a command is still one."""

    @click.command()
    @click.option("--times", default=1)
    @job
    def below(times: int) -> None:
        """Say it."""
        click.echo("hi" * times)

    @job
    @click.command()
    @click.argument("word")
    def above(word: str) -> None:
        click.echo(word)

    result = CliRunner().invoke(below, ["--times", "2"])
    assert (result.exit_code, result.output) == (0, "hihi\n") and below.help == "Say it."
    assert events.states == ["START job", "COMPLETE job"]
    group = click.Group(commands={"above": above})
    assert isinstance(above, click.Command) and CliRunner().invoke(group, ["above", "x"]).output == "x\n"
    with pytest.raises(SystemExit) as stop:
        above(["y"])
    assert stop.value.code == 0
    assert events.states[2:] == ["START job", "COMPLETE job"]


@pytest.fixture
@lineage_job("fixture")
def prepared(tmp_path: Any) -> Any:
    """A fixture that is a job, taking another one."""
    yield tmp_path.name
    assert current_run().job.name == "fixture"


@lineage_job("test")
def test_a_fixture_and_a_test_may_be_jobs(prepared: str):
    """What pytest hands over by name reaches a job, as fixture and as test."""
    assert prepared and current_run().job.name == "test"


class Task:
    """Stands for the task objects of orchestrators, which judge a function by kind, name and signature."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.signature = inspect.signature(function)
        self.hints = typing.get_type_hints(function)
        self.is_async = inspect.iscoroutinefunction(function)
        self.is_generator = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.signature.bind(*args, **kwargs)
        return self.function(*args, **kwargs)

    def submit(self, *args: Any) -> Any:
        """Has a method that calls past ``__call__``."""
        return self.function(*args)


async def nap(seconds: float = 0, *, then: str = "up") -> str:
    """Sleeps."""
    await asyncio.sleep(seconds)  # sleep: none at all
    return then


def test_tasks_above_and_below(events):
    """A task object finds kind, hints and signature of a job; decorated itself it keeps its type and methods."""
    before, above, below = Task(nap), Task(job(nap)), job(Task(nap))
    for name in ("signature", "hints", "is_async", "is_generator", "__name__", "__doc__"):
        assert getattr(above, name) == getattr(below, name) == getattr(before, name)
    assert isinstance(below, Task)
    assert asyncio.run(above(0, then="a")) == "a" and asyncio.run(below(0, then="b")) == "b"
    assert events.states == ["START job", "COMPLETE job"] * 2
    assert asyncio.run(below.submit(0)) == "up"
    with pytest.raises(TypeError, match="unexpected keyword argument 'els'"):
        above(els=1)


def test_context_managers(events):
    """Under ``@contextmanager`` START comes at the entry and the end at the exit, FAIL if the block failed."""

    @contextlib.contextmanager
    @job
    def opened(x: int):
        yield x

    with opened(1) as value:
        assert value == 1 and events.states == ["START job"]
        assert not current_run()  # what is called in the block is no part of the generator's body
    with pytest.raises(ValueError, match="mine"), opened(2):
        raise ValueError("mine")
    assert events.states == ["START job", "COMPLETE job", "START job", "FAIL job"]

    @opened(3)
    def decorated() -> int:
        return 3

    assert decorated() == decorated() == 3
    with contextlib.suppress(GeneratorExit), opened(4):
        raise GeneratorExit
    assert events.states[-1] == "COMPLETE job"


def test_a_block_that_nests(events):
    """``with run()`` in the generator, instead of the decorator, is current in the block too."""

    @contextlib.contextmanager
    def opened():
        with run("opened") as opening:
            yield opening

    with opened() as opening:
        assert current_run().id == opening.id
        job(len)("ab")
    assert events.states == ["START opened", "START job", "COMPLETE job", "COMPLETE opened"]
    events.completed("job").under("opened")


def test_async_context_managers(events):
    """Under ``@asynccontextmanager`` it is the same."""

    @contextlib.asynccontextmanager
    @job
    async def opened(x: int):
        yield x

    async def main() -> None:
        async with opened(1) as value:
            assert value == 1 and events.states == ["START job"]
        with pytest.raises(ValueError, match="mine"):
            async with opened(2):
                raise ValueError("mine")
        async with contextlib.AsyncExitStack() as stack:
            assert await stack.enter_async_context(opened(3)) == 3

    asyncio.run(main())
    assert [line.split()[0] for line in events.states] == [
        "START",
        "COMPLETE",
        "START",
        "FAIL",
        "START",
        "COMPLETE",
    ]


def test_overloads(events):
    """Overloads are found by the name and module of the implementation."""

    @typing.overload
    def load(x: int) -> int: ...
    @typing.overload
    @lineage_job("never called")
    def load(x: str) -> str: ...
    @job
    def load(x: Any) -> Any:
        return x

    assert load(1) == 1 and len(typing.get_overloads(load)) == 2
    assert events.states == ["START job", "COMPLETE job"]


def test_single_dispatch_on_either_side(events):
    """Implementations can be registered above and below, each call being one run."""

    @functools.singledispatch
    @job
    def show(x: Any) -> str:
        return "any"

    show.register(int, lineage_job("int")(lambda x: "int"))
    assert (show("a"), show(1)) == ("any", "int")
    assert events.states == ["START job", "COMPLETE job", "START int", "COMPLETE int"]


def test_threads_executors_and_callbacks(events):
    """A job is called by threads, pools, sorting and reducing as any function is."""
    from concurrent.futures import ThreadPoolExecutor

    double = job(lambda x: 2 * x)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(double, range(3))) == [0, 2, 4]
    assert sorted([2, 1], key=double) == [1, 2] and list(map(double, [1])) == [2]
    assert asyncio.run(asyncio.to_thread(double, 4)) == 8
    assert len(events) == 14
