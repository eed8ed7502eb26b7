"""Many runs, many processes, and ends of programs of all kinds."""

import json
import multiprocessing
import signal
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flow.conftest import assert_flawless
from tests.support.scripts import Folder
from tests.support.servers import HttpServer, Received

Judge = Callable[[list[Received]], list[dict[str, Any]]]


def _whole_runs(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Run id → states in order of arrival."""
    found: dict[str, list[str]] = defaultdict(list)
    for event in events:
        found[event["run"]["runId"]].append(event["eventType"])
    return found


def test_a_thousand_runs_in_a_loop_all_arrive(folder: Folder, server: HttpServer) -> None:
    """No run is lost and none is torn or turned round on its way."""
    program = """
    from lineage_kit import lineage_job

    @lineage_job
    def tick(number):
        return number

    print(sum(tick(number) for number in range(1000)))
    """
    done = folder.run(program, OPENLINEAGE_URL=server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="50")
    assert (done.returncode, done.stdout, done.stderr) == (0, "499500\n", "")
    events = [request.json() for request in server.requests()]
    runs = _whole_runs(events)
    assert len(runs) == 1000
    assert set(map(tuple, runs.values())) == {("START", "COMPLETE")}
    assert_flawless(server.requests()[-1].document)


def test_threads_keep_the_order_of_each_run(folder: Folder, server: HttpServer) -> None:
    """Runs of many threads interleave; within each START comes first and the end last."""
    program = """
    from concurrent.futures import ThreadPoolExecutor
    from lineage_kit import current_run, lineage_job, propagate, run

    @lineage_job("tick.{number}")
    def tick(number):
        current_run().heartbeat()
        if number % 10 == 3:
            raise ValueError(number)

    with run("daily"), ThreadPoolExecutor(16) as pool:
        futures = [pool.submit(propagate(tick), number) for number in range(100)]
    print(sum(future.exception() is not None for future in futures))
    """
    done = folder.run(program, OPENLINEAGE_URL=server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="50")
    assert (done.returncode, done.stdout, done.stderr) == (0, "10\n", "")
    runs = _whole_runs([request.json() for request in server.requests()])
    states = sorted(map(tuple, runs.values()))
    assert states.count(("START", "RUNNING", "COMPLETE")) == 90
    assert states.count(("START", "RUNNING", "FAIL")) == 10
    assert len(runs) == 101


def test_eight_processes_append_to_one_file(folder: Folder, tmp_path: Path) -> None:
    """Lines of several processes stay whole, long ones too."""
    (tmp_path / "openlineage.yml").write_text(
        "transport: {type: file, log_file_path: events.ndjson, append: true}\n"
    )
    program = """
    import sys
    from lineage_kit import current_run, lineage_job

    @lineage_job("work.{number}")
    def work(number, row):
        current_run().add_run_facet({"text": str(number) * 20_000}, "long")

    print("ready", flush=True)
    for row in range(40):
        work(int(sys.argv[1]), row)
    """
    processes = [folder.start(program, "etl.py", str(number)) for number in range(8)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "ready\n", "")
    lines = (tmp_path / "events.ndjson").read_bytes().splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) == 8 * 40 * 2
    assert set(map(tuple, _whole_runs(events).values())) == {("START", "COMPLETE")}


METHODS = [
    method for method in ("fork", "spawn", "forkserver") if method in multiprocessing.get_all_start_methods()
]


@pytest.mark.parametrize("method", METHODS)
def test_children_of_multiprocessing_deliver(
    method: str, folder: Folder, server: HttpServer, judged: Judge
) -> None:
    """Jobs in a pool of processes arrive at the backend, each once, as jobs of the script."""
    program = f"""
    import multiprocessing
    from lineage_kit import lineage_job, run

    @lineage_job(capture_args=["number"])
    def square(number):
        return number * number

    if __name__ == "__main__":
        with run("before"):
            pass
        with multiprocessing.get_context("{method}").Pool(2) as pool:
            print(sum(pool.map(square, range(6))))
            pool.close()
            pool.join()
    """
    done = folder.run(program, OPENLINEAGE_URL=server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="20")
    assert (done.returncode, done.stdout) == (0, "55\n"), done.stderr
    events = judged(server.requests())
    runs = _whole_runs(events)
    assert set(map(tuple, runs.values())) == {("START", "COMPLETE")}
    assert len(runs) == 7
    assert sorted(event["job"]["name"] for event in events).count("etl.square") == 12


def test_forked_child_does_not_end_its_parents_run(folder: Folder, server: HttpServer) -> None:
    """A child leaving a block that its parent opened says nothing; its own runs are its own."""
    program = """
    import os
    from lineage_kit import run
    with run("outer") as outer:
        child = os.fork()
        if not child:
            with run("inner"):
                pass
        else:
            os.waitpid(child, 0)
    """
    done = folder.run(program, OPENLINEAGE_URL=server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="20")
    assert done.returncode == 0, done.stderr
    states = [
        f"{request.json()['eventType']} {request.json()['job']['name']}" for request in server.requests()
    ]
    assert sorted(states) == ["COMPLETE inner", "COMPLETE outer", "START inner", "START outer"]
    assert states[-1] == "COMPLETE outer"


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("sys.exit(0)", 0),
        ("sys.exit(4)", 4),
        ("raise SystemExit('over')", 1),
        ("next(iter([]))", 1),
        ("pass", 0),
    ],
)
def test_runs_left_open_are_aborted_at_exit(
    ending: str, status: int, folder: Folder, server: HttpServer, judged: Judge
) -> None:
    """However a program ends, a run whose block was never left gets one ABORT, and the status stays."""
    program = f"""
    import sys
    from lineage_kit import run
    block = run("open")
    block.__enter__()
    {ending}
    """
    done = folder.run(program, OPENLINEAGE_URL=server.url)
    assert done.returncode == status
    start, abort = judged(server.requests())
    assert (start["eventType"], abort["eventType"]) == ("START", "ABORT")
    assert "process ended" in abort["run"]["facets"]["errorMessage"]["message"]


def test_interrupted_program_tells_its_end(folder: Folder, server: HttpServer, judged: Judge) -> None:
    """Ctrl-C in the middle of a job: ABORT arrives, and Python ends as it does without us."""
    program = """
    import time
    from lineage_kit import flush, lineage_job

    @lineage_job
    def load():
        print("in" if flush(30) else "owed", flush=True)
        time.sleep(60)  # sleep: killed before its end

    load()
    """
    process = folder.start(program, OPENLINEAGE_URL=server.url)
    assert process.stdout.readline() == "in\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert err.rstrip().endswith("KeyboardInterrupt")
    states = [event["eventType"] for event in judged(server.requests())]
    assert states == ["START", "ABORT"]


def test_context_crosses_processes(folder: Folder, server: HttpServer, tmp_path: Path) -> None:
    """`env()` makes a run the parent of what a child process does."""
    (tmp_path / "child.py").write_text("from lineage_kit import run\nwith run('child'): pass\n")
    program = """
    import os, subprocess, sys
    from lineage_kit import run
    with run("parent") as parent:
        subprocess.run([sys.executable, "child.py"], env={**os.environ, **parent.env()}, check=True)
    """
    done = folder.run(program, OPENLINEAGE_URL=server.url)
    assert done.returncode == 0, done.stderr
    events = {
        f"{request.json()['eventType']} {request.json()['job']['name']}": request.json()
        for request in server.requests()
    }
    parent = events["START child"]["run"]["facets"]["parent"]
    assert parent["run"]["runId"] == events["START parent"]["run"]["runId"]
    assert len(events) == 4


def test_every_kind_of_end_is_valid(folder: Folder, server: HttpServer, judged: Judge) -> None:
    """One program with everything in it sends nothing that a judge objects to."""
    program = '''
    import asyncio, datetime
    from lineage_kit import Dataset, current_run, lineage_job, run

    @lineage_job("land.{table}", inputs="s3://raw/{table}/{day}.csv", outputs=Dataset("postgres://db:5432", "a.b.c"),
                 nominal_time="{day}", owners=["team:a"], tags={"x": 1}, capture_args=True)
    def land(table, day, password="hunter2"):
        """Lands."""
        current_run().run_tag("weekday", day.strftime("%A"))

    @lineage_job
    def stream():
        yield from range(3)

    @lineage_job
    async def wait(number):
        await asyncio.sleep(0)
        if number:
            raise TimeoutError("\\x00 \\ud800 postgres://u:hunter2@h/db")

    async def main():
        return await asyncio.gather(wait(0), wait(1), return_exceptions=True)

    with run("everything", nominal_time=("2026-11-22", "2026-11-23"), tags=["a"]) as everything:
        land("orders", datetime.date(2026, 11, 22))
        list(stream())
        next(stream())
        asyncio.run(main())
        everything.add_input("relative/path.csv", rows=1, bytes=2)
        everything.add_run_facet({"a": float("nan"), "b": {1: object()}}, "odd")
        everything.heartbeat()
        with run("aborted") as aborted:
            aborted.abort("enough")
        with run("failed") as failed:
            failed.fail("no rows")
    '''
    done = folder.run(program, OPENLINEAGE_URL=server.url)
    assert done.returncode == 0, done.stderr
    events = judged(server.requests())
    assert "hunter2" not in json.dumps(events)
    ends = sorted(tuple(states)[-1] for states in _whole_runs(events).values())
    assert ends == ["ABORT", *["COMPLETE"] * 5, "FAIL", "FAIL"]
