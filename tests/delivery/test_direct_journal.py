"""Direct delivery with a journal, for programs that are frozen as soon as they return: sent in time, or kept."""

import os
import signal
import subprocess
import sys

import pytest

from lineage_kit.delivery.recovery.survey import life
from tests.support.lives import Lives, await_line, end, go_on

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
WHOLE = [["START", "COMPLETE"]]

FUNCTION = """
def owed():
    return sum(one.owed for one in status()["destinations"])

def handler():
    \"\"\"One call after another, each when it is asked for; what is owed after it.\"\"\"
    for line in sys.stdin:
        load(line)
        say(owed())

handler()
"""


@pytest.fixture(autouse=True)
def settings(lives: Lives) -> None:
    """They send directly, with much time for each event."""
    lives.settings = {"OPENLINEAGE__DELIVERY__MODE": "direct", "OPENLINEAGE__DELIVERY__BUDGET": "30"}


SHORT = {"OPENLINEAGE__DELIVERY__BUDGET": "0.2", "OPENLINEAGE__DELIVERY__RETRY_LONGEST": "0.05"}


def call_until_nothing_is_owed(function: "subprocess.Popen[str]") -> int:
    """Call it again and again; how often. What is owed goes first, but no call has much time."""
    for calls in range(1, 1000):
        go_on(function)
        if int(function.stdout.readline()) == 0:
            return calls
    raise AssertionError("events are owed for ever")


def test_an_event_is_there_when_the_function_has_returned(lives: Lives) -> None:
    """Each call's START and COMPLETE are at the backend before the caller goes on, with no thread of ours."""
    function = lives.start(FUNCTION)
    for call in range(1, 4):
        go_on(function)
        await_line(function, "0")
        assert lives.runs() == {"load": WHOLE * call}
    if sys.platform == "linux":
        assert len(os.listdir(f"/proc/{function.pid}/task")) == 1
    end(function)
    assert lives.homes() == []
    assert lives.came_once()


def test_a_backend_that_holds_every_request_does_not_hold_the_caller(lives: Lives) -> None:
    """C3: the call returns although no answer ever comes, its events wait on disk, and go first once one does."""
    lives.server.always(fault="hold")
    function = lives.start(FUNCTION, **SHORT)
    for call in range(1, 4):
        go_on(function)
        await_line(function, str(2 * call))
    [home] = lives.homes()
    assert len((home / "000001.jsonl").read_bytes().splitlines()) == 6
    lives.server.always(201)
    lives.server.clear()
    calls = call_until_nothing_is_owed(function)
    lives.server.release()
    assert lives.runs() == {"load": WHOLE * (3 + calls)}
    end(function)
    assert lives.homes() == []


def test_a_backend_that_refuses_for_a_while(lives: Lives) -> None:
    """C6, C7: what 503 answered is kept, and goes in order with the calls that get through again."""
    lives.server.always(503)
    function = lives.start(FUNCTION, **SHORT)
    for call in range(1, 4):
        go_on(function)
        await_line(function, str(2 * call))
    lives.server.always(201)
    lives.server.clear()
    calls = call_until_nothing_is_owed(function)
    assert lives.runs() == {"load": WHOLE * (3 + calls)}
    times = [event["eventTime"] for event in lives.events()]
    assert times == sorted(times)


def test_what_a_call_had_no_time_for_goes_with_the_next_program(lives: Lives) -> None:
    """C12, C16: a function that ends with events owed says so, and leaves them to whoever comes next."""
    lives.server.always(503)
    _, said = lives.run("load('monday')\nload('tuesday')\n", **SHORT)
    assert said.count("4 lineage events were kept in the journal") == 1, said
    lives.server.always(201)
    lives.server.clear()
    assert lives.next() == 4
    assert lives.runs() == {"load": WHOLE * 2}
    assert lives.homes() == []


THREADS = """
def call(number):
    for day in range(5):
        with run(f"thread {number}"):
            load(day)

threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say("returned")
input()
"""


def test_several_threads(lives: Lives) -> None:
    """C7: threads that call at the same time have all their events delivered on return, each run in order, once."""
    program = lives.start(THREADS)
    await_line(program, "returned")
    assert lives.runs() == {"load": WHOLE * 20} | {f"thread {number}": WHOLE * 5 for number in range(4)}
    assert lives.came_once()
    go_on(program)
    end(program)
    assert lives.homes() == []


def test_several_threads_and_a_backend_that_never_answers(lives: Lives) -> None:
    """C1, C3: no thread waits for another one's budget for ever; all is kept, and delivered by the next program."""
    lives.server.always(fault="hold")
    program = lives.start(THREADS, OPENLINEAGE__DELIVERY__BUDGET="0.05")
    await_line(program, "returned")
    lives.server.always(201)
    lives.server.clear()
    go_on(program)
    end(program)
    lives.next()
    lives.server.release()
    assert lives.runs() == {"load": WHOLE * 20} | {f"thread {number}": WHOLE * 5 for number in range(4)}
    assert lives.homes() == []


def stop(function: "subprocess.Popen[str]") -> None:
    """Freeze a program, and wait until it is."""
    function.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, function.pid, os.WSTOPPED | os.WNOWAIT)


def test_a_function_that_is_frozen_between_its_calls(lives: Lives) -> None:
    """C17: frozen and thawed, it goes on as before; meanwhile nobody takes its journal."""
    function = lives.start(FUNCTION)
    for call in range(1, 4):
        go_on(function)
        await_line(function, "0")
        stop(function)
        assert [life(str(home)) for home in lives.homes()] == ["alive"]
        assert lives.next() == 0
        assert lives.runs() == {"load": WHOLE * call}
        function.send_signal(signal.SIGCONT)
    end(function)
    assert lives.homes() == []


def test_a_function_that_is_frozen_and_never_thawed(lives: Lives) -> None:
    """C3, C16: what it still owed when its host ended it is delivered by the next program; its runs had ended."""
    lives.server.always(503)
    function = lives.start(FUNCTION, **SHORT)
    go_on(function)
    await_line(function, "2")
    stop(function)
    lives.server.always(201)
    lives.server.clear()
    assert lives.next() == 0
    function.kill()
    function.wait()
    assert lives.next() == 2
    assert lives.runs() == {"load": WHOLE}
    assert lives.homes() == []


def test_a_direct_program_delivers_what_the_dead_have_left(lives: Lives) -> None:
    """C16: with no thread of ours, a later program sees to the dead when it is asked to."""
    lives.run("with run('cut off'):\n    os._exit(0)\n")
    assert lives.next() == 1  # START was delivered in time
    assert lives.runs() == {"cut off": [["START", "ABORT"]]}
    assert lives.homes() == []
