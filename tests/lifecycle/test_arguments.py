"""Arguments of any kind: the call gives the same, nothing of them is changed, consumed or computed."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from unittest.mock import MagicMock

import pytest

from lineage_kit import current_run, lineage_job, run
from lineage_kit.testing import record_events
from tests.support.judge import event_breaches
from tests.support.shared import SPEC
from tests.support.strangers import STRANGERS, Counted, hostile, lazy

BOTH = ["START", "COMPLETE"]
FAR = {  # how an argument is looked at; the first parameter is the argument
    "text of a template": lineage_job("job", inputs="s3://raw/{x}/a.csv", capture_args=False),
    "whole template": lineage_job("job", inputs="{x}", outputs="{x}", capture_args=False),
    "attributes and items": lineage_job("job", inputs=["s3://raw/{x.a}/b.csv", "s3://raw/{x[0]}/b.csv"]),
    "name": lineage_job("job.{x}", capture_args=False),
    "shown": lineage_job("job", capture_args=True),
    "nominal time": lineage_job("job", nominal_time="{x}", capture_args=False),
    "callable": lineage_job("job", inputs=lambda args: args.x, outputs=lambda args, result: [args["x"]]),
    "result": lineage_job("job", outputs="{return}"),
}
NEAR = {  # how a value is given to an open run
    "input": lambda r, x: r.add_input(x),
    "data": lambda r, x: r.add_output("s3://lake/a", data=x),
    "counts": lambda r, x: r.add_output("s3://lake/a", rows=x, bytes=x),
    "facets of a dataset": lambda r, x: r.add_output("s3://lake/a", facets=x),
    "value of a facet": lambda r, x: r.add_run_facet({"value": x}, "mine"),
    "facet": lambda r, x: r.add_job_facet(x),
    "key of a facet": lambda r, x: r.add_run_facet({"value": 1}, x),
    "tag": lambda r, x: r.run_tag("key", x),
    "key of a tag": lambda r, x: r.run_tag(x, "value"),
    "end": lambda r, x: r.fail(x),
    "reason": lambda r, x: r.abort(x),
}
SETTINGS = ("namespace", "inputs", "outputs", "nominal_time", "run_id", "parent", "facets")


@pytest.fixture
def events():
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


@pytest.fixture(params=STRANGERS)
def stranger(request):
    """One object of each kind."""
    made = STRANGERS[request.param]()
    kept = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)  # a program may allow numbers of any length
    yield made
    sys.set_int_max_str_digits(kept)
    if request.param == "file":
        assert made.tell() == 0
        made.close()
    if request.param in ("generator", "iterator"):
        assert next(made) in (0, 1)
    if request.param == "lazy":
        assert made.asked["iter"] == made.asked["len"] == made.asked["bool"] == made.asked["array"] == 0


def judge(events) -> None:
    """Every event is short and valid."""
    for body in events.bodies:
        assert len(body) < 100_000
        if SPEC.is_dir():
            assert not event_breaches(json.loads(body))


@pytest.mark.parametrize("way", FAR)
def test_arguments_of_any_kind(events, stranger, way):
    """Whatever is passed, the function gets that very object, once, and the run has its two events."""
    given = []

    def job(x):
        given.append(x)
        return 7 if way != "result" else [x]

    result = FAR[way](job)(stranger)
    same = given[0] is stranger and (result[0] is stranger if way == "result" else result == 7)
    assert same, way  # a failure must not show the object
    if issubclass(type(stranger), MagicMock) and way != "attributes and items":
        assert stranger.mock_calls == []
    assert [line.split()[0] for line in events.states] == BOTH
    judge(events)


@pytest.mark.parametrize("way", NEAR)
def test_values_of_any_kind(events, stranger, way):
    """Whatever a run is told, nothing raises and the run ends as it should."""
    with run("job") as r:
        NEAR[way](r, stranger)
    end = {"end": "FAIL", "reason": "ABORT"}.get(way, "COMPLETE")
    assert events.states == ["START job", f"{end} job"]
    judge(events)


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_of_any_kind(events, stranger, setting):
    """A setting of a block that cannot be used costs that setting."""
    with run("job", **{setting: stranger}):
        assert current_run()
    assert events.states == ["START job", "COMPLETE job"]
    judge(events)


def test_names_of_any_kind(events, stranger):
    """A name that cannot be one costs the name."""
    with run(stranger):
        pass
    assert [line.split()[0] for line in events.states] == BOTH
    judge(events)


class Slow(Counted):
    """Takes its time for every text."""

    def __format__(self, spec):
        import time

        self.asked["format"] += 1
        time.sleep(0.02)  # sleep: slow object
        return "late"

    def __str__(self):
        return self.__format__("")

    __repr__ = __str__


def test_a_type_that_is_slow_once_is_not_asked_again(events):
    """A text that took over 5 ms is taken the first time; later values of its type cost a name, dataset or tag."""

    class Mine(Slow):
        pass

    job = lineage_job("job", inputs="s3://raw/{x}/a.csv", capture_args=True)(
        lambda x: current_run().run_tag("x", x)
    )
    values = [Mine() for _ in range(5)]
    for value in values:
        job(value)
    assert [value.asked["format"] for value in values] == [1, 0, 0, 0, 0]
    assert [len(event.inputs) for event in events if event.eventType == "COMPLETE"] == [1, 0, 0, 0, 0]


def test_properties_are_asked_only_where_a_template_names_them(events):
    """A property that would open a connection is not touched unless it is named, and then as often as it is named."""
    asked = []

    class Config:
        @property
        def table(self):
            asked.append("table")
            return "orders"

        @property
        def connection(self):
            asked.append("connection")
            raise RuntimeError("no server")

    lineage_job("job", inputs="s3://raw/{x.table}.csv", capture_args=True)(lambda x: None)(Config())
    assert asked == ["table"]
    events.completed("job").read("s3://raw/orders.csv")


def test_looking_at_an_item_makes_none(events):
    """A defaultdict that is looked at keeps its keys."""
    from collections import defaultdict

    values = defaultdict(list, a=["x"])
    lineage_job("job", inputs=["s3://raw/{x[3]}/a.csv", "s3://raw/{x[b]}/a.csv"])(lambda x: None)(values)
    assert dict(values) == {"a": ["x"]}


def test_awaitables_stay_awaitable(events):
    """A coroutine or an object with ``close`` that is an argument is neither closed nor awaited."""
    closed = []

    class Session:
        def __await__(self):
            yield

        def close(self):
            closed.append(1)

    async def work():
        return 3

    coroutine = work()
    job = lineage_job("job", inputs=["{x}", lambda args: args.x])(lambda x: None)
    job(coroutine)
    job(Session())
    with pytest.raises(StopIteration, match="3"):
        coroutine.send(None)
    assert closed == []


def test_what_is_destroyed_inside_is_destroyed_there(events):
    """A value that only the call holds is gone when the call is over."""
    import weakref

    class Data:
        pass

    kept = []
    job = lineage_job("job.{name}", inputs="{x.path}", capture_args=True)(
        lambda x, name: kept.append(weakref.ref(x))
    )
    job(Data(), "a")
    gc.collect()
    assert kept[0]() is None


def test_thousands_of_calls_leave_memory_flat(events):
    """Ever new arguments in names, datasets and parameters keep nothing behind."""

    @lineage_job("job.{n}", inputs="s3://raw/{n}/a.csv", capture_args=True)
    def job(n, data):
        current_run().add_output(f"s3://lake/{n}/b.csv", data)

    def calls(start, count):
        for n in range(start, start + count):
            job(n, lazy() if n % 10 == 0 else object())
            events.clear()
        gc.collect()
        return len(gc.get_objects()), tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        objects, size = calls(0, 1500)  # until what is remembered of names is full
        more_objects, more_size = calls(1500, 3000)
    finally:
        tracemalloc.stop()
    assert more_objects - objects < 100
    assert more_size - size < 150_000


def test_the_stranger_refuses():
    """The hostile object is what it says."""
    with pytest.raises(RuntimeError):
        str(hostile(RuntimeError))
