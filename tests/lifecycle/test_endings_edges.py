"""Odd ends and odd surroundings: what else a run meets between its START and its end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import random
import sys

import pytest

from lineage_kit import ActiveRun, Transport, configure, current_run, lineage_job, run
from tests.support.servers import HttpServer


def test_a_stand_in_for_a_block_gives_the_same_kind_of_run(events):
    """``nullcontext(current_run())`` in place of a block: whatever is asked of its value is answered."""
    for block in (run("real"), contextlib.nullcontext(current_run())):
        with block as r:
            assert isinstance(r, ActiveRun)
            assert r.add_output("a/b.csv", rows=1) == "a/b.csv"
            r.run_tag("a", "b")
            r.heartbeat()
            r.complete()
    assert events.states == ["START real", "RUNNING real", "COMPLETE real"]


def test_async_exit_stack(events):
    """Blocks on an AsyncExitStack end in turn, with what ended the stack."""

    async def main() -> None:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(run("outer"))
            stack.enter_context(run("inner"))
            raise LookupError("gone")

    with pytest.raises(LookupError):
        asyncio.run(main())
    assert events.states == ["START outer", "START inner", "FAIL inner", "FAIL outer"]


def test_blocks_are_values():
    """A block is equal to itself only, can be a key, prints as one short line, and fits into a dataclass."""

    @dataclasses.dataclass
    class Step:
        block: object

    first, second = run("same"), run("same")
    assert {first: "known"}[first] == "known"
    assert first != second
    assert len({first, second}) == 2
    assert repr(Step(first)) == repr(Step(second))
    assert "\n" not in repr(first)
    assert len(repr(first)) < 40


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration, GeneratorExit])
def test_what_ends_iteration_leaves_a_plain_function_as_it_is(events, kind):
    """A plain function may raise what generators may not: the caller gets that very object."""
    error = kind("mine")

    @lineage_job("plain")
    def plain() -> None:
        raise error

    with pytest.raises(kind) as caught:
        plain()
    assert caught.value is error
    assert events.states[1] == ("ABORT plain" if kind is GeneratorExit else "FAIL plain")


def test_from_none_hides_what_came_before(events):
    """``raise … from None`` is shown without the exception that it replaces."""
    with pytest.raises(RuntimeError), run("hides"):
        try:
            raise KeyError("inner secret")
        except KeyError:
            raise RuntimeError("outer") from None
    assert "inner secret" not in events.failed("hides").facet("errorMessage").stackTrace


def test_the_innermost_stack_has_the_line_that_raised(events):
    """Of three nested runs each shows the line, and none shows a frame of ours."""

    @lineage_job("inner")
    def inner() -> None:
        raise ValueError("deep")

    with pytest.raises(ValueError, match="deep"), run("outer"):
        lineage_job("middle")(inner)()
    for name in ("middle", "outer"):
        stack = events.failed(name).facet("errorMessage").stackTrace
        assert 'raise ValueError("deep")' in stack
        assert "lineage_kit/lifecycle" not in stack


def test_secrets_are_masked_in_message_and_stack(events):
    """Passwords in an exception's text and in its causes stay in the process; the user's exception keeps them."""
    with pytest.raises(RuntimeError, match="hunter2") as caught, run("leaks"):
        try:
            raise ConnectionError("postgresql://etl:hunter2@db:5432/shop refused")
        except ConnectionError as error:
            raise RuntimeError("password=hunter2 is wrong") from error
    assert "hunter2" in str(caught.value.__cause__)
    assert b"hunter2" not in b"".join(events.bodies)
    assert "db:5432" in events.failed("leaks").facet("errorMessage").stackTrace


def test_a_replaced_excepthook_gets_the_exception(folder):
    """`sys.excepthook` is called once with the user's exception, whose innermost frame is the user's."""
    done = folder.run(
        """
        import sys, traceback
        from lineage_kit import lineage_job

        def hook(kind, error, tb):
            print(kind.__name__, error, traceback.extract_tb(tb)[-1].line)

        sys.excepthook = hook

        @lineage_job
        def clean():
            raise ValueError("bad row")

        clean()
        """
    )
    assert (done.returncode, done.stdout) == (1, 'ValueError bad row raise ValueError("bad row")\n')
    assert folder.states() == ["START etl.clean", "FAIL etl.clean"]


@pytest.mark.parametrize(
    ("inside", "states"), [(True, ["START leaves"]), (False, ["START leaves", "COMPLETE leaves"])]
)
def test_os_exit_in_or_after_a_run(folder, inside, states):
    """`os._exit` is not held up; what was handed over before is there."""
    done = folder.run(
        f"""
        import os
        from lineage_kit import run

        with run("leaves"):
            if {inside}:
                os._exit(5)
        os._exit(5)
        """
    )
    assert done.returncode == 5
    assert folder.states() == states


@pytest.mark.parametrize("target", ["log", "backend"])
def test_runs_of_daemon_threads_are_aborted_at_exit(folder, target):
    """A daemon thread that is still at work when the program ends: its run is an ABORT, and nothing is printed."""
    program = """
        import threading, time
        from lineage_kit import lineage_job, run

        started = threading.Event()

        def work():
            with run("in a daemon"):
                started.set()
                time.sleep(60)  # sleep: longer than the program

        @lineage_job("suspended")
        def items():
            yield 1

        threading.Thread(target=work, daemon=True).start()
        started.wait()
        left = items()
        next(left)
    """
    with HttpServer() as server:
        where = {"OPENLINEAGE_URL": server.url} if target == "backend" else {"OPENLINEAGE__NOTICE": "never"}
        done = folder.run(program, **where)
        sent = server.requests()
    assert (done.returncode, done.stderr) == (0, "")
    if target == "log":
        assert sorted(folder.states()) == [
            "ABORT in a daemon", "ABORT suspended", "START in a daemon", "START suspended",
        ]  # fmt: skip
    else:
        assert len(sent) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="fork exists on POSIX only")
def test_a_child_of_multiprocessing_aborts_what_it_leaves_open(folder):
    """Such a child ends without `atexit`: a generator that it leaves suspended is an ABORT all the same."""
    done = folder.run(
        """
        import multiprocessing
        from lineage_kit import lineage_job, run

        kept = []

        @lineage_job("stream")
        def stream():
            yield 1

        def work():
            kept.append(stream())
            next(kept[0])

        if __name__ == "__main__":
            with run("parent"):
                child = multiprocessing.get_context("fork").Process(target=work)
                child.start()
                child.join()
        """
    )
    assert done.returncode == 0
    assert sorted(folder.states()) == ["ABORT stream", "COMPLETE parent", "START parent", "START stream"]


def test_ids_do_not_depend_on_the_random_generator(events):
    """Seeding `random` before each run gives no two runs the same id, and takes nothing from it."""
    drawn = set()
    for _ in range(100):
        random.seed(0)
        with run("seeded"):
            pass
        drawn.add(random.random())
    assert len({event.run.runId for event in events}) == 100
    assert len(drawn) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="fork exists on POSIX only")
def test_ids_differ_in_forked_children(folder):
    """Children that were forked at the same time, with the same seed, have ids of their own."""
    done = folder.run(
        """
        import os, random
        from lineage_kit import run

        with run("parent"):
            random.seed(0)
            children = []
            for _ in range(5):
                children.append(os.fork())
                if children[-1] == 0:
                    with run("child"):
                        pass
                    os._exit(0)
            for child in children:
                os.waitpid(child, 0)
        """
    )
    assert done.returncode == 0
    assert len({event["run"]["runId"] for event in folder.events()}) == 6


def test_nothing_that_delivers_opens_a_run():
    """A job that a transport or a logging handler calls while an event is sent is a plain function: no run of it."""
    sent = []

    @lineage_job("helper")
    def helper() -> None: ...

    class Handler(logging.Handler):
        @lineage_job("handler")
        def emit(self, record: logging.LogRecord) -> None:
            helper()

    class Wire(Transport):
        delivery = "direct"

        def send(self, envelope):
            sent.append(envelope.key)
            helper()
            logging.getLogger("wire").warning("sent")

    handler = Handler()
    logging.getLogger("wire").addHandler(handler)
    try:
        configure(transport=Wire())
        with run("outer"):
            pass
        assert sent == ["run:default/outer"] * 2
        logging.getLogger("wire").warning("by hand")
    finally:
        logging.getLogger("wire").removeHandler(handler)
    assert sent[2:] == ["run:default/handler"] * 4  # itself and the helper, which is its child
