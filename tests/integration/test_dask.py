"""Jobs run in the worker processes of Dask, and their runs belong to the program's."""

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.workers import NAMES, assert_family, run_program, write

PROGRAM = """
import sys
from dask import delayed
from dask.distributed import Client, LocalCluster

def cluster(**more):
    return LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address=None, **more
    )

def main(*ways):
    with run("driver") as driver:
        with cluster(env=driver.env() if "environment" in ways else {}) as started, Client(started) as client:
            for way in ways:
                futures = [client.submit(task, "monday", pure=False) for task in tasks(way, driver)]
                assert client.gather(futures) == ["monday"] * len(FUNCTIONS)
                graph = [delayed(task, pure=False)("monday") for task in tasks(way, driver)]
                assert client.gather(client.compute(graph)) == ["monday"] * len(FUNCTIONS)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.parametrize("where", ["imported", "script", "notebook"])
@pytest.mark.parametrize("ways", [("propagate", "carrier", "run"), ("environment",)], ids="-".join)
def test_jobs_travel_to_dask(folder: Folder, server: HttpServer, where: str, ways: tuple[str, ...]) -> None:
    """Functions and methods emit from submitted and delayed tasks before the cluster is gone."""
    program, module = write(folder, PROGRAM, where)
    said = run_program(folder, program, server, *ways, timeout=240)
    assert "lineage" not in said, said  # what Dask has to say of its own is not looked at
    events = [request.json() for request in server.requests()]
    assert_family(events, [f"{module}.{name}" for name in NAMES], times=2 * len(ways))
