"""The program on the first screen, from its call to valid events at a backend."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer

pytest.importorskip("pandas", reason="the first screen reads and writes with pandas")
pytest.importorskip("pyarrow", reason="the first screen writes Parquet")

PROGRAM = """
import pandas as pd
from lineage_kit import current_run, lineage_job, run

@lineage_job(inputs="{src}", outputs="{dst}")
def clean(src, dst):
    df = pd.read_csv(src).dropna()
    df.to_parquet(current_run().add_output(dst, df))

@lineage_job(inputs="{src}", outputs="{dst}")
def totals(src, dst):
    pd.read_parquet(src).groupby("city")["amount"].sum().to_csv(dst)

with run("daily"):
    clean("orders.csv", "orders.parquet")
    totals("orders.parquet", "totals.csv")
"""


@pytest.fixture
def orders(folder: Folder) -> Folder:
    """A folder with the orders the program reads."""
    rows = [f"{city},{number}" for number, city in enumerate(["Rome", "Oslo", ""] * 10)]
    (folder.path / "orders.csv").write_text("\n".join(["city,amount", *rows]) + "\n")
    return folder


def test_events_at_a_backend(
    orders: Folder, server: HttpServer, judged: Callable[..., list[dict[str, Any]]]
) -> None:
    """Six flawless events arrive, START before COMPLETE, nested under one run and chained by a dataset."""
    done = orders.run(PROGRAM, OPENLINEAGE_URL=server.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    events = judged(server.requests())
    assert [f"{event['eventType']} {event['job']['name']}" for event in events] == [
        "START daily",
        "START etl.clean",
        "COMPLETE etl.clean",
        "START etl.totals",
        "COMPLETE etl.totals",
        "COMPLETE daily",
    ]
    daily = events[0]["run"]["runId"]
    for event in events[1:5]:
        parent = event["run"]["facets"]["parent"]
        assert parent["run"]["runId"] == parent["root"]["run"]["runId"] == daily
    [written], [read] = events[2]["outputs"], events[4]["inputs"]
    path = str(orders.path / "orders.parquet")
    assert (written["namespace"], written["name"]) == (read["namespace"], read["name"]) == ("file", path)
    assert written["outputFacets"]["outputStatistics"]["rowCount"] == 20
    assert [field["name"] for field in written["facets"]["schema"]["fields"]] == ["city", "amount"]


def test_tree_of_the_local_log(orders: Folder) -> None:
    """Without a backend ``lineage-kit log`` shows the tree."""
    done = orders.run(PROGRAM)
    assert done.returncode == 0, done.stderr
    lines = orders.tool("log").stdout.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["daily", "COMPLETE"],
        ["├─", "etl.clean"],
        ["└─", "etl.totals"],
    ]
    assert "orders.csv → orders.parquet" in lines[1]
    assert "20 rows × 2" in lines[1]


def test_later_events_of_a_run_carry_what_earlier_ones_did(orders: Folder, server: HttpServer) -> None:
    """Backends forget what a later event leaves out, so nothing is left out: datasets, facets of run and job."""
    orders.run(PROGRAM, OPENLINEAGE_URL=server.url)
    by_run: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for request in server.requests():
        by_run[request.json()["run"]["runId"]].append(request.json())
    assert len(by_run) == 3
    for start, end in by_run.values():
        assert start["eventTime"] <= end["eventTime"]
        assert start["job"] == end["job"]
        assert start["run"]["facets"].items() <= end["run"]["facets"].items()
        for side in ("inputs", "outputs"):
            assert {json.dumps(one["name"]) for one in start[side]} <= {
                json.dumps(one["name"]) for one in end[side]
            }


def test_result_is_the_same_without_us(orders: Folder, tmp_path: Path) -> None:
    """With lineage disabled the program writes the same bytes."""
    orders.run(PROGRAM)
    first = (tmp_path / "totals.csv").read_bytes()
    (tmp_path / "totals.csv").unlink()
    orders.run(PROGRAM, OPENLINEAGE_DISABLED="true")
    assert (tmp_path / "totals.csv").read_bytes() == first
