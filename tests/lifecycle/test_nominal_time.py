"""The slice of data a run is for: a moment, or start and end, in every form they are given."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lineage_kit import lineage_job, run
from lineage_kit.errors import UsageError
from lineage_kit.facets import NominalTimeRunFacet
from lineage_kit.testing import record_events

START, END = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"
PAIRS = [
    ("2024-01-01", "2024-02-01"),
    [date(2024, 1, 1), date(2024, 2, 1)],
    ("2024-01-01", date(2024, 2, 1)),
    "2024-01-01/2024-02-01",
    " 2024-01-01 / 2024-02-01 ",
]


@pytest.fixture
def events():
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


@pytest.mark.parametrize("given", PAIRS)
def test_a_pair_is_start_and_end(events, given):
    """A block, a decorator and a callable take a pair, or a text with a slash."""
    with run("block", nominal_time=given):
        pass
    lineage_job("job", nominal_time=given)(lambda: None)()
    lineage_job("asked", nominal_time=lambda args: given)(lambda: None)()
    for name in ("block", "job", "asked"):
        assert events.completed(name).facet("nominalTime") == NominalTimeRunFacet(START, END), name


def test_a_pair_of_templates(events):
    """Each of the two may come from the arguments, which are then shown; a text may hold both."""
    end = datetime(2024, 2, 1, tzinfo=UTC)
    lineage_job("pair", nominal_time=("{a}", "{b}"))(lambda a, b: None)("2024-01-01", end)
    lineage_job("text", nominal_time="{a}/{b}")(lambda a, b: None)("2024-01-01", "2024-02-01")
    for name in ("pair", "text"):
        assert events.completed(name).facet("nominalTime").nominalStartTime == START
        assert [one.name for one in events.completed(name).facet("executionParameters").parameters] == [
            "a",
            "b",
        ]
    with pytest.raises(UsageError, match="no parameter 'c'"):
        lineage_job("pair", nominal_time=("{a}", "{c}"))(lambda a: None)


@pytest.mark.parametrize("given", ["yesterday", "2024-01-01/P1D", "a/b/c", "2024-13-01", "2024-01-01/"])
def test_what_is_no_time_says_what_is_expected(events, caplog, given):
    """The run goes on without the facet, and one warning names the text and the forms."""
    with run("odd", nominal_time=given):
        pass
    assert "nominalTime" not in events.completed("odd").event.run.facets
    [said] = [one.message for one in caplog.records if "no nominal time for odd" in one.message]
    assert "2024-01-01/2024-02-01" in said


@pytest.mark.parametrize("given", [(), ("2024-01-01",), ("2024-01-01", None), ("a", "b", "c"), 5])
def test_no_pair_is_refused(given):
    """What can be no pair is an error at decoration."""
    with pytest.raises(UsageError, match="nominal_time"):
        lineage_job(nominal_time=given)(print)
