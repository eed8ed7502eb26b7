"""However a program ends, however late it emits: its events are delivered, or lie in the journal for the next one."""

import os
import signal
from itertools import groupby

import pytest

from tests.support.lives import PATIENCE, Lives, await_line

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
WHOLE = [["START", "COMPLETE"]]


ENDINGS = """
def end(how):
    match how:
        case "return":
            return
        case "sys.exit":
            sys.exit(3)
        case "exception":
            raise ValueError("bad row")
        case "Ctrl-C":
            say("ready")
            while True:
                signal.pause()

for number in range(10):
    load(number)
with run("outer"):
    load("inside")
    with run("inner"):
        end(sys.argv[1])
"""
HOW = {
    "return": (0, "COMPLETE"),
    "sys.exit": (3, "FAIL"),
    "exception": (1, "FAIL"),
    "Ctrl-C": (-signal.SIGINT, "ABORT"),
}


def end(lives: Lives, how: str) -> tuple[int, str]:
    """Run the program that ends so; its status and what it said."""
    process = lives.start(ENDINGS, how)
    if how == "Ctrl-C":
        await_line(process, "ready")
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


@pytest.mark.parametrize("how", HOW)
def test_a_program_delivers_before_it_ends(lives: Lives, how: str) -> None:
    """C12: return, sys.exit, an exception, Ctrl-C: all is there when the program is gone, and the journal is empty."""
    status, last = HOW[how]
    assert end(lives, how)[0] == status
    assert lives.runs() == {"load": WHOLE * 11, "outer": [["START", last]], "inner": [["START", last]]}
    assert lives.came_once()
    assert lives.homes() == []


@pytest.mark.parametrize("how", HOW)
def test_what_a_dead_backend_is_owed_goes_with_the_next_program(lives: Lives, how: str) -> None:
    """C6, C7, C12: with the backend down nothing is lost, the program says so once and ends at once; the next one
    delivers all, each run in order, and no run is ended twice."""
    lives.server.always(503)
    status, last = HOW[how]
    ended, said = end(lives, how)
    assert ended == status
    assert said.count("26 lineage events were kept in the journal, not delivered yet") == 1, said
    assert "lost" not in said
    assert len(lives.homes()) == 1
    lives.server.always(201)
    lives.server.clear()
    assert lives.next() == 26
    assert lives.runs() == {"load": WHOLE * 11, "outer": [["START", last]], "inner": [["START", last]]}
    assert lives.came_once()
    assert lives.homes() == []
    assert lives.next() == 0


def test_what_several_programs_owe_keeps_its_order(lives: Lives) -> None:
    """C7: what three programs left one after another arrives oldest program first, each in the order it emitted."""
    lives.server.always(503)
    for name in ("one", "two", "three"):
        lives.run(f"for number in range(20):\n    with run({name!r}):\n        pass\n")
    lives.server.always(201)
    lives.server.clear()
    assert lives.next() == 120
    jobs = [name for name, _ in groupby(event["job"]["name"] for event in lives.events())]
    assert jobs == ["one", "two", "three"]
    assert lives.runs() == dict.fromkeys(("one", "two", "three"), WHOLE * 20)
    assert lives.homes() == []


LATE = """
import atexit, multiprocessing.util

class Object:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        with run(self.name):
            pass

def emit(name):
    with run(name):
        pass

def after_main(name):
    threading.main_thread().join()
    emit(name)

if sys.argv[1] == "ours first":
    atexit.register(emit, "handler before ours")
    emit("first")
else:
    atexit.register(emit, "handler before ours")
atexit.register(emit, "handler after ours")
threading._register_atexit(emit, "end of threads")
threading.Thread(target=after_main, args=("thread at exit",)).start()
threading.Thread(target=lambda: after_main(Object("finaliser").name)).start()
in_globals = Object("last finaliser")
sys.kept = Object("last finaliser")
"""


@pytest.mark.parametrize("backend", [201, 503], ids=["up", "down"])
@pytest.mark.parametrize("when", ["ours first", "theirs first"])
def test_late_events(lives: Lives, when: str, backend: int) -> None:
    """C3, C13, C14: what exit handlers, threads that outlast the main one, and finalisers emit is delivered, or lies in
    the journal. When the interpreter has taken its modules apart there are no runs any more, and no half ones."""
    lives.server.always(backend)
    lives.run(LATE, when)
    if backend != 201:
        lives.server.always(201)
        lives.server.clear()
    lives.next()
    names = {"handler before ours", "handler after ours", "end of threads", "thread at exit"}
    found = lives.runs()
    assert found.pop("finaliser") == WHOLE * 2
    assert all(states == WHOLE[0] for states in found.pop("last finaliser", ()))
    assert found == dict.fromkeys(names | ({"first"} if when == "ours first" else set()), WHOLE)
    assert lives.homes() == []


DAEMON_THREADS = """
def emit():
    while True:
        with run("busy"):
            pass

load("first")
for _ in range(4):
    threading.Thread(target=emit, daemon=True).start()
load("last")
"""


def test_threads_that_the_end_of_the_interpreter_cuts_off(lives: Lives) -> None:
    """C3, C17: daemon threads in the middle of their runs at the end: START comes first, and every run ends once."""
    lives.run(DAEMON_THREADS)
    lives.next()
    found = lives.runs()
    assert found["load"] == WHOLE * 2
    assert all(states in (["START", "COMPLETE"], ["START", "ABORT"]) for states in found.get("busy", ())), (
        found
    )
    # a thread may be cut off while it makes a folder, or removes one: those without events go after a minute
    assert [file for home in lives.homes() for file in home.glob("*.jsonl")] == []
