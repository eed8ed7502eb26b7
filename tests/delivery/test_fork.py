"""A forked child has nothing of its parent's: it sends its own events and no others, and deadlocks on nothing."""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.delivery.conftest import RunScript
from tests.delivery.stand_ins import lines

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
METHODS = ["fork", "spawn", "forkserver"]


def _who_sent(folder: Path) -> "Counter[str]":
    bodies = Counter(body.rstrip(".") for _, body in lines(folder / "sent"))
    assert not bodies or max(bodies.values()) == 1, bodies  # nothing twice
    return Counter(body.split(":")[0].split("-")[0] for body in bodies)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("used_before", [True, False], ids=["used-before", "fresh"])
def test_children_of_multiprocessing_deliver(
    run_script: RunScript, tmp_path: Path, method: str, used_before: bool
) -> None:
    """A child process that ends by returning delivers its events, although atexit does not run there."""
    done = run_script(f"""
import multiprocessing
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "wire")
def child(number):
    for run in range(10):
        for one in whole_run(f"child-{{number}}-{{run}}"):
            assert delivery.submit(one)
if __name__ == "__main__":
    if {used_before}:
        delivery.submit(event("parent-1"))
        assert delivery.flush(30)
    context = multiprocessing.get_context({method!r})
    children = [context.Process(target=child, args=(number,)) for number in range(3)]
    for process in children:
        process.start()
    for process in children:
        process.join()
        assert process.exitcode == 0
    delivery.submit(event("parent-2"))
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert _who_sent(tmp_path) == {"child": 60, "parent": 1 + used_before}


@pytest.mark.parametrize("method", METHODS)
def test_pools_deliver(run_script: RunScript, tmp_path: Path, method: str) -> None:
    """Workers of a process pool deliver what their tasks emit, before the pool is gone."""
    done = run_script(f"""
import concurrent.futures, multiprocessing
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "wire")
def task(number):
    return all([delivery.submit(one) for one in whole_run(f"task-{{number}}")])
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert all(pool.map(task, range(50)))
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert _who_sent(tmp_path) == {"task": 100}


def test_queued_events_of_the_parent_are_sent_once_by_the_parent(
    run_script: RunScript, tmp_path: Path
) -> None:
    """Forking with a full queue and a send in flight: the child sends only its own, the parent loses nothing."""
    done = run_script("""
gate = Gate()
wire = LineFile(sys.argv[1] + "/sent", gate)
delivery = BackgroundDelivery(wire, "wire")
for run in range(100):
    delivery.submit(event(f"parent-{run}"))
assert gate.entered.wait(30)
import warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # a thread is sending: Python 3.12 is right to say so
    pid = os.fork()
if pid == 0:
    assert delivery.status()[0].owed == 0
    wire._answer = lambda envelope: None
    for run in range(10):
        assert delivery.submit(event(f"child-{run}"))
    assert delivery.flush(30)
    assert delivery.status()[0].delivered == 10
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
gate.open()
assert delivery.flush(30)
assert delivery.status()[0].delivered == 100
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert _who_sent(tmp_path) == {"parent": 100, "child": 10}
    assert len({pid for pid, _ in lines(tmp_path / "sent")}) == 2


def test_a_child_never_waits_for_locks_that_were_held_when_it_was_forked(
    run_script: RunScript, tmp_path: Path
) -> None:
    """Forking again and again while threads submit and the worker sends: each child delivers and ends."""
    done = run_script("""
import threading, warnings
warnings.simplefilter("ignore")
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "wire", limit=1 << 30)
direct = DirectDelivery(LineFile(sys.argv[1] + "/sent"), "direct")
going, counts = True, []
def emit(number):
    count = 0
    while going:
        assert delivery.submit(event(None, None, mark=f"{number}-{count}"))
        assert direct.submit(event(None, None, mark=f"direct-{number}-{count}"))
        count += 1
    counts.append(2 * count)
threads = [threading.Thread(target=emit, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for forked in range(50):
    pid = os.fork()
    if pid == 0:
        assert delivery.submit(event(f"child-{forked}")) and direct.submit(event(f"child-direct-{forked}"))
        os._exit(0 if delivery.flush(30) and delivery.status()[0].delivered == 1 else 1)
    assert os.waitpid(pid, 0)[1] == 0
going = False
for thread in threads:
    thread.join()
assert delivery.close(30)
print(sum(counts))
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert _who_sent(tmp_path) == {"child": 100, "None": int(done.stdout)}


def test_forks_of_forks_have_nothing_of_their_parents(run_script: RunScript, tmp_path: Path) -> None:
    """Each generation begins empty, delivers at its own exit, and closes what is its own."""
    done = run_script("""
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "wire")
for generation in range(4):
    delivery.submit(event(f"generation-{generation}"))
    delivery.submit(event(f"generation-{generation}", "COMPLETE"))
    assert delivery.flush(30) if generation % 2 else True
    pid = os.fork()
    if pid:
        assert os.waitpid(pid, 0)[1] == 0
        sys.exit(0)
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert _who_sent(tmp_path) == {"generation": 8}


@pytest.mark.parametrize("state", ["idle", "pause"])
def test_no_waiting_thread_of_ours_is_alive_across_a_fork(
    run_script: RunScript, tmp_path: Path, state: str
) -> None:
    """A worker that idles, or waits for its next try, ends before the fork: Python 3.12 finds nothing to warn of."""
    done = run_script(f"""
import time
outage = Outage()
wire = Recorder(outage)
hour = RetryPolicy(total=0, factor=3600.0, longest=3600.0)
delivery = BackgroundDelivery(wire, "wire", retry=hour)
worker = delivery._here.get().worker
if {state == "idle"}:
    outage.over()
for forked in range(20):
    delivery.submit(event(f"parent-{{forked}}"))
    assert {state == "pause"} or delivery.flush(30)
    while worker._thread is None or worker._thread.sending or not wire.tries:
        time.sleep(0)
    pid = os.fork()
    if pid == 0:
        os._exit(len(os.listdir("/proc/self/task")) - 1 if os.path.exists("/proc/self/task") else 0)
    assert os.waitpid(pid, 0)[1] == 0
outage.over()
assert delivery.flush(30)
assert len(wire.sent) == 20
""")
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


def test_a_child_forked_behind_pythons_back_is_noticed(run_script: RunScript, tmp_path: Path) -> None:
    """C code forks without hooks: the first event in such a child finds out by the process id."""
    done = run_script("""
import ctypes
gate = Gate()
wire = LineFile(sys.argv[1] + "/sent", gate)
delivery = BackgroundDelivery(wire, "wire")
for run in range(5):
    delivery.submit(event(f"parent-{run}"))
assert gate.entered.wait(30)
pid = ctypes.PyDLL(None).fork()
if pid == 0:
    assert delivery.status()[0].owed == 0
    wire._answer = lambda envelope: None
    delivery.submit(event("child-1"))
    os._exit(0 if delivery.flush(30) else 1)
assert os.waitpid(pid, 0)[1] == 0
gate.open()
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert _who_sent(tmp_path) == {"parent": 5, "child": 1}


def test_a_delivery_closed_before_the_fork_is_closed_in_the_child(
    run_script: RunScript, tmp_path: Path
) -> None:
    """Closing is inherited: the child's events are refused and counted there."""
    done = run_script("""
wire = Recorder()
delivery = BackgroundDelivery(wire, "wire")
delivery.submit(event("parent"))
assert delivery.close(30)
pid = os.fork()
if pid == 0:
    assert not delivery.submit(event("child"))
    assert delivery.close(30) and delivery.flush(30)
    os._exit(0 if delivery.status()[0].dropped == {"closed": 1} and wire.closed == 1 else 1)
assert os.waitpid(pid, 0)[1] == 0
assert delivery.status()[0].dropped == {}
""")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="before Python 3.12 forking with threads is not warned of"
)
def test_python_warns_of_a_thread_that_is_sending(run_script: RunScript) -> None:
    """What is busy is left alone: the warning is Python's own, and right."""
    done = run_script("""
gate = Gate()
delivery = BackgroundDelivery(Recorder(gate), "wire", exit_timeout=0.0)
delivery.submit(event("a"))
assert gate.entered.wait(30)
if os.fork() == 0:
    os._exit(0)
""")
    assert "multi-threaded, use of fork() may lead to deadlocks" in done.stderr
