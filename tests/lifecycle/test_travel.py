"""What is handed to threads and processes: propagated functions, and runs themselves."""

import asyncio
import copy
import functools
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from lineage_kit import ActiveRun, Job, attach, configure, current_run, lineage_job, propagate, run
from lineage_kit.errors import UsageError
from lineage_kit.testing import record_events

PARENT = "n/dag/01a2045d-80b1-7272-951b-472436b08284"


@pytest.fixture
def events():
    """Everything emitted."""
    with record_events() as recording:
        yield recording


@lineage_job
def child() -> None:
    """A job to be a child."""


@lineage_job
@functools.lru_cache
def remembered(value):
    """A job without a Python function of its own."""
    return value


class Loader:
    """Has a method that is called elsewhere."""

    def __init__(self, name: str) -> None:
        self.name = name

    def load(self, day: str) -> tuple[str, str, str]:
        """Name, day and the run that is current."""
        return self.name, day, current_run().id


def plain(day: str = "monday"):
    """The job that a run in here is a child of."""
    return parent_here()


def generate(day: str = "monday"):
    """The same, item by item."""
    yield parent_here()
    yield parent_here()


async def wait(day: str = "monday"):
    """The same, awaited."""
    await asyncio.sleep(0)
    return parent_here()


async def stream(day: str = "monday"):
    """The same, item by item, awaited."""
    yield parent_here()
    await asyncio.sleep(0)
    yield parent_here()


def parent_here():
    """The name of the job that a run opened now has as its parent, and of its root."""
    with run("probe") as probe:
        return probe.parent and (probe.parent.name, probe.root.name)


def found(function) -> list:
    """What `function` gives, in a context in which no run is current."""

    async def drain(items):
        return [item async for item in items]

    def ended():
        result = function("tuesday")
        if inspect.isasyncgen(result):
            return asyncio.run(drain(result))
        if inspect.iscoroutine(result):
            return [asyncio.run(result)]
        return list(result) if inspect.isgenerator(result) else [result]

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ended).result()
        assert pool.submit(parent_here).result() is None  # nothing stays behind
    return first


JOURNEYS = {
    "here": lambda thing: thing,
    "pickled": lambda thing: pickle.loads(pickle.dumps(thing)),
    "pickled-twice": lambda thing: pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(thing)))),
    "copied": copy.copy,
    "copied-deeply": copy.deepcopy,
}
journeys = pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)


@journeys
@pytest.mark.parametrize("function", [plain, generate, wait, stream], ids=lambda one: one.__name__)
def test_propagate_carries_the_parent_and_its_root(events, function, journey):
    """Each kind of function runs with the run around `propagate` as parent, wherever it is called."""
    with run("top"), run("mid"):
        carried = propagate(function)
    assert set(found(journey(carried))) == {("mid", "top")}


@journeys
@pytest.mark.parametrize("function", [plain, generate, wait, stream], ids=lambda one: one.__name__)
def test_propagate_keeps_what_a_function_shows(function, journey):
    """Kind, name, signature, docstring, annotations and module are those of the function."""
    carried = journey(propagate(function))
    kinds = (
        inspect.isfunction,
        inspect.isgeneratorfunction,
        inspect.iscoroutinefunction,
        inspect.isasyncgenfunction,
    )
    assert [kind(carried) for kind in kinds] == [kind(function) for kind in kinds]
    assert inspect.signature(carried) == inspect.signature(function)
    shown = ("__name__", "__qualname__", "__doc__", "__module__", "__annotations__")
    assert [getattr(carried, name) for name in shown] == [getattr(function, name) for name in shown]


def test_propagate_again_counts(events):
    """A function that was propagated before, here or where it came from, takes the run that is current now."""
    with run("first"):
        first = propagate(plain)
    with run("second"):
        for before in (first, pickle.loads(pickle.dumps(first)), propagate(first)):
            assert found(propagate(before)) == [("second", "second")]
    assert found(first) == [("first", "first")]
    assert found(propagate(first)) == [None]


def test_propagate_takes_methods_and_partials(events):
    """What is bound travels with what it is bound to."""
    with run("top") as top:
        method, part = propagate(Loader("orders").load), propagate(functools.partial(plain, "monday"))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(method, "monday").result() == ("orders", "monday", top.id)
    assert pickle.loads(pickle.dumps(method))("monday")[:2] == ("orders", "monday")
    assert pickle.loads(pickle.dumps(part))() == ("top", "top")


def test_propagate_of_a_job(events):
    """A decorated function that travels is a run of its own under the run that sent it."""
    with run("top"):
        carried = pickle.loads(pickle.dumps(propagate(child)))
    carried()
    events.completed(f"{__name__}.child").under("top")


def test_propagate_outside_every_run_carries_what_the_environment_says(events, monkeypatch):
    """A worker on another machine has not this one's variables: the parent that they name travels too."""
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", PARENT)
    sent = pickle.dumps(propagate(plain))
    monkeypatch.delenv("OPENLINEAGE_PARENT_ID")
    assert found(pickle.loads(sent)) == [("dag", "dag")]


def test_propagate_when_lineage_is_off(monkeypatch):
    """Without lineage the function is called all the same, also after a journey."""
    configure(enabled=False)
    with run("top"):
        carried = propagate(plain)
    assert found(carried) == found(pickle.loads(pickle.dumps(carried))) == [None]


def test_propagate_changes_neither_errors_nor_results(events):
    """What the function raises is what the caller gets."""
    failure = ValueError("bad day")

    def fail():
        raise failure

    with pytest.raises(ValueError, match="bad day") as caught:
        propagate(fail)()
    assert caught.value is failure


@pytest.mark.parametrize("thing", [None, 42, "load"])
def test_propagate_of_no_function_is_an_error_where_it_is_written(thing):
    """Whoever calls the function too early learns it at once."""
    with pytest.raises(UsageError, match="still to be called, not"):
        propagate(thing)


@dataclass
class Task:
    """Something of the user's that holds a run."""

    run: ActiveRun


def sent(active: ActiveRun) -> ActiveRun:
    """The run as another process has it."""
    data = pickle.dumps(Task(active))
    active.complete()  # an open run is found again where it is open
    return pickle.loads(data).run


def test_a_run_that_was_pickled_keeps_its_identity(events):
    """In another process a run has its id, job, parent and root, and the state in which it left."""
    with run("top"), run("mid") as mid:
        facts = (mid.id, mid.job, mid.parent, mid.root, mid.state, mid.env(), str(mid), bool(mid))
        away = sent(mid)
    assert (away.id, away.job, away.parent, away.root, away.state, away.env(), str(away), bool(away)) == facts


def test_a_run_that_was_pickled_is_a_parent(events):
    """It is given as a parent or attached like the run itself."""
    with run("top"), run("mid") as mid:
        away = sent(mid)
    with attach(away.env()):
        assert parent_here() == ("mid", "top")
    with run("x", parent=away) as one:
        assert one.parent.name == "mid"


def test_a_run_that_was_pickled_takes_nothing_and_says_so_once(events, caplog):
    """What is added to it in another process is left out with one warning, and it sends no event."""
    with run("mid") as mid:
        away = sent(mid)
    count = len(events)
    assert away.add_output("s3://raw/orders") == "s3://raw/orders"
    away.add_input("s3://raw/orders")
    away.fail("no")
    away.heartbeat()
    away.run_tag("a")
    assert len(events) == count
    [said] = [record.getMessage() for record in caplog.records if "another process" in record.getMessage()]
    assert said.startswith("a dataset was added to a run of mid in another process")


def test_an_open_run_that_comes_back_is_itself(events):
    """Pickled and read in the process where it is open, copied or deep-copied, a run still takes what is added."""
    with run("mid") as mid:
        for number, again in enumerate(
            (pickle.loads(pickle.dumps(mid)), copy.copy(mid), copy.deepcopy(Task(mid)).run)
        ):
            again.add_output(f"s3://raw/{number}")
    assert [output.namespace for output in events[-1].outputs] == ["s3://raw"] * 3


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
def test_runs_that_are_none_travel(journey):
    """Outside every run, and when lineage is off, what stands for a run keeps its truth and its id."""
    nothing = current_run()
    assert not journey(nothing)
    configure(enabled=False)
    with run("off") as off:
        away = journey(off)
    assert away
    assert (away.id, away.job, away.env()) == (off.id, Job("default", "off"), {})


@journeys
def test_what_run_describes_travels(events, journey):
    """A block that was described here runs there, with the parent that is current there or the one it was given."""
    with run("given") as given:
        pass
    blocks = [run("a"), run("b", parent=None), run("c", parent=given)]
    with run("top"):
        for block in blocks:
            with journey(block):
                pass
    parents = {name: events.started(name).event.run.facets.get("parent") for name in "abc"}
    assert (parents["a"].job.name, parents["b"], parents["c"].job.name) == ("top", None, "given")


@journeys
def test_what_only_a_name_leads_to_travels_by_that_name(events, journey):
    """A job over `lru_cache` pickles by reference, as the cache does."""
    assert journey(remembered)("x") == "x"
    assert pickle.loads(pickle.dumps(remembered)) is remembered
    assert events.completed(f"{__name__}.remembered")


def test_what_a_task_does_after_its_run_ended_still_belongs_to_that_run(events):
    """A task that outlives the run it was started in gives it as parent to one run after the other."""

    async def late(gate):
        await gate.wait()
        return [parent_here(), parent_here()]

    async def main():
        gate = asyncio.Event()
        with run("top"):
            task = asyncio.create_task(late(gate))
        gate.set()
        return await task, parent_here()

    assert asyncio.run(main()) == ([("top", "top")] * 2, None)
