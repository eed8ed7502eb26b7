"""Jobs over functions that their own name does not lead to: they pickle, and answer as functions."""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import pickle
import types
import typing
from concurrent.futures import ThreadPoolExecutor

import pytest

from lineage_kit import lineage_job, propagate, run
from lineage_kit.testing import record_events
from tests.support.scripts import Folder


def raw(day: str) -> str:
    """Hands back."""
    return day


@lineage_job
def load(day: str) -> str:
    """A job already."""
    return day


async def wait(day: str) -> str:
    """Hands back."""
    return day


def items(day: str):
    """Hands out."""
    yield day


fast = lineage_job("fast")(raw)
other = lineage_job("other")(load)
third = lineage_job("third")(other)
waits = lineage_job("waits")(wait)
gives = lineage_job("gives")(items)


class Table:
    def read(self, day: str) -> str:
        return day

    noted = lineage_job("noted")(read)

    @staticmethod
    def plain(day: str) -> str:
        return day

    plain_job = lineage_job("plain")(plain)


TABLE = Table()


@pytest.fixture
def events():
    """Everything emitted, with trouble raised."""
    with record_events(strict=True) as recording:
        yield recording


@pytest.mark.parametrize("name", ["fast", "other", "third", "noted", "plain", "bound"])
@pytest.mark.parametrize("travel", [pickle.dumps, functools.partial(pickle.dumps, protocol=0)])
def test_they_pickle_as_the_jobs_they_are(events, name, travel):
    """What arrives opens runs of the same job, also within a partial and propagated, and pickles again."""
    jobs = {"fast": fast, "other": other, "third": third, "noted": Table.noted, "plain": Table.plain_job}
    job = jobs.get(name, TABLE.noted)
    arguments = (TABLE, "monday") if name == "noted" else ("monday",)
    for sent in (job, functools.partial(job), propagate(job), pickle.loads(travel(job))):
        assert pickle.loads(travel(sent))(*arguments) == "monday"
    called = "noted" if name == "bound" else name
    assert events.states == [f"{state} {called}" for _ in range(4) for state in ("START", "COMPLETE")]


def test_what_is_named_pickles_as_itself():
    """Where its own name leads to the job, as in the body of a class, it arrives as the same object."""
    assert pickle.loads(pickle.dumps(Table.noted)) is Table.noted
    assert copy.copy(fast) is copy.deepcopy(fast) is fast


def test_they_answer_as_functions_do():
    """Kind, names, signature, annotations and original are those of the function."""
    assert inspect.isfunction(fast)
    assert isinstance(fast, types.FunctionType)
    assert inspect.iscoroutinefunction(waits)
    assert asyncio.iscoroutinefunction(waits)
    assert inspect.isgeneratorfunction(gives)
    assert inspect.ismethod(TABLE.noted)
    assert (fast.__name__, fast.__qualname__, fast.__doc__) == ("raw", "raw", "Hands back.")
    assert (fast.__wrapped__, fast.lineage.name, other.__wrapped__) == (raw, "fast", load.__wrapped__)
    assert inspect.signature(fast) == inspect.signature(raw)
    assert typing.get_type_hints(fast) == typing.get_type_hints(raw)
    assert "function raw" in repr(fast)
    fast.mark = 1  # type: ignore[attr-defined]
    del fast.mark
    assert not hasattr(fast, "mark")


def test_they_are_called_as_functions_are(events):
    """Each kind runs, also in a pool."""
    assert asyncio.run(waits("monday")) == "monday"
    assert list(gives("monday")) == ["monday"]
    with run("driver"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(propagate(fast), "monday").result() == "monday"
    assert events.started("fast").facet("parent").job.name == "driver"


def test_below_an_at_sign_a_job_stays_a_function():
    """Whose name leads to the job needs nothing else."""
    assert type(load) is types.FunctionType


PROGRAM = """
    import sys
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    from lineage_kit import lineage_job, propagate, run

    def raw(day): return day
    fast = lineage_job("fast")(raw)

    @lineage_job
    def load(day): return day
    other = lineage_job("other")(load)

    class Table:
        def read(self, day): return day
        noted = lineage_job("noted")(read)

    if __name__ == "__main__":
        import cloudpickle
        with run("driver"), ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            for job in (fast, other, Table().noted):
                assert pool.submit(job, "a").result() == pool.submit(propagate(job), "a").result() == "a"
        assert cloudpickle.loads(cloudpickle.dumps(fast))("a") == "a"
"""


def test_they_travel_to_another_process(tmp_path):
    """A spawned worker, by name and propagated, and cloudpickle, by value, run them as the jobs they are."""
    folder = Folder(tmp_path)
    done = folder.run(PROGRAM)
    assert done.returncode == 0, done.stderr
    started = [line.split()[1] for line in folder.states() if line.startswith("START")]
    assert sorted(started) == sorted(["driver", *["fast", "other", "noted"] * 2, "fast"])
