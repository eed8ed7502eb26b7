"""Pool workers that are killed lose nothing: their parent delivers what they left, or the next program does."""

import sys

import pytest

from tests.support.lives import Lives, reason_of

METHODS = ["fork", "spawn", "forkserver"] if sys.platform == "linux" else ["spawn"]
methods = pytest.mark.parametrize("method", METHODS)


POOL = """
import multiprocessing

if __name__ == "__main__":
    with run("driver"):
        with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:  # its end is a SIGTERM to the workers
            assert pool.map(load, range(10), chunksize=1) == list(range(10))
"""


@methods
def test_nothing_is_lost_with_the_workers_of_a_pool(lives: Lives, method: str) -> None:
    """C3, C12: every event of every task arrives before the parent has ended, although its workers were killed."""
    out, err = lives.run(POOL, method)
    assert (out, err) == ("", "")
    assert lives.runs() == {"driver": [["START", "COMPLETE"]], "load": [["START", "COMPLETE"]] * 10}
    assert lives.homes() == []


CUT_OFF = """
import multiprocessing

def task(begun):
    with run("cut off"):
        begun.release()
        threading.Event().wait()

def keep(one):
    global begun
    begun = one

def in_pool():
    task(begun)

if __name__ == "__main__":
    with run("driver"):
        context = multiprocessing.get_context(sys.argv[1])
        begun = context.Semaphore(0)
        with context.Pool(2, initializer=keep, initargs=(begun,)) as pool:
            for _ in range(2):
                pool.apply_async(in_pool)
            for _ in range(2):
                begun.acquire()
"""


@methods
def test_runs_cut_off_with_their_pool_are_aborted_once(lives: Lives, method: str) -> None:
    """C17: a run in whose middle its worker was killed gets one ABORT, which says so, from the parent at its exit."""
    lives.run(CUT_OFF, method)
    assert lives.runs() == {"driver": [["START", "COMPLETE"]], "cut off": [["START", "ABORT"]] * 2}
    for event in lives.events():
        if event["eventType"] == "ABORT":
            assert "died while the run was open" in reason_of(event)
    assert lives.homes() == []
    assert lives.next() == 0


NO_CLIENT = """
import multiprocessing

if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        assert pool.map(load, range(10), chunksize=1) == list(range(10))
"""


@methods
def test_where_the_parent_has_no_lineage_the_next_program_delivers(lives: Lives, method: str) -> None:
    """C16: a parent that runs no job itself leaves to the next program what its workers had no time to send."""
    lives.run(NO_CLIENT, method)
    lives.next()
    assert lives.runs() == {"load": [["START", "COMPLETE"]] * 10}
    assert lives.homes() == []


IDLE = """
import multiprocessing, time
from lineage_kit.delivery.sending import worker

worker.IDLE_SECONDS = 0.05

if __name__ == "__main__":
    with run("first"):
        pass
    assert flush()
    while len(os.listdir("/proc/self/task")) > 1:
        time.sleep(0)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(load, range(10), chunksize=1) == list(range(10))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_parent_that_was_idle_delivers_too(lives: Lives) -> None:
    """C16: the thread that sends had long ended when the pool was killed: at its exit the parent delivers anyway."""
    lives.run(IDLE)
    assert lives.runs() == {"first": [["START", "COMPLETE"]], "load": [["START", "COMPLETE"]] * 10}
    assert lives.homes() == []


EXECUTOR = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

def task(day):
    load(day)
    with run("cut off"):
        os._exit(3)

def main(method, client):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        try:
            pool.submit(task, "monday").result()
        except BrokenProcessPool:
            say("broken")

if __name__ == "__main__":
    if sys.argv[2] == "client":
        with run("driver"):
            main(*sys.argv[1:])
    else:
        main(*sys.argv[1:])
"""


@methods
@pytest.mark.parametrize("by", ["client", "next"])
def test_a_worker_that_leaves_in_the_middle_of_a_run(lives: Lives, method: str, by: str) -> None:
    """C17: after os._exit in a run the START and one ABORT arrive, by the parent's exit or by the next program."""
    out, _ = lives.run(EXECUTOR, method, by)
    assert out == "broken\n"
    if by == "next":
        lives.next()
    found = lives.runs()
    assert found.pop("driver", None) == ([["START", "COMPLETE"]] if by == "client" else None)
    assert found == {"load": [["START", "COMPLETE"]], "cut off": [["START", "ABORT"]]}
    [abort] = [event for event in lives.events() if event["eventType"] == "ABORT"]
    assert "died while the run was open; its last sign of life was at" in reason_of(abort)
    assert lives.homes() == []


NESTED = """
import multiprocessing

def inner(day):
    return load(day)

def outer(day):
    load(day)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(inner, (day,))

if __name__ == "__main__":
    with run("driver"):
        children = [multiprocessing.get_context("fork").Process(target=outer, args=(day,)) for day in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join()
            assert child.exitcode == 0
"""


@pytest.mark.skipif("fork" not in METHODS, reason="this system does not fork")
def test_workers_of_workers(lives: Lives) -> None:
    """C16: a worker sees to the pool that it had itself, when it ends."""
    lives.run(NESTED)
    assert lives.runs() == {"driver": [["START", "COMPLETE"]], "load": [["START", "COMPLETE"]] * 6}
    assert lives.homes() == []
