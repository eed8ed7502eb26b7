"""Generators: the run lasts from the first step to the end, and is current only while the body runs."""

from __future__ import annotations

import gc
import itertools
import threading
import weakref

import pytest

from lineage_kit import current_run, lineage_job, run
from tests.support.scripts import Folder


@lineage_job("count")
def count(limit: int):
    """Yields numbers, adding an input at each."""
    for number in range(limit):
        current_run().add_input(f"raw/{number}.csv")
        yield number
    return "all"


def test_never_iterated_is_no_run(events):
    """Calling a generator function emits nothing."""
    count(3)
    assert len(events) == 0


def test_start_at_first_next_and_complete_at_the_end(events):
    """START comes with the first item, COMPLETE with exhaustion; the return value passes."""
    numbers = count(2)
    assert next(numbers) == 0
    assert events.states == ["START count"]
    assert next(numbers) == 1
    with pytest.raises(StopIteration) as stop:
        next(numbers)
    assert stop.value.value == "all"
    assert events.states == ["START count", "COMPLETE count"]
    events.completed("count").read("raw/0.csv", "raw/1.csv")


def test_return_value_through_yield_from(events):
    """``yield from`` delivers the items and the return value."""

    def outer():
        return (yield from count(3))

    generator = outer()
    assert list(itertools.islice(generator, 3)) == [0, 1, 2]
    with pytest.raises(StopIteration, match="all"):
        next(generator)


@pytest.mark.parametrize(
    "stop",
    [lambda g: g.close(), lambda g: list(itertools.islice(g, 1)), lambda g: list(zip(g, "a", strict=False))],
)
def test_closed_early_is_complete_and_says_so(events, stop):
    """A consumer that stops early leaves a COMPLETE with the tag exhausted=false."""
    numbers = count(5)
    next(numbers)
    stop(numbers)
    del numbers
    events.completed("count").with_tag("exhausted", "false")


def test_users_finally_runs_at_close(events):
    """Closing runs the body's cleanup, inside the run."""
    seen = []

    @lineage_job("g")
    def g():
        try:
            yield 1
        finally:
            seen.append(bool(current_run()))

    generator = g()
    next(generator)
    generator.close()
    assert seen == [True]


def test_exception_in_the_body_is_fail_and_the_same_object(events):
    """The consumer sees the exception the body raised."""
    error = ValueError("third")

    @lineage_job("g")
    def g():
        yield 1
        yield 2
        raise error

    generator = g()
    assert [next(generator), next(generator)] == [1, 2]
    with pytest.raises(ValueError, match="third") as caught:
        next(generator)
    assert caught.value is error
    events.failed("g").with_error("ValueError: third")


def test_send_and_throw_reach_the_body(events):
    """Values sent in arrive; an exception thrown in can be caught there."""

    @lineage_job("g")
    def g():
        got = []
        while len(got) < 3:
            try:
                got.append((yield len(got)))
            except KeyError:
                got.append("caught")
        return got

    generator = g()
    next(generator)
    generator.send("a")
    generator.throw(KeyError("x"))
    with pytest.raises(StopIteration) as stop:
        generator.send("b")
    assert stop.value.value == ["a", "caught", "b"]
    assert events.states == ["START g", "COMPLETE g"]


def test_uncaught_throw_is_fail(events):
    """An exception thrown in and not caught ends the run as FAIL."""
    generator = count(3)
    next(generator)
    with pytest.raises(RuntimeError, match="stop it"):
        generator.throw(RuntimeError("stop it"))
    events.failed("count").with_error("stop it")


def test_not_current_in_the_consumer(events):
    """Between steps the consumer's own run is current, or none."""
    numbers = count(2)
    next(numbers)
    assert not current_run()
    with run("consumer") as consumer:
        next(numbers)
        assert current_run().id == consumer.id


def test_interleaved_generators_keep_their_children(events):
    """Two decorated generators stepped in turn: children land under the right one."""

    @lineage_job("child")
    def child() -> None: ...

    def make(name):
        @lineage_job(name)
        def g():
            for _ in range(2):
                child()
                yield

        return g()

    for _ in zip(make("a"), make("b"), strict=True):
        pass
    parents = [
        event.run.facets["parent"].job.name
        for event in events
        if str(event.eventType) == "START" and event.job.name == "child"
    ]
    assert parents == ["a", "b", "a", "b"]


def test_a_block_opened_in_the_body_survives_its_yields(events):
    """A ``with run()`` around a yield is current in the body again after it, and never in the consumer."""

    @lineage_job("g")
    def g():
        with run("inner") as inner:
            yield
            assert current_run().id == inner.id
            yield
        assert current_run().job.name == "g"

    for _ in g():
        assert not current_run()
    assert events.states == ["START g", "START inner", "COMPLETE inner", "COMPLETE g"]


def test_stepped_from_different_threads_is_one_run(events):
    """Each step may come from another thread."""
    numbers = count(3)
    got: list[int] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: got.append(next(numbers)))
        thread.start()
        thread.join()
    numbers.close()
    assert got == [0, 1, 2]
    assert events.states == ["START count", "COMPLETE count"]


def test_plain_function_returning_a_generator(events):
    """The run ends when the returned generator ends."""

    @lineage_job("made")
    def make():
        return (number for number in range(2))

    generator = make()
    assert not current_run()
    assert events.states == ["START made"]
    assert list(generator) == [0, 1]
    assert events.states == ["START made", "COMPLETE made"]


def test_returned_generator_that_is_dropped_ends_its_run(events):
    """A lazy result nobody starts is no run left open."""

    @lineage_job("made")
    def make():
        return (number for number in range(2))

    make()
    events.completed("made").with_tag("exhausted", "false")


def test_a_returned_generator_that_knows_its_owner_is_collected(events):
    """A cycle of object, generator and run is no leak: dropped half way, the run ends with the object."""

    class Owner:
        def items(self):
            yield self

        @lineage_job("owned")
        def open(self):
            self.kept = self.items()
            return self.kept

    owner = Owner()
    owner.opened = owner.open()
    next(owner.opened)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
    events.completed("owned").with_tag("exhausted", "false")


def test_generator_that_ignores_close_raises_as_without_us(events):
    """Yielding in answer to close is Python's RuntimeError."""

    @lineage_job("g")
    def g():
        try:
            yield 1
        except GeneratorExit:
            yield 2

    generator = g()
    next(generator)
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        generator.close()


def test_closed_in_another_thread_than_it_started(events):
    """A generator that another thread closes is one run, and leaves nothing current in either."""
    numbers = count(3)
    with run("here"):
        next(numbers)
    seen: list[bool] = []

    def close() -> None:
        numbers.close()
        seen.append(bool(current_run()))

    thread = threading.Thread(target=close)
    thread.start()
    thread.join()
    assert seen == [False] and not current_run()
    events.completed("count").with_tag("exhausted", "false").under("here")


def test_endless_and_open_at_exit(tmp_path):
    """A generator without an end that is left suspended has one end when the interpreter leaves."""
    program = """
        import itertools
        from lineage_kit import lineage_job
        @lineage_job("endless")
        def endless():
            yield from itertools.count()
        kept = endless()
        next(kept), next(kept)
    """
    folder = Folder(tmp_path)
    done = folder.run(program, OPENLINEAGE__TRANSPORT__TYPE="local")
    assert (done.returncode, done.stderr) == (0, "")
    start, end = folder.states()
    assert start == "START endless" and end in ("ABORT endless", "COMPLETE endless")
