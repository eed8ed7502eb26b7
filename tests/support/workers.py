"""What programs with workers have in common: the jobs they hand out, and what must have arrived when they end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.support.scripts import Folder
from tests.support.servers import HttpServer

JOBS = '''
from lineage_kit import attach, flush, lineage_job, propagate, run

@lineage_job
def load(day):
    return day

class Table:
    @lineage_job
    def refresh(self, day):
        return day

    @lineage_job
    @classmethod
    def of(cls, day):
        return day

    @staticmethod
    @lineage_job
    def check(day):
        return day

FUNCTIONS = [load, Table().refresh, Table.of, Table.check]

def flushed(function):
    """For workers that may be killed as soon as their task has returned."""
    def call(argument):
        result = function(argument)
        assert flush()
        return result
    return call

def tasks(way, driver):
    """What is handed to the pool, by the way in which the parent gets there."""
    if way == "environment":
        return FUNCTIONS
    if way == "propagate":
        return [propagate(function) for function in FUNCTIONS]
    return [Attached(driver.env() if way == "carrier" else driver, function) for function in FUNCTIONS]

class Attached:
    """A task that takes its parent as an argument: a carrier, or the run itself."""
    def __init__(self, carrier, function):
        self.carrier, self.function = carrier, function

    def __call__(self, day):
        with attach(getattr(self.carrier, 'env', lambda: self.carrier)()):
            return self.function(day)
'''
"""Decorated functions and methods of each kind; a program has them in its main module or imports them from jobs.py."""

NAMES = ("load", "Table.refresh", "Table.of", "Table.check")

NOTEBOOK = """
import __main__
del __main__.__file__
__main__.__spec__ = None
exec(compile({source!r}, "<ipython-input-1-0123456789ab>", "exec"), __main__.__dict__)
"""
"""A main module as a notebook has it: no file, its functions compiled from a cell."""


def write(folder: Folder, source: str, where: str) -> tuple[str, str]:
    """The program made of the jobs and `source`, and the prefix of its job names.

    where: "imported" (the jobs stand in jobs.py), "script" or "notebook" (they stand in the main module).
    """
    if where == "imported":
        (folder.path / "jobs.py").write_text(JOBS)
        return f"from jobs import *\n{source}", "jobs"
    if where == "script":
        return JOBS + source, "etl"
    return NOTEBOOK.format(source=JOBS + source), "interactive"


def run_program(
    folder: Folder, source: str, server: HttpServer | None, *args: str, timeout: float = 60, **variables: str
) -> str:
    """Run a program to its good end; what it wrote to standard error."""
    if server is not None:
        variables["OPENLINEAGE_URL"] = server.url
    process = folder.start(source, "etl.py", *args, **variables)
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, out + err
    return err


def assert_family(events: list[dict[str, Any]], children: Iterable[str], times: int = 1) -> None:
    """`driver` ran once, every child `times` times for each time it is named, all runs whole.

    The driver's run is the parent and the root of all others.
    """
    states: defaultdict[str, list[str]] = defaultdict(list)
    jobs = {}
    for event in events:
        states[event["run"]["runId"]].append(event["eventType"])
        jobs[event["run"]["runId"]] = event["job"]["name"]
    assert all(sorted(one) == ["COMPLETE", "START"] for one in states.values()), states
    ran, expected = Counter(jobs.values()), Counter(["driver", *list(children) * times])
    assert ran == expected, (ran, expected)
    [driver] = [run for run, job in jobs.items() if job == "driver"]
    identity = {"run": {"runId": driver}, "job": {"namespace": "default", "name": "driver"}}
    for event in events:
        parent = event["run"]["facets"].get("parent")
        if event["run"]["runId"] == driver:
            assert parent is None
        else:
            assert {name: parent[name] for name in ("run", "job")} == identity
            assert parent["root"] == identity
