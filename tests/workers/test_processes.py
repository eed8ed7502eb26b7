"""Jobs run in workers of multiprocessing and concurrent.futures, and their runs belong to the program's."""

import sys

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.workers import NAMES, assert_family, run_program, write

METHODS = ["fork", "spawn", "forkserver"] if sys.platform == "linux" else ["spawn"]

PROGRAM = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor

def main(method, way):
    context = multiprocessing.get_context(method)
    with run("driver") as driver:
        children = [context.Process(target=task, args=("monday",)) for task in tasks(way, driver)]
        for child in children:
            child.start()
        for child in children:
            child.join()
            assert child.exitcode == 0
        with context.Pool(2) as pool:
            assert [pool.apply(task, ("monday",)) for task in tasks(way, driver)] == ["monday"] * len(FUNCTIONS)
            pool.close()
            pool.join()
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            assert [pool.submit(task, "monday").result() for task in tasks(way, driver)] == ["monday"] * len(FUNCTIONS)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("way", ["propagate", "carrier", "run"])
@pytest.mark.parametrize("where", ["imported", "script"])
def test_jobs_travel_to_processes(
    folder: Folder, server: HttpServer, method: str, way: str, where: str
) -> None:
    """Functions and methods, imported or of the script itself, emit from Process, Pool and ProcessPoolExecutor."""
    program, module = write(folder, PROGRAM, where)
    assert run_program(folder, program, server, method, way) == ""
    events = [request.json() for request in server.requests()]
    assert_family(events, [f"{module}.{name}" for name in NAMES], times=3)


ENVIRONMENT = """
import multiprocessing, os, sys

def main(method):
    context = multiprocessing.get_context(method)
    with run("driver") as driver:
        os.environ.update(driver.env())
        with context.Pool(2) as pool:
            for function in FUNCTIONS:
                pool.apply(function, ("monday",))
            pool.close()
            pool.join()

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.parametrize("method", METHODS)
def test_workers_take_their_parent_from_the_environment(
    folder: Folder, server: HttpServer, method: str
) -> None:
    """Workers that were started with OPENLINEAGE_CONTEXT have that run as the parent of all they do."""
    program, module = write(folder, ENVIRONMENT, "script")
    assert run_program(folder, program, server, method) == ""
    events = [request.json() for request in server.requests()]
    assert_family(events, [f"{module}.{name}" for name in NAMES])


TWO_RUNS = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor

if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(sys.argv[1])) as pool:
        for day in ("monday", "tuesday"):
            with run(day):
                pool.submit(propagate(load), day).result()
        pool.submit(propagate(load), "no day").result()
"""


@pytest.mark.parametrize("method", METHODS)
def test_a_worker_keeps_no_parent_for_the_next_task(folder: Folder, server: HttpServer, method: str) -> None:
    """A pool that serves one run after another gives each task the run that it was propagated from, or none."""
    program, _ = write(folder, TWO_RUNS, "script")
    assert run_program(folder, program, server, method) == ""
    started = [request.json() for request in server.requests() if request.json()["eventType"] == "START"]
    parents = [
        event["run"]["facets"].get("parent", {}).get("job", {}).get("name")
        for event in sorted(started, key=lambda event: event["eventTime"])
        if event["job"]["name"] == "etl.load"
    ]
    assert parents == ["monday", "tuesday", None]
