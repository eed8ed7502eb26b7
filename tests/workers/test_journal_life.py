"""Whatever becomes of a process (fork, exec, daemon, stop, kill), its events are its own and none is lost."""

import os
import signal

import pytest

from lineage_kit.delivery.recovery.survey import life
from tests.support.lives import PATIENCE, Lives, await_line, end, go_on, reason_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
WHOLE, CUT_OFF = [["START", "COMPLETE"]], [["START", "ABORT"]]


DAEMON = """
def daemonize():
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)

def close_all():
    os.closerange(3, 256)
    return [open(f"own-{number}", "a") for number in range(20)]  # gets the numbers that we had

daemonize()
if sys.argv[1] == "before":
    own = close_all()
    load("early")
else:
    load("early")
    if sys.argv[1] == "flushed":
        assert flush(30)
    with run("across"):
        own = close_all()
load("late")
for file in own:
    file.write("mine\\n")
    file.close()
load("last")
"""


@pytest.mark.parametrize("when", ["before", "after", "flushed"])
def test_a_daemon_that_closes_descriptors_by_number(lives: Lives, when: str) -> None:
    """C3, C22: nothing is lost, and no line of ours is in a file of the program's."""
    lives.run(DAEMON, when)
    found = lives.runs()
    assert found.pop("across", WHOLE) == WHOLE
    assert found == {"load": WHOLE * 3}
    assert lives.homes() == []
    assert {path.read_text() for path in lives.folder.path.glob("own-*")} == {"mine\n"}


BUSY = """
import warnings
warnings.simplefilter("ignore")  # a thread is sending: Python 3.12 is right to say so

import ctypes
fork = ctypes.PyDLL(None).fork if sys.argv[1] == "by C code" else os.fork  # that runs no hooks

load("parent")  # the backend holds it
say("sending")
input()
with run("parent"):
    pid = fork()
    if pid == 0:
        load("child")
        with run("child"):
            pass
        if sys.argv[1] == "close":
            os.closerange(3, 256)
        elif sys.argv[1] == "flush":
            flush(0)
        elif sys.argv[1] == "fork again":
            os._exit(0) if os.fork() == 0 else os.wait()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    say("child is gone")
    input()
load("parent")
"""


@pytest.mark.parametrize("ending", ["exit", "close", "flush", "fork again", "by C code"])
def test_fork_while_the_parent_sends(lives: Lives, ending: str) -> None:
    """C13, C16: each has its own journal; the parent's is not to be had when the child has ended, the child's is."""
    lives.server.always(fault="hold")
    parent = lives.start(BUSY, ending)
    await_line(parent, "sending")
    lives.server.wait_for(1)
    [home] = lives.homes()
    go_on(parent)
    await_line(parent, "child is gone")
    assert life(str(home)) == "alive"
    of_child = [one for one in lives.homes() if one != home]
    assert [life(str(one)) for one in of_child] == ["dead"]
    lives.server.always(201)
    assert lives.next() == 4  # what the child has left, and nothing of the parent's
    assert lives.homes() == [home]
    assert {job: sorted(map(len, runs)) for job, runs in lives.runs().items()} == {
        "load": [1, 2],
        "child": [2],
    }
    lives.server.release()
    go_on(parent)
    end(parent)
    assert lives.runs() == {"load": WHOLE * 3, "parent": WHOLE, "child": WHOLE}
    assert lives.homes() == []


OUTLIVED = """
import multiprocessing, subprocess

def wait():
    say("child")
    sys.stdin = open(0)
    input()

with run("parent"):
    if sys.argv[1] == "fork":
        if os.fork() == 0:
            wait()
            os._exit(0)
    elif sys.argv[1] == "fork twice":
        if os.fork() == 0:
            if os.fork() == 0:
                wait()
            os._exit(0)
    elif sys.argv[1] == "process":
        multiprocessing.get_context("fork").Process(target=wait).start()
    else:
        subprocess.Popen([sys.executable, "-c", "print('child', flush=True); input()"], close_fds=False)
    threading.Event().wait()
"""


@pytest.mark.parametrize("how", ["fork", "fork twice", "process", "subprocess"])
def test_a_child_that_outlives_its_parent_keeps_nothing_of_it(lives: Lives, how: str) -> None:
    """C16: the journal of a dead parent is adopted while a child of it, which emits nothing, lives on."""
    parent = lives.start(OUTLIVED, how)
    await_line(parent, "child")
    parent.kill()
    parent.wait()
    lives.next()
    assert lives.runs() == {"parent": CUT_OFF}
    assert lives.homes() == []
    go_on(parent)  # it was alive until now: else nobody reads what is written here
    assert parent.stdout.read() == ""


GONE = """
with run("cut off"):
    load("inside")
    match sys.argv[1]:
        case "exec":
            os.execv(sys.executable, [sys.executable, "-c", "print('another')"])
        case "exec itself":
            os.execv(sys.executable, [sys.executable, sys.argv[0], "complete"])
        case "_exit":
            os._exit(0)
        case "abort":
            os.abort()
        case "complete":
            pass
        case _:
            os.kill(os.getpid(), int(sys.argv[1]))
"""
DEATHS = ["exec", "exec itself", "_exit", "abort", str(int(signal.SIGKILL)), str(int(signal.SIGSEGV))]


@pytest.mark.parametrize("death", DEATHS)
def test_a_program_that_is_gone_in_the_middle_of_a_run(lives: Lives, death: str) -> None:
    """C3, C17: exec, os._exit, crash, SIGKILL: the next program delivers all, and one ABORT that names the process."""
    process = lives.start(GONE, death)
    process.communicate(timeout=PATIENCE)
    lives.next()
    again = death == "exec itself"  # the same process id, another program
    found = lives.runs()
    assert sorted(found.pop("cut off")) == CUT_OFF + WHOLE * again
    assert found == {"load": WHOLE * (1 + again)}
    [abort] = [event for event in lives.events() if event["eventType"] == "ABORT"]
    assert f"the process {process.pid} on " in reason_of(abort)
    assert lives.homes() == []
    assert lives.next() == 0


STOPPED = """
with run("long"):
    say("begun")
    input()
    load("inside")
"""


def test_a_program_that_is_merely_stopped_is_never_adopted(lives: Lives) -> None:
    """C17: SIGSTOP is no death: later programs leave its journal alone, and it goes on when it is let."""
    process = lives.start(STOPPED)
    await_line(process, "begun")
    [home] = lives.homes()
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    assert life(str(home)) == "alive"
    assert lives.next() == 0
    process.send_signal(signal.SIGCONT)
    go_on(process)
    end(process)
    assert lives.runs() == {"long": WHOLE, "load": WHOLE}
    assert lives.homes() == []
    assert lives.came_once()


TWO = """
for number in range(5):
    load(number)
with run(sys.argv[1]):
    say("begun")
    input()
    with OpenLineageClient() as client:
        assert client.recover(40)
    say("looked")
    input()
"""


def test_two_programs_at_once_adopt_only_the_dead(lives: Lives) -> None:
    """C16: programs that share a journal end the runs of the dead, each once, and leave one another alone."""
    dead = [lives.start(GONE, "_exit", name=f"dead{number}.py") for number in range(3)]
    for process in dead:
        process.communicate(timeout=PATIENCE)
    living = [lives.start(TWO, name, name=f"{name}.py") for name in ("one", "two")]
    for word in ("begun", "looked"):
        for process in living:
            await_line(process, word)
        if word == "looked":
            lives.await_homes(2)  # one of the two may still be at the last of the dead
            assert [life(str(home)) for home in lives.homes()] == ["alive"] * 2
        for process in living:
            go_on(process)
    for process in living:
        end(process)
    assert lives.runs() == {"cut off": CUT_OFF * 3, "load": WHOLE * 13, "one": WHOLE, "two": WHOLE}
    assert lives.homes() == []
    assert lives.came_once()


IN_THE_BACKGROUND = """
with run("later"):
    say("begun")
    input()
"""


def test_a_later_program_needs_not_be_asked(lives: Lives) -> None:
    """C16: any program with this configuration delivers what the dead have left while it does its own work."""
    lives.start(GONE, "_exit").communicate(timeout=PATIENCE)
    later = lives.start(IN_THE_BACKGROUND)
    await_line(later, "begun")
    lives.server.wait_for(5, PATIENCE)
    lives.await_homes(1)
    go_on(later)
    end(later)
    assert lives.runs() == {"cut off": CUT_OFF, "load": WHOLE, "later": WHOLE}
    assert lives.homes() == []
