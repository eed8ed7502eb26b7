"""However a worker ends and whatever it was told, its events arrive, stay in the local log, or are said to be lost."""

import json
import sys

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.workers import JOBS, run_program

METHODS = ["fork", "spawn", "forkserver"] if sys.platform == "linux" else ["spawn"]
methods = pytest.mark.parametrize("method", METHODS)


def states(server: HttpServer) -> list[str]:
    """What arrived, as ``START etl.load``, in the order of the events' times."""
    events = sorted((request.json() for request in server.requests()), key=lambda event: event["eventTime"])
    return [f"{event['eventType']} {event['job']['name']}" for event in events]


OPEN = """
import multiprocessing, sys

@lineage_job
def rows():
    yield from "abc"

kept = []

def leave_open():
    kept.append(rows())
    next(kept[0])

if __name__ == "__main__":
    child = multiprocessing.get_context(sys.argv[1]).Process(target=leave_open)
    child.start()
    child.join()
    assert child.exitcode == 0
"""


@methods
def test_a_run_left_open_by_a_worker_is_aborted(folder: Folder, server: HttpServer, method: str) -> None:
    """A worker that returns with a generator half consumed ends its run, as every process does."""
    run_program(folder, JOBS + OPEN, server, method)
    assert states(server) == ["START etl.rows", "ABORT etl.rows"]


INHERITED = """
import multiprocessing, sys
from lineage_kit import run

def nothing():
    pass

def works():
    with run("child"):
        pass

if __name__ == "__main__":
    with run("driver"):
        for target in (nothing, works):
            child = multiprocessing.get_context("fork").Process(target=target)
            child.start()
            child.join()
"""


@pytest.mark.skipif("fork" not in METHODS, reason="this system does not fork")
def test_a_forked_worker_ends_no_run_of_its_parent(folder: Folder, server: HttpServer) -> None:
    """What is open where a worker was forked stays open, whether the worker runs jobs or not."""
    run_program(folder, INHERITED, server)
    assert states(server) == ["START driver", "START child", "COMPLETE child", "COMPLETE driver"]


KILLED = """
import multiprocessing, os, sys
from lineage_kit import flush

def task(number):
    load(number)
    if sys.argv[2:] == ["exit"]:
        assert flush()
        os._exit(0)
    return flush()

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    if sys.argv[2:] == ["exit"]:
        child = context.Process(target=task, args=(0,))
        child.start()
        child.join()
    else:
        with context.Pool(1) as pool:  # its end is a SIGTERM to the workers
            assert all(pool.map(task, range(1)))
"""


@methods
@pytest.mark.parametrize("ending", ["exit", "terminate"])
def test_what_a_task_has_flushed_outlives_its_worker(
    folder: Folder, server: HttpServer, method: str, ending: str
) -> None:
    """After flush() neither os._exit nor the SIGTERM of a pool that is terminated costs an event."""
    assert run_program(folder, JOBS + KILLED, server, method, ending) == ""
    assert states(server) == ["START etl.load", "COMPLETE etl.load"]


CONFIGURE = 'configure(url=sys.argv[2], namespace="sales")'

TOLD_IN_CODE = """
import multiprocessing, sys
from lineage_kit import configure

{at_the_top}
if __name__ == "__main__":
    {in_main}
    with run("driver"):
        with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
            assert pool.map(propagate(load), range(5)) == list(range(5))
            pool.close()
            pool.join()
"""


@methods
def test_a_worker_that_cannot_know_the_configuration_says_so_once(
    folder: Folder, server: HttpServer, method: str
) -> None:
    """Told by configure() under the main guard, a started worker keeps its events, and says once why and where."""
    said = run_program(
        folder, JOBS + TOLD_IN_CODE.format(at_the_top="", in_main=CONFIGURE), None, method, server.url
    )
    if method == "fork":  # it has all that its parent has
        assert said == ""
        assert len(server.requests()) == 12
        return
    [line] = said.splitlines()
    assert line.startswith("no lineage backend is configured in this worker process (looked for ")
    assert f"events stay in {folder.state}" in line
    assert line.endswith("does not reach here; openlineage.yml and OPENLINEAGE_URL do")
    assert states(server) == ["START driver", "COMPLETE driver"]
    kept = folder.events()
    assert folder.states() == ["START etl.load", "COMPLETE etl.load"] * 5
    driver = server.requests()[0].json()["run"]["runId"]
    assert {event["run"]["facets"]["parent"]["run"]["runId"] for event in kept} == {driver}


@methods
def test_workers_have_what_a_script_configures_at_its_top(
    folder: Folder, server: HttpServer, method: str
) -> None:
    """A configure() above the main guard runs in each worker too: nothing is said, and all events arrive."""
    program = JOBS + TOLD_IN_CODE.format(at_the_top=CONFIGURE, in_main="pass")
    assert run_program(folder, program, None, method, server.url) == ""
    assert len(server.requests()) == 12
    assert {request.json()["job"]["namespace"] for request in server.requests()} == {"sales"}


@methods
def test_workers_find_the_file(folder: Folder, server: HttpServer, method: str) -> None:
    """openlineage.yml of the working directory is every worker's."""
    (folder.path / "openlineage.yml").write_text(
        json.dumps({"transport": {"type": "http", "url": server.url}})
    )
    program = JOBS + TOLD_IN_CODE.format(at_the_top="", in_main="pass")
    assert run_program(folder, program, None, method, server.url) == ""
    assert len(server.requests()) == 12
