"""Jobs run in the worker processes of Ray, and their runs belong to the program's."""

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.workers import NAMES, assert_family, run_program, write

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}

START = """
import logging, sys, tempfile
import ray

def start(temporary, **more):  # a short path: it becomes that of a socket
    ray.init(
        num_cpus=2, _node_ip_address="127.0.0.1", include_dashboard=False, log_to_driver=False,
        logging_level=logging.CRITICAL, object_store_memory=100_000_000, _temp_dir=temporary, **more
    )
"""

PROGRAM = """

@ray.remote
def call(task, day):
    return task(day)

@ray.remote
class Actor:
    def call(self, task, day):
        return task(day)

FUNCTIONS[:] = [flushed(function) for function in FUNCTIONS]

def main(*ways):
    with run("driver") as driver, tempfile.TemporaryDirectory(prefix="ray") as temporary:
        start(temporary, runtime_env={"env_vars": driver.env()} if "environment" in ways else {})
        try:
            for way in ways:
                answers = [call.remote(task, "monday") for task in tasks(way, driver)]
                if way == "propagate":
                    answers += [ray.remote(task).remote("monday") for task in tasks(way, driver)]
                actor = Actor.remote()
                answers += [actor.call.remote(task, "monday") for task in tasks(way, driver)]
                assert ray.get(answers) == ["monday"] * len(answers)
        finally:
            ray.shutdown()

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.parametrize("where", ["imported", "script", "notebook"])
@pytest.mark.parametrize("ways", [("propagate",), ("carrier", "run"), ("environment",)], ids="-".join)
def test_jobs_travel_to_ray(folder: Folder, server: HttpServer, where: str, ways: tuple[str, ...]) -> None:
    """Functions and methods emit from tasks and actors of Ray; what was propagated can be a task itself."""
    program, module = write(folder, START + PROGRAM, where)
    times = {"propagate": 3, "environment": 2}.get(ways[0], 4)
    said = run_program(folder, program, server, *ways, timeout=240, **QUIET)
    assert "lineage" not in said, said  # what Ray has to say of its own is not looked at
    events = [request.json() for request in server.requests()]
    assert_family(events, [f"{module}.{name}" for name in NAMES], times)


FLUSHED = """
import os, signal

@ray.remote(max_retries=0)
def die(parent):
    with attach(parent):
        load("monday")
    assert flush()
    os.kill(os.getpid(), signal.SIGKILL)

with run("driver") as driver, tempfile.TemporaryDirectory(prefix="ray") as temporary:
    start(temporary)
    try:
        ray.get(die.remote(driver.env()))
    except ray.exceptions.WorkerCrashedError:
        pass
    finally:
        ray.shutdown()
"""


def test_what_a_task_has_flushed_outlives_its_worker(folder: Folder, server: HttpServer) -> None:
    """A task that calls flush() before it returns need not fear what Ray does to its worker."""
    program, _ = write(folder, START + FLUSHED, "script")
    run_program(folder, program, server, timeout=240, **QUIET)
    assert_family([request.json() for request in server.requests()], ["etl.load"])
