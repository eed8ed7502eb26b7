"""Trees are drawn so that people can read them."""

import time
from collections.abc import Iterator

import pytest

from lineage_kit.history import Style, render, runs, tree
from lineage_kit.history.terminal import width
from tests.support.log_events import daily, dataset, event

STACK = """Traceback (most recent call last):
  File "/data/etl.py", line 12, in totals
    frame.groupby("city")["amont"]
  File "/venv/site-packages/pandas/core/base.py", line 244, in __getitem__
    raise KeyError(f"Column not found: {key}")
KeyError: 'Column not found: amont'
"""


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _drawn(events: list[dict], **style: object) -> str:
    return "\n".join(render(tree(runs(events)), Style(**{"directory": "/data", **style})))


def test_the_first_screen_of_the_readme_is_drawn_as_it_stands_there() -> None:
    """Names, states, durations, datasets and shapes stand in columns."""
    assert _drawn(daily()) == (
        "daily         COMPLETE   0.07 s\n"
        "├─ etl.clean  COMPLETE   0.05 s  orders.csv → orders.parquet  748 rows × 2\n"
        "└─ etl.totals COMPLETE   0.02 s  orders.parquet → totals.csv"
    )


def _failed() -> list[dict]:
    error = {
        "message": "KeyError: 'Column not found: amont'",
        "programmingLanguage": "python",
        "stackTrace": STACK,
    }
    parent = (1, "daily")
    return [
        event("START", 0, 1, "daily"),
        event("START", 0.1, 2, "etl.clean", parent=parent, inputs=[dataset("/data/orders.csv")]),
        event("COMPLETE", 0.2, 2, "etl.clean", parent=parent),
        event("START", 0.3, 3, "etl.totals", parent=parent, outputs=[dataset("/data/totals.csv")]),
        event("FAIL", 0.4, 3, "etl.totals", parent=parent, error=error),
        event("FAIL", 0.5, 1, "daily", error=error),
    ]


def test_a_failure_shows_why_and_where_once() -> None:
    """The error and the user's own line stand under the innermost run that failed with it."""
    assert _drawn(_failed()) == (
        "daily         FAIL       0.50 s\n"
        "├─ etl.clean  COMPLETE   0.10 s  ← orders.csv\n"
        "└─ etl.totals FAIL       0.10 s  → totals.csv\n"
        "      KeyError: 'Column not found: amont'\n"
        '      at etl.py:12 in totals:  frame.groupby("city")["amont"]'
    )


def test_an_aborted_run_shows_its_reason_within_the_lines_of_the_tree() -> None:
    """The reason of an ABORT stands beneath, and lines to later children run past it."""
    events = [
        event("START", 0, 1, "top"),
        event("ABORT", 3725, 1, "top", error={"message": "the operator stopped it\nfor lunch"}),
        event("START", 1, 2, "step", parent=(1, "top")),
    ]
    assert _drawn(events) == (
        "top     ABORT    1 h 02 min\n"
        "│  the operator stopped it\n"
        "└─ step RUNNING              since 2026-11-22 17:31:10"
    )


def test_only_the_first_datasets_are_named() -> None:
    """Of many datasets three are shown, and how many more there are."""
    many = [dataset(f"/data/in_{n}.csv") for n in range(6)]
    shown = _drawn([event("OTHER", 0, 1, "a", inputs=many, outputs=[dataset("/data/out.csv")])])
    assert shown.endswith("in_0.csv, in_1.csv, in_2.csv +3 → out.csv")


def test_each_of_several_outputs_has_its_own_shape() -> None:
    """Shapes stand beside their outputs where there is more than one."""
    outputs = [
        dataset("/data/a", rows=1, columns=("x",)),
        dataset("/data/b", size=1_234_567),
        dataset("/data/c"),
    ]
    shown = _drawn([event("COMPLETE", 0, 1, "job", outputs=outputs)])
    assert shown.endswith("→ a (1 row × 1), b (1.2 MB), c")


def test_where_nothing_was_written_the_shape_is_that_of_the_input() -> None:
    """A run that only reads shows how much it read."""
    read = {"namespace": "file", "name": "/data/a", "inputFacets": {"inputStatistics": {"rowCount": 336776}}}
    assert _drawn([event("COMPLETE", 0, 1, "job", inputs=[read])]).endswith("  ← a  336,776 rows")


def test_a_parent_that_reports_elsewhere_says_so() -> None:
    """A run known only as a parent has no state."""
    assert _drawn([event("START", 0, 2, "task", parent=(1, "dag")), event("COMPLETE", 1, 2, "task")]) == (
        "dag                        not in this log\n└─ task COMPLETE   1.00 s"
    )


def test_several_trees_are_told_apart_by_time() -> None:
    """Trees are separated by an empty line, and on request headed by when they began."""
    events = [event("START", 0, 1, "a"), event("START", 60, 2, "b")]
    assert _drawn(events, times=True) == (
        "2026-11-22 17:31:09\na RUNNING            since 2026-11-22 17:31:09\n"
        "\n"
        "2026-11-22 17:32:09\nb RUNNING            since 2026-11-22 17:32:09"
    )


def test_colours_are_only_for_those_who_ask() -> None:
    """States and errors are coloured on request, and nothing else changes."""
    plain, coloured = _drawn(_failed()), _drawn(_failed(), colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mFAIL    \x1b[0m" in coloured
    assert "\x1b[32mCOMPLETE\x1b[0m" in coloured
    assert "\x1b[1;31mKeyError: 'Column not found: amont'\x1b[0m" in coloured


def test_a_terminal_without_unicode_gets_ascii() -> None:
    """Lines, arrows and crosses have stand-ins."""
    assert _drawn(daily(), ascii=True) == (
        "daily         COMPLETE   0.07 s\n"
        "|- etl.clean  COMPLETE   0.05 s  orders.csv -> orders.parquet  748 rows x 2\n"
        "`- etl.totals COMPLETE   0.02 s  orders.parquet -> totals.csv"
    )


@pytest.mark.parametrize("columns", [20, 33, 40, 50, 60, 72, 80, 100, 132])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(columns: int, colour: bool) -> None:
    """What does not fit is shortened, moved beneath or cut, never wrapped, from 33 columns on."""
    long = "postgres://warehouse.example.com:5432"
    events = [
        *_failed(),
        event("START", 1, 9, "a.job.with.quite.a.long.name.日本語.for_its_kind", parent=(1, "daily")),
        event(
            "COMPLETE",
            2,
            9,
            "a.job.with.quite.a.long.name.日本語.for_its_kind",
            parent=(1, "daily"),
            inputs=[dataset(f"shop.public.orders_{n}", long) for n in range(5)],
            outputs=[dataset("shop.public.totals", long, rows=12, columns=("a", "b"))],
        ),
    ]
    for line in _drawn(events, width=columns, colour=colour).splitlines():
        for code in ("\x1b[1;31m", "\x1b[32m", "\x1b[36m", "\x1b[0m"):
            line = line.replace(code, "")  # noqa: PLW2901
        assert width(line) <= max(columns, 33), line


def test_a_narrow_terminal_keeps_what_matters() -> None:
    """Details move to lines of their own where their names would have to be cut."""
    assert _drawn(daily(), width=40) == (
        "daily         COMPLETE   0.07 s\n"
        "├─ etl.clean  COMPLETE   0.05 s\n"
        "│     orders.csv → orders.parquet\n"
        "│     748 rows × 2\n"
        "└─ etl.totals COMPLETE   0.02 s\n"
        "      orders.parquet → totals.csv"
    )


def test_wide_characters_keep_the_columns() -> None:
    """Characters that take two columns, and those that take none, do not shift the rest."""
    events = [
        event("START", 0, 1, "日本"),
        event("COMPLETE", 1, 1, "日本"),
        event("COMPLETE", 2, 2, "e\u0301t\u00e9", parent=(1, "日本")),
    ]
    lines = _drawn(events).splitlines()
    assert len({width(line[: line.index("COMPLETE")]) for line in lines}) == 1


def test_names_cannot_steer_the_terminal() -> None:
    """Control characters, line ends and marks that turn text around are written out."""
    evil = "x\x1b[2Jy\nz\u202ew"
    events = [
        event("START", 0, 1, evil, inputs=[dataset(f"/data/{evil}")]),
        event("FAIL", 1, 1, evil, error={"message": f"{evil} now"}),
    ]
    shown = _drawn(events)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.splitlines()[0].startswith("x\\x1b[2Jy\\nz\\u202ew FAIL")
