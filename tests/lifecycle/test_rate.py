"""A job that makes a run of every row is told, once, to make one of the loop."""

from __future__ import annotations

import pytest

from lineage_kit import lineage_job, run, status
from lineage_kit.lifecycle.pace import rate
from lineage_kit.testing import record_events


@pytest.fixture
def hints(caplog):
    """The hints so far, with everything emitted kept in memory and trouble raised."""
    with record_events(strict=True):
        yield lambda: [record.message for record in caplog.records if "decorate the loop" in record.message]


@pytest.fixture(autouse=True)
def fresh():
    """Counters that start at nothing."""
    rate._known.clear()
    rate._names.clear()


def test_more_than_a_thousand_runs_a_minute_give_one_hint(hints):
    """The 1,001st call within a minute is told, and none after it."""

    @lineage_job("row")
    def row() -> None: ...

    for _ in range(1000):
        row()
    assert hints() == []
    row()
    assert len(hints()) == 1
    assert "row has opened 1001 runs" in hints()[0]
    for _ in range(2500):
        row()
    assert len(hints()) == 1
    assert status()["problems"]["rate:row"] == 3


def test_blocks_are_counted_by_their_name(hints):
    """A block that is described anew for each row is one job all the same."""
    for _ in range(1001):
        with run("block"):
            pass
    assert len(hints()) == 1


def test_a_thousand_over_more_than_a_minute_are_fine(hints, monkeypatch):
    """Who is slower than that is left alone, however long it goes on."""
    monkeypatch.setattr(rate, "SECONDS", 0.0)

    @lineage_job("steady")
    def steady() -> None: ...

    for _ in range(2500):
        steady()
    assert hints() == []


def test_many_jobs_of_one_function_are_counted_apart(hints):
    """A name that is a template makes several jobs: what counts is the runs of each."""

    @lineage_job("land.{table}")
    def land(table: str) -> None: ...

    for number in range(1500):
        land(f"t{number % 10}")
    assert hints() == []


def test_blocks_of_many_names_get_one_hint(caplog):
    """The 201st name of the blocks of one function is told, once; two hundred are fine."""
    with record_events(strict=True):
        for number in range(500):
            if number == 200:
                assert [one for one in caplog.records if "200 names" in one.message] == []
            with run(f"row.{number}"):
                pass
    [hint] = [one.message for one in caplog.records if "200 names" in one.message]
    assert "test_blocks_of_many_names_get_one_hint" in hint
    assert "'row.200'" in hint
