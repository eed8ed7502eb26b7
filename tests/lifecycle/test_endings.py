"""How a block ends and what event that gives (the endings table), in this process and in whole programs."""

from __future__ import annotations

import asyncio
import signal
import sys
import traceback
from typing import ClassVar

import pytest

from lineage_kit import current_run, lineage_job, run
from lineage_kit.lifecycle.recording.recorder import Recorder, abort_open_runs
from lineage_kit.testing import record_events


class Interrupt(BaseException):
    """A BaseException of the user's."""


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (SystemExit(), "COMPLETE", None),
        (SystemExit(0), "COMPLETE", None),
        (SystemExit(2), "FAIL", "SystemExit: 2"),
        (SystemExit("no input"), "FAIL", "SystemExit: no input"),
        (ValueError("bad"), "FAIL", "ValueError: bad"),
        (TimeoutError(), "FAIL", "TimeoutError"),
        (
            ExceptionGroup("many", [ValueError(), ExceptionGroup("in", [KeyError("x")])]),
            "FAIL",
            "[ValueError, KeyError]",
        ),
        (KeyboardInterrupt(), "ABORT", "KeyboardInterrupt"),
        (asyncio.CancelledError("enough"), "ABORT", "CancelledError: enough"),
        (Interrupt("now"), "ABORT", "Interrupt: now"),
        (BaseExceptionGroup("stop", [asyncio.CancelledError()]), "ABORT", "CancelledError"),
        (BaseExceptionGroup("mixed", [asyncio.CancelledError(), ValueError()]), "FAIL", "ValueError"),
    ],
)
def test_each_exception_gives_its_state(events, error, state, words):
    """The state follows from the exception; the exception that arrives is the one that was raised."""
    with pytest.raises(type(error)) as caught, run("ends"):
        raise error
    assert caught.value is error
    assert events.states == ["START ends", f"{state} ends"]
    if words:
        find = events.failed if state == "FAIL" else events.aborted
        find("ends").with_error(words)
    else:
        assert "errorMessage" not in events[1].run.facets


def test_error_names_the_language_and_shows_the_users_lines(events):
    """The facet carries message, language and a stack whose frames are the user's."""

    @lineage_job("broken")
    def broken() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError):
        broken()
    facet = events.failed("broken").facet("errorMessage")
    assert facet.programmingLanguage == "python"
    assert 'raise LookupError("nothing there")' in facet.stackTrace
    assert "lifecycle/wrappers" not in facet.stackTrace


def test_one_wrapper_frame_in_the_users_traceback():
    """A decorated call adds at most two frames to a traceback."""

    @lineage_job("broken")
    def broken() -> None:
        raise LookupError("nothing there")

    try:
        broken()
    except LookupError as error:
        frames = traceback.extract_tb(error.__traceback__)
    assert len(frames) <= 4


def test_exception_through_three_jobs_fails_three_runs(events):
    """Each run an exception crosses is a FAIL with the same message and an id of its own."""
    with pytest.raises(ValueError, match="deep"), run("a"), run("b"), run("c"):
        raise ValueError("deep")
    failed = [event for event in events if str(event.eventType) == "FAIL"]
    assert [event.job.name for event in failed] == ["c", "b", "a"]
    assert {event.run.facets["errorMessage"].message for event in failed} == {"ValueError: deep"}
    assert len({event.run.runId for event in failed}) == 3


def test_caught_inside_is_complete(events):
    """An exception that the job handles itself is no failure; nor one that ``finally`` swallows."""

    @lineage_job("swallows")
    def swallows() -> str:
        try:
            raise ValueError("x")
        finally:
            return "fine"  # noqa: B012 - what this test is about

    assert swallows() == "fine"
    assert events.states == ["START swallows", "COMPLETE swallows"]


def test_context_and_cause_are_untouched_and_shown(events):
    """Cause, notes and context are in the stack text; the exception keeps them as they were."""
    with pytest.raises(RuntimeError) as caught, run("chain"):
        try:
            raise KeyError("first")
        except KeyError as error:
            second = RuntimeError("second")
            second.add_note("look at the input")
            raise second from error
    stack = events.failed("chain").facet("errorMessage").stackTrace
    assert (
        stack.index("KeyError: 'first'") < stack.index("direct cause") < stack.index("RuntimeError: second")
    )
    assert "look at the input" in stack
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.__notes__ == ["look at the input"]
    assert not hasattr(caught.value, "run")


def test_transport_trouble_never_replaces_the_users_exception():
    """With a transport that fails too, the user's exception arrives with its context as it was."""
    from lineage_kit import Transport, configure

    class Broken(Transport):
        delivery = "direct"

        def send(self, envelope):
            raise OSError("wire cut")

    configure(transport=Broken())
    with pytest.raises(ValueError, match="mine") as caught, run("x"):
        raise ValueError("mine")
    assert caught.value.__context__ is None


@pytest.mark.parametrize("at", [0, 1])
def test_interrupt_during_emit_is_not_swallowed(at):
    """A KeyboardInterrupt that arrives inside our code reaches the user, and the run it strikes has ended."""
    from lineage_kit import Transport, configure

    class Interrupted(Transport):
        delivery = "direct"
        states: ClassVar[list[str]] = []

        def send(self, envelope):
            self.states.append(envelope.state)
            if len(self.states) == at + 1:
                raise KeyboardInterrupt

    configure(transport=Interrupted())
    with pytest.raises(KeyboardInterrupt), run("x"):
        pass
    assert [str(state) for state in Interrupted.states] == [
        ["START", "START", "ABORT"],  # whether it went out is not known: the same bytes once more
        ["START", "COMPLETE", "COMPLETE"],
    ][at]
    assert not current_run()
    with run("next") as following:
        assert following.parent is None


def test_one_end_that_cannot_be_told_keeps_no_other_back(monkeypatch):
    """Of several ends that are owed, each is tried by itself; what fails again is an end at exit."""
    with record_events() as events:
        real, failing = Recorder.tell, {"first", "second", "third"}

        def tell(self, state):
            if self.prepared.name in failing:
                raise RecursionError
            real(self, state)

        monkeypatch.setattr(Recorder, "tell", tell)
        for name in sorted(failing):
            with run(name):
                pass
        failing -= {"first", "third"}
        with run("last"):
            pass
        assert {line for line in events.states if "START" not in line} == {
            "COMPLETE last", "COMPLETE first", "COMPLETE third",
        }  # fmt: skip
        failing.clear()
        abort_open_runs("the process ended")
        assert events.states[-1] == "COMPLETE second"


SUSPENDED = """
    from lineage_kit import lineage_job, run

    @lineage_job("stream")
    def stream():
        yield 1
        yield 2

    items = stream()
    next(items)
    block = run("left open")
    block.__enter__()
    {ending}
"""


@pytest.mark.parametrize(("ending", "status"), [("pass", 0), ("raise SystemExit(3)", 3), ("1/0", 1)])
def test_runs_open_at_interpreter_exit_are_aborted(folder, ending, status):
    """What is still open when the interpreter ends gets one ABORT, and the exit status stays."""
    done = folder.run(SUSPENDED.format(ending=ending))
    assert done.returncode == status
    assert sorted(folder.states()) == ["ABORT left open", "ABORT stream", "START left open", "START stream"]


def test_exit_code_and_output_are_untouched(folder):
    """A failing program prints Python's traceback and exits as without us."""
    done = folder.run(
        """
        from lineage_kit import lineage_job

        @lineage_job
        def clean():
            raise ValueError("bad row")

        clean()
        """
    )
    assert done.returncode == 1
    assert done.stderr.rstrip().splitlines()[-1] == "ValueError: bad row"
    assert folder.states() == ["START etl.clean", "FAIL etl.clean"]


def test_interrupted_program_aborts_its_runs(folder):
    """Ctrl-C ends the runs it passes through as ABORT."""
    process = folder.start(
        """
        import time
        from lineage_kit import run

        with run("long"):
            print("ready", flush=True)
            time.sleep(60)  # sleep: interrupted at once
        """
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert folder.states() == ["START long", "ABORT long"]


@pytest.mark.skipif(sys.platform == "win32", reason="fork exists on POSIX only")
def test_forked_child_leaves_the_parents_block_without_an_event(folder):
    """A child that falls through its parent's block ends nothing; its own runs are the parent's children."""
    done = folder.run(
        """
        import os
        from lineage_kit import lineage_job, run

        @lineage_job("in child")
        def in_child(): ...

        with run("parent"):
            pid = os.fork()
            if pid == 0:
                in_child()
            else:
                os.waitpid(pid, 0)
        """
    )
    assert done.returncode == 0
    assert sorted(folder.states()) == [
        "COMPLETE in child",
        "COMPLETE parent",
        "START in child",
        "START parent",
    ]
    by_name = {event["job"]["name"]: event for event in folder.events()}
    assert by_name["in child"]["run"]["facets"]["parent"]["run"]["runId"] == by_name["parent"]["run"]["runId"]


def test_optimised_interpreter_emits_the_same(folder):
    """``python -OO`` changes nothing: no logic in asserts, no docstring needed."""
    source = """
        import sys
        from lineage_kit import lineage_job

        @lineage_job(inputs="a/b.csv")
        def clean():
            "Cleans."

        clean()
    """
    folder.run(source, PYTHONOPTIMIZE="2")
    assert folder.states() == ["START etl.clean", "COMPLETE etl.clean"]


def test_current_run_is_gone_after_every_end(events):
    """Whatever ended a block, nothing stays current."""
    for error in (None, ValueError("x"), KeyboardInterrupt()):
        try:
            with run("r"):
                if error is not None:
                    raise error
        except BaseException as caught:
            assert caught is error
        assert not current_run()
