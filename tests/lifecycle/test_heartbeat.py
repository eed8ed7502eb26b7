"""`heartbeat: 60`: RUNNING for runs that stay open, never after their end, from one thread that comes and goes."""

from __future__ import annotations

import json
import os
import sys
import threading

import pytest

from lineage_kit import Transport, configure, lineage_job, run
from lineage_kit.lifecycle.pace import heartbeat


class Wire(Transport):
    """Keeps events in the order in which they came; `gate` holds RUNNING up while it is not set."""

    delivery = "direct"

    def __init__(self) -> None:
        self.came = threading.Condition()
        self.events: list[dict] = []
        self.gate = threading.Event()
        self.gate.set()
        self.held = threading.Event()

    def send(self, envelope):
        """Take one event."""
        if envelope.state == "RUNNING" and not self.gate.is_set():
            self.held.set()
            self.gate.wait(30)
        with self.came:
            self.events.append(json.loads(envelope.body))
            self.came.notify_all()

    def states(self, name: str) -> list[str]:
        """The states of one job's runs."""
        return [event["eventType"] for event in self.events if event["job"]["name"] == name]

    def wait_for(self, name: str, state: str, times: int = 1) -> None:
        """Wait until a job has come in a state so often."""
        with self.came:
            assert self.came.wait_for(lambda: self.states(name).count(state) >= times, 30)


@pytest.fixture
def wire():
    """A wire, and a heart that beats every twentieth of a second."""
    wire = Wire()
    configure(transport=wire, config={"heartbeat": 0.05})
    yield wire
    wire.gate.set()


def test_open_runs_send_running_again_and_again(wire):
    """RUNNING comes by itself while the run is open, each with what is known by then."""
    with run("long") as r:
        wire.wait_for("long", "RUNNING", 2)
        r.add_input("raw/a.csv")
        known = wire.states("long").count("RUNNING")
        wire.wait_for("long", "RUNNING", known + 2)
        assert str(r.state) == "RUNNING"
    assert wire.states("long")[0] == "START"
    assert wire.states("long")[-1] == "COMPLETE"
    assert len(wire.events[1]["inputs"]) == 0
    assert len(wire.events[-2]["inputs"]) == 1
    times = [event["eventTime"] for event in wire.events]
    assert times == sorted(times)


def test_suspended_generators_are_open_runs_too(wire):
    """Between two steps a generator's run goes on, and so does its heartbeat."""

    @lineage_job("stream")
    def stream():
        yield 1

    items = stream()
    next(items)
    wire.wait_for("stream", "RUNNING")
    items.close()
    assert wire.states("stream")[-1] == "COMPLETE"


def test_nothing_comes_after_the_end(wire, monkeypatch):
    """However runs end and begin under a heart that races, the end of each is its last event."""
    monkeypatch.setattr(heartbeat, "TOGETHER", 0.0)
    configure(transport=wire, config={"heartbeat": 0.0001})

    def work() -> None:
        for number in range(300):
            with run("raced") as r:
                r.run_tag("number", str(number))
                r.add_input(f"raw/{number}.csv")

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with run("after"):
        wire.wait_for("after", "RUNNING", 3)
    runs: dict[str, list[str]] = {}
    for event in wire.events:
        runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert len(runs) == 901
    for states in runs.values():
        assert (states[0], states[-1]) == ("START", "COMPLETE")
        assert set(states[1:-1]) <= {"RUNNING"}
    assert any(len(states) > 2 for states in runs.values())


def test_the_end_of_a_run_does_not_wait_for_its_heartbeat(wire):
    """While a RUNNING is held up, the run ends all the same; the end is told right after it."""
    wire.gate.clear()
    with run("held"):
        assert wire.held.wait(30)
    assert wire.states("held") == ["START"]
    wire.gate.set()
    wire.wait_for("held", "COMPLETE")
    assert wire.states("held") == ["START", "RUNNING", "COMPLETE"]


def test_a_heartbeat_that_fails_is_counted_and_the_next_one_comes(wire, monkeypatch):
    """Trouble costs one RUNNING, not the heart."""
    from lineage_kit import status
    from lineage_kit.lifecycle.recording.recorder import Recorder

    real, failed = Recorder.beat, threading.Event()

    def beat(self):
        if not failed.is_set():
            failed.set()
            raise RuntimeError
        real(self)

    monkeypatch.setattr(Recorder, "beat", beat)
    with run("shaky"):
        wire.wait_for("shaky", "RUNNING")
    assert status()["problems"]["heartbeat"] == 1


THREADS = """
    import sys, time
    from lineage_kit import configure, run
    from lineage_kit.lifecycle.pace import heartbeat

    heartbeat.REST = 0.1
    configure(transport={{"type": "console"}}, config={config})
    before = len(sys._current_frames())
    with run("one"):
        while {wait} and len(sys._current_frames()) < 2:
            time.sleep(0.01)  # sleep: until the thread runs
        within = len(sys._current_frames())
    while len(sys._current_frames()) > 1:
        time.sleep(0.01)  # sleep: until the thread has gone
    print(before, within, len(sys._current_frames()), file=sys.stderr)
"""


def test_no_thread_unless_asked(folder):
    """Without the setting there is no thread of ours; with it there is one, from the first run, and it goes again."""
    assert folder.run(THREADS.format(config={}, wait=False)).stderr == "1 1 1\n"
    assert folder.run(THREADS.format(config={"heartbeat": 0.1}, wait=True)).stderr == "1 2 1\n"


def test_by_variable_and_until_the_exit(folder):
    """`OPENLINEAGE__HEARTBEAT` asks for it too; the last event of what is open at exit is its ABORT."""
    program = """
        import sys, threading
        from lineage_kit import Transport, configure, run

        class Count(Transport):
            delivery = "direct"
            second = threading.Event()
            def send(self, envelope):
                print(envelope.state, flush=True)
                if envelope.state == "RUNNING":
                    self.second.set()

        configure(transport=Count())
        block = run("open")
        block.__enter__()
        Count.second.wait()
    """
    done = folder.run(program, OPENLINEAGE__HEARTBEAT="0.05")
    states = done.stdout.split()
    assert (done.returncode, done.stderr) == (0, "")
    assert (states[0], states[-1], set(states[1:-1])) == ("START", "ABORT", {"RUNNING"})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_no_thread_across_a_fork_and_no_heartbeat_in_the_child(folder):
    """The thread ends before a fork, of which Python has nothing to warn; the parent's runs beat on in the parent."""
    program = """
        import os, sys, threading, time, warnings
        from lineage_kit import Transport, configure, run

        warnings.simplefilter("always")

        class Beats(Transport):
            delivery = "direct"
            came = threading.Semaphore(0)
            def send(self, envelope):
                print(os.getpid() == first, envelope.state, flush=True)
                if envelope.state == "RUNNING":
                    self.came.release()

        first = os.getpid()
        configure(transport=Beats(), config={"heartbeat": 0.3})
        with run("parent"):
            for _ in range(5):
                assert Beats.came.acquire(timeout=30)
                time.sleep(0.05)  # sleep: still sending
                pid = os.fork()
                if pid == 0:
                    time.sleep(0.8)  # sleep: two beats long
                    os._exit(len(sys._current_frames()) - 1)
                assert os.waitpid(pid, 0)[1] == 0
                while Beats.came.acquire(blocking=False):
                    pass
                with run("between"):
                    pass
            assert Beats.came.acquire(timeout=30)
    """
    done = folder.run(program)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert not any(line.startswith("False") for line in said)
    assert said[-1] == "True COMPLETE"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="Python 3.13 would warn of a thread that starts in the hook"
)
def test_after_a_fork_the_heart_goes_on_by_itself(folder):
    """Up to Python 3.12 nothing needs to happen in the parent for its heartbeat to come back."""
    program = """
        import os, threading
        from lineage_kit import Transport, configure, run

        class Beats(Transport):
            delivery = "direct"
            came = threading.Semaphore(0)
            def send(self, envelope):
                if envelope.state == "RUNNING":
                    self.came.release()

        configure(transport=Beats(), config={"heartbeat": 0.05})
        with run("parent"):
            for _ in range(3):
                assert Beats.came.acquire(timeout=30)
                if os.fork() == 0:
                    os._exit(0)
                os.wait()
    """
    assert folder.run(program).returncode == 0
