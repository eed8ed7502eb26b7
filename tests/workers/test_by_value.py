"""What a script or notebook defines travels by value to another interpreter, and is still decorated there."""

from pathlib import Path

import pytest

from tests.support.scripts import Folder
from tests.support.workers import write

SENDER = """
import functools
import {library} as library

@lineage_job(inputs=lambda args: "s3://raw/" + args.day, nominal_time="2026-11-22")
def with_callables(day):
    return day

@lineage_job
def generator(day):
    yield day

@lineage_job
async def coroutine(day):
    return day

@lineage_job
async def async_generator(day):
    yield day

@lineage_job
def lazy(day):
    return (one for one in [day])

def closure(day):
    @lineage_job
    def inside():
        return day
    return inside

class Callable:
    def __call__(self, day):
        return day

lambda_job = lineage_job("lambda")(lambda day: day)
callable_job = lineage_job("callable")(Callable())
partial_job = lineage_job("partial")(functools.partial(int, base=2))

with run("driver"):
    things = dict(
        plain=load, instance=Table().refresh, klass=Table.of, static=Table.check, table=Table(),
        with_callables=with_callables, generator=generator, coroutine=coroutine, lazy=lazy,
        async_generator=async_generator, inside=closure("monday"),
        lambda_job=lambda_job, callable_job=callable_job, partial_job=partial_job,
    )
    for used in ("before", "after"):
        with open(f"{{used}}.pickle", "wb") as file:
            library.dump((things, {{name: propagate(one) for name, one in things.items() if callable(one)}}), file)
        load("monday"), Table().refresh("monday"), list(generator("monday")), list(lazy("monday"))
"""

RECEIVER = """
import asyncio, sys
import {library} as library

async def drain(items):
    return [item async for item in items]

def ends(result):
    if hasattr(result, "__anext__"):
        return asyncio.run(drain(result))
    if hasattr(result, "__await__"):
        return asyncio.run(result)
    return list(result) if hasattr(result, "__next__") else result

with open(sys.argv[1], "rb") as file:
    things, carried = library.load(file)
assert things.pop("table").refresh("monday") == "monday"
for functions in (things, carried):
    for name, function in functions.items():
        argument = {{"inside": (), "partial_job": ("101",)}}.get(name, ("monday",))
        expected = {{"partial_job": 5, "lazy": ["monday"], "generator": ["monday"], "async_generator": ["monday"]}}
        assert ends(function(*argument)) == expected.get(name, "monday"), name
"""

JOBS = {
    "load",
    "Table.refresh",
    "Table.of",
    "Table.check",
    "with_callables",
    "generator",
    "coroutine",
    "lazy",
}
JOBS |= {"async_generator", "closure.inside"}


@pytest.mark.parametrize("used", ["before", "after"])
@pytest.mark.parametrize("where", ["script", "notebook"])
@pytest.mark.parametrize("library", ["cloudpickle", "dill"])
def test_every_shape_travels_by_value(tmp_path: Path, library: str, where: str, used: str) -> None:
    """Each shape is sent, before and after its first call, and emits in an interpreter that knows none of them."""
    here, there = Folder(tmp_path), Folder(tmp_path / "there")
    there.path.mkdir()
    program, module = write(here, SENDER.format(library=library), where)
    sent = here.run(program)
    assert sent.returncode == 0, sent.stderr
    done = there.run(RECEIVER.format(library=library), "other.py", str(tmp_path / f"{used}.pickle"))
    assert done.returncode == 0, done.stderr
    events = there.events()
    names = {f"{module}.{name}" for name in JOBS} | {"lambda", "callable", "partial"}
    assert {event["job"]["name"] for event in events} == names
    with_parent = [event for event in events if "parent" in event["run"]["facets"]]
    assert {event["job"]["name"] for event in with_parent} == names
    assert {event["run"]["facets"]["parent"]["root"]["job"]["name"] for event in with_parent} == {"driver"}
    assert len(events) == 2 + 2 * len(with_parent)  # the method of the travelled object is called once more
    read = [event["inputs"] for event in events if event["job"]["name"].endswith("callables")]
    assert [inputs[0]["namespace"] for inputs in read] == ["s3://raw"] * 4
