"""What a run read and wrote is told in the columns there are, and the telling end of each name stays."""

from __future__ import annotations

from typing import Any

import pytest

from lineage_kit.history import Style, render, runs, tree
from lineage_kit.history.terminal import width
from tests.support.log_events import dataset, event

API = dataset("/v1/exports/2026/customers/all/0.json", "https://api.example.com")


def _drawn(inputs: list[Any], outputs: list[Any], columns: int | None = None, job: str = "job") -> list[str]:
    events = [event("COMPLETE", 0, 1, job, inputs=inputs, outputs=outputs)]
    return list(render(tree(runs(events)), Style(directory="/data", width=columns)))


def _told(inputs: list[Any], outputs: list[Any], columns: int | None = None) -> str:
    """What stands behind state and duration."""
    [line] = _drawn(inputs, outputs, columns)
    return line[len("job COMPLETE " + " " * 10) :]


def _read(name: str, rows: int) -> dict[str, Any]:
    return dataset(f"/data/{name}") | {"inputFacets": {"inputStatistics": {"rowCount": rows}}}


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        ([], [], ""),
        ([dataset("/data/a")], [], "← a"),
        ([_read("a", 2)], [], "← a  2 rows"),
        ([_read("a", 2), _read("b", 1)], [], "← a (2 rows), b (1 row)"),
        ([], [dataset("/data/a")], "→ a"),
        ([], [dataset("/data/a", rows=2)], "→ a  2 rows"),
        ([], [dataset("/data/a", rows=2), dataset("/data/b")], "→ a (2 rows), b"),
        ([_read("a", 2)], [dataset("/data/b", rows=3)], "a → b  3 rows"),
        ([_read("a", 2)], [dataset("/data/b")], "a → b"),
        ([_read(x, 2) for x in "abcde"], [dataset("/data/z")], "a, b, c +2 → z"),
        ([_read(x, 2) for x in "abcd"], [], "← a (2 rows), b (2 rows), c (2 rows) +1"),
        ([], [dataset(f"/data/{x}") for x in "abcd"], "→ a, b, c +1"),
        ([dataset("/data/a")], [dataset("/data/a", rows=1)], "a → a  1 row"),
    ],
)
def test_arrows_point_from_what_is_read_to_what_is_written(inputs: Any, outputs: Any, told: str) -> None:
    """No arrow dangles, and a number of rows stands beside whose it is."""
    assert _told(inputs, outputs) == told.rstrip()
    assert _told(inputs, outputs, 100) == told.rstrip()


def test_arrows_to_the_left_have_a_stand_in() -> None:
    """A terminal without Unicode shows them too."""
    events = [event("COMPLETE", 0, 1, "job", inputs=[dataset("/data/a")])]
    [line] = render(tree(runs(events)), Style(directory="/data", ascii=True))
    assert line.endswith("  <- a")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (
            120,
            [
                "job COMPLETE           …/v1/exports/2026/customers/all/0.json → bronze/customers.parquet  12 rows × 2"
            ],
        ),
        (75, ["job COMPLETE           …/all/0.json → customers.parquet  12 rows × 2"]),
        (67, ["job COMPLETE           …/0.json → customers.parquet  12 rows × 2"]),
        (60, ["job COMPLETE", "   …/all/0.json → bronze/customers.parquet  12 rows × 2"]),
        (40, ["job COMPLETE", "   …/all/0.json → customers.parquet", "   12 rows × 2"]),
        (24, ["job COMPLETE", "   …/0.json → cus…arquet", "   12 rows × 2"]),
    ],
)
def test_a_long_path_does_not_cost_the_output(columns: int, told: list[str]) -> None:
    """Folders go before names, names are whole as long as there is a line for them, nothing is lost without need."""
    output = dataset("/data/bronze/customers.parquet", rows=12, columns=("a", "b"))
    assert [line.rstrip() for line in _drawn([API], [output], columns)] == told


@pytest.mark.parametrize("columns", range(60, 200, 7))
def test_names_that_differ_in_their_folders_stay_apart(columns: int) -> None:
    """A copy from one folder to another never reads as if it were from a file to itself."""
    one, two = (dataset(f"/data/{zone}/shop/orders/part.parquet") for zone in ("raw_zone", "clean_zone"))
    read, written = "".join(_drawn([one], [two], columns)).split("COMPLETE")[1].split("→")
    assert (read.split()[0][:6], written.split()[0][:6]) == ("raw_zo", "clean_")


def test_names_share_what_is_left() -> None:
    """The one that wants less gets all it wants."""
    inputs = [dataset(f"/data/{x}/some/folder/{x}.csv") for x in "ab"]
    assert _told(inputs, [dataset("/data/z")], 60) == "folder/a.csv, folder/b.csv → z"


@pytest.mark.parametrize("columns", [60, 80, 100, 140, 200])
def test_a_long_job_is_cut_in_the_middle_and_pads_nobody(columns: int) -> None:
    """Less than half of a wide terminal is for jobs; both ends of a name stay."""
    long = "nightly." + "land_" * 30 + "orders"
    events = [
        event("START", 0, 1, "nightly"),
        event("COMPLETE", 1, 2, long, parent=(1, "nightly"), outputs=[dataset("/data/a")]),
        event("COMPLETE", 2, 1, "nightly"),
    ]
    lines = list(render(tree(runs(events)), Style(width=columns)))
    assert max(map(width, lines)) <= columns
    assert lines[0].index("COMPLETE") == lines[1].index("COMPLETE") <= 49
    assert lines[1].startswith("└─ nightly.")
    assert lines[1].split()[1].endswith("_orders")


def test_in_a_pipe_a_long_job_is_whole_and_pads_nobody() -> None:
    """Programs find the whole name, and other lines are no longer for it."""
    long = "x" * 150
    events = [event("START", 0, 1, "top"), event("COMPLETE", 1, 2, long, parent=(1, "top"))]
    lines = list(render(tree(runs(events))))
    assert f"└─ {long} COMPLETE" in lines[1]
    assert lines[0].index("RUNNING") < 50


@pytest.mark.parametrize(("rows", "told"), [(5, "5 rows × 2,502"), (None, "2,502 columns")])
def test_columns_that_a_schema_leaves_out_are_counted(rows: int | None, told: str) -> None:
    """A schema that says how many columns it does not name is as wide as the data was."""
    wide = dataset("/data/a", rows=rows, columns=("a", "b"))
    wide["facets"]["schema"]["lineageKit_columnsLeftOut"] = 2500
    assert _told([], [wide]) == f"→ a  {told}"


@pytest.mark.parametrize("said", [None, "x", -1, True, [], 1e400])
def test_a_number_of_columns_that_is_none_counts_nothing(said: Any) -> None:
    """Whatever stands there, the named columns are counted."""
    wide = dataset("/data/a", rows=5, columns=("a", "b"))
    wide["facets"]["schema"]["lineageKit_columnsLeftOut"] = said
    assert _told([], [wide]) == "→ a  5 rows × 2"


def test_the_end_of_an_error_is_shown() -> None:
    """A long first line goes on beneath, three lines at most."""
    error = {"message": "BinderError: Table has no column named carier\nmore"}
    events = [event("FAIL", 0, 1, "job", error=error)]
    lines = list(render(tree(runs(events)), Style(width=33)))
    assert lines[1:] == ["   BinderError: Table has no", "   column named carier"]
    error["message"] = "ValueError: " + "word " * 50
    lines = list(render(tree(runs([event("FAIL", 0, 1, "job", error=error)])), Style(width=33)))
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert max(map(width, lines)) <= 33
