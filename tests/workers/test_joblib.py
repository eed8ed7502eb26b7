"""Jobs run in the workers of joblib, which sends functions by value, and their runs belong to the program's."""

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.workers import NAMES, assert_family, run_program, write

PROGRAM = """
import sys
from joblib import Parallel, delayed

def main(*ways):
    with run("driver") as driver:
        for way in ways:
            pool = Parallel(n_jobs=2)
            assert pool(delayed(task)("monday") for task in tasks(way, driver)) == ["monday"] * len(FUNCTIONS)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.parametrize("where", ["imported", "script", "notebook"])
def test_jobs_travel_to_joblib(folder: Folder, server: HttpServer, where: str) -> None:
    """Functions and methods emit from loky's processes, which end with the program and deliver first."""
    program, module = write(folder, PROGRAM, where)
    assert run_program(folder, program, server, "propagate", "carrier", "run") == ""
    events = [request.json() for request in server.requests()]
    assert_family(events, [f"{module}.{name}" for name in NAMES], times=3)
