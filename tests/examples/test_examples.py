"""Every example runs in a copy of its folder, prints what a reader expects, and all its events are flawless."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES, Copy
from tests.support.servers import HttpServer, Received, refusing_port

PRINTS = {
    "01": ["2 orders were paid", "the job failed as it would without lineage: division by zero"],
    "02": ["orders.export COMPLETE: 60 characters for export/orders.json"],
    "03": ["land orders 2026-11-21 126", "land items 2026-11-22 110", "bundled into bundle.zip"],
    "04": ["fetched 300", "batches 3", "first tick 0"],
    "05": ["orders.load  COMPLETE", "→ shop.public.orders"],
    "06": ["-- what happened", "START orders.load", "COMPLETE orders.load", '{"eventType":"COMPLETE"'],
    "07": ["/api/v1/lineage Bearer token…", "delivered"],
    "08": ["3 passed"],
    "09": [],
    "10": ["INFO [orders.report] 2 rows, 1 without an amount", "INFO [] done"],
}
STATES = {
    "01": [
        "START 01_decorator.keep_paid_orders",
        "COMPLETE 01_decorator.keep_paid_orders",
        "START example.broken",
        "FAIL example.broken",
    ],
    "02": [
        "START orders.export",
        "START orders.write_json",
        "COMPLETE orders.write_json",
        "COMPLETE orders.export",
    ],
    "03": [
        *["START land.orders", "COMPLETE land.orders"] * 2,
        *["START land.items", "COMPLETE land.items"] * 2,
        "START 03_inputs_from_arguments.bundle",
        "COMPLETE 03_inputs_from_arguments.bundle",
    ],
    "09": ["START example.order_data", "COMPLETE example.order_data"],
    "10": ["START orders.report", "COMPLETE orders.report"],
}
IN_THE_LOCAL_LOG = ["01", "02", "03", "04", "09", "10"]


def _run(copy: Copy, number: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    done = copy.example(number, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def _assert_valid(copy: Copy, path: Path) -> None:
    done = copy.tool("validate", "--strict", str(path))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("number", PRINTS)
def test_example_runs_and_prints(number: str, copy: Copy) -> None:
    """It ends well, says what it is about, and its local log, where it has one, is flawless."""
    done = _run(copy, number)
    for line in PRINTS[number]:
        assert line in done.stdout
    if number in IN_THE_LOCAL_LOG:
        [log] = copy.state.rglob("*.ndjson")
        _assert_valid(copy, log)
        assert copy.states() == STATES.get(number, copy.states())
    else:
        assert copy.events() == []


@pytest.mark.parametrize("number", sorted(PRINTS.keys() - {"08"}))
def test_example_can_be_pointed_at_another_backend(number: str, copy: Copy, tmp_path: Path) -> None:
    """OPENLINEAGE_URL sends all its events there, without a change to the example."""
    with HttpServer() as server:
        done = _run(copy, number, OPENLINEAGE_URL=server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="30")
        requests = server.requests()
    assert "lost" not in done.stderr
    states = _states(requests)
    assert states == STATES.get(number, states)
    starts = sum(state.startswith("START") for state in states)
    assert 0 < starts == len(states) - starts
    sent = tmp_path / "sent.ndjson"
    sent.write_bytes(b"".join(request.document + b"\n" for request in requests))
    _assert_valid(copy, sent)
    assert copy.events() == []


def _states(requests: list[Received]) -> list[str]:
    return [f"{request.json()['eventType']} {request.json()['job']['name']}" for request in requests]


def test_example_with_a_dead_backend(copy: Copy) -> None:
    """What an example prints does not depend on the backend."""
    with refusing_port() as port:
        done = _run(copy, "01", OPENLINEAGE_URL=f"http://127.0.0.1:{port}")
    assert done.stdout.splitlines() == PRINTS["01"]


def test_openlineage_yml_in_the_working_directory_is_followed(copy: Copy, tmp_path: Path) -> None:
    """An example without a file of its own follows one that is put beside it."""
    (tmp_path / "openlineage.yml").write_text(
        "transport: {type: file, log_file_path: here.ndjson, append: true}\n"
    )
    _run(copy, "02")
    assert len((tmp_path / "here.ndjson").read_text().splitlines()) == 4
    assert copy.events() == []


def test_config_file_example_does_what_its_file_says(copy: Copy, tmp_path: Path) -> None:
    """Namespace, alias, tag with a default, filter and both destinations of example 05."""
    _run(copy, "05")
    events = [json.loads(line) for line in (tmp_path / "lineage.ndjson").read_text().splitlines()]
    assert {event["job"]["name"] for event in events} == {"orders", "orders.load"}
    assert {event["job"]["namespace"] for event in events} == {"shop"}
    assert events[1]["outputs"][0]["namespace"] == "postgres://db.internal:5432"
    assert "development" in json.dumps(events[0]["job"]["facets"]["tags"])
    _assert_valid(copy, tmp_path / "lineage.ndjson")


def test_getting_started_script_sends_what_the_documentation_says(copy: Copy) -> None:
    """One input, two outputs, the producer as a URI; the naive times became UTC."""
    done = _run(copy, "09")
    assert "OpenLineage.io/website/blog" in done.stderr
    _, complete = copy.events()
    assert complete["job"] == {"namespace": "food_delivery", "name": "example.order_data"}
    assert [one["name"] for one in complete["inputs"]] == ["public.inventory"]
    assert [one["name"] for one in complete["outputs"]] == ["public.menus_1", "public.orders_1"]
    assert complete["producer"] == "https://OpenLineage.io/website/blog"
    assert complete["eventTime"].endswith("Z")


def test_columns_and_checks_are_told(copy: Copy) -> None:
    """Example 10: which columns the totals were made of, which dataset each output, and what was checked of both."""
    _run(copy, "10")
    _, complete = copy.events()
    totals, currencies = complete["outputs"]
    made = totals["facets"]["columnLineage"]["fields"]
    assert [one["field"] for one in made["total"]["inputFields"]] == ["amount", "rate"]
    entries = complete["job"]["facets"]["lineage"]["entries"]
    assert [one["name"] for one in entries] == [totals["name"], currencies["name"]]
    assert [one["name"] for one in entries[1]["inputs"]] == ["shop.public.rates"]
    [failed] = complete["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    [passed] = totals["facets"]["dataQualityAssertions"]["assertions"]
    assert (failed["success"], failed["column"], passed["success"]) == (False, "amount", True)
    assert (
        "check failed: shop.public.orders: not_null of amount: expected 0, found 1" in copy.tool("log").stdout
    )


def test_examples_are_short_and_all_are_run() -> None:
    """No program, and no file of one, has more than 39 lines; each has a number and a place in this test.

    Number 11 is a notebook: tests/notebook runs it.
    """
    numbered = [path for path in EXAMPLES.iterdir() if path.name[0].isdigit() and path.name[:2] != "11"]
    assert sorted(path.name[:2] for path in numbered) == sorted(PRINTS)
    files = [file for path in numbered for file in ([path] if path.is_file() else path.glob("*.*"))]
    long = {file.name: len(file.read_text().splitlines()) for file in files}
    assert {name: lines for name, lines in long.items() if lines >= 40} == {}
