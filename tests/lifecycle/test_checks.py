"""Checks of data become the data quality assertions of a dataset."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lineage_kit import Dataset, run
from lineage_kit.event.check import problems
from lineage_kit.testing import record_events

ORDERS = Dataset("postgres://db:5432", "shop.public.orders")
OUT = Dataset("s3://lake", "totals")


@pytest.fixture
def events():
    """Everything emitted, every event flawless."""
    with record_events() as recording:
        yield recording
    for body in recording.bodies:
        assert problems(body) == []


def checks(dataset, place="inputFacets"):
    """The assertions of a dataset of an event."""
    return dataset.get(place, {}).get("dataQualityAssertions", {"assertions": []})["assertions"]


def last(events):
    """The last event as JSON."""
    return json.loads(events.bodies[-1])


def test_checks_of_an_input_add_up(events):
    """Each stands in the standard's facet of the input, with its column and values as texts, on every later event."""
    with run("job", inputs=ORDERS) as r:
        r.check(ORDERS, "row_count", True, expected=">= 1", actual=748)
        r.heartbeat()
        r.check(ORDERS, "not_null", False, column="id", expected=0, actual=np.int64(3))
        r.check(ORDERS["day"], "unique", passed=np.bool_(True))
    first = {"assertion": "row_count", "success": True, "expected": ">= 1", "actual": "748"}
    _, running, complete = (json.loads(body) for body in events.bodies)
    assert checks(running["inputs"][0]) == [first]
    assert checks(complete["inputs"][0]) == [
        first,
        {"assertion": "not_null", "success": False, "column": "id", "expected": "0", "actual": "3"},
        {"assertion": "unique", "success": True, "column": "day"},
    ]
    assert complete["eventType"] == "COMPLETE"


def test_checks_of_an_output_stand_with_the_dataset(events):
    """Outputs have no facet for checks of their own in the standard: it is one of the dataset."""
    with run("job", outputs=OUT) as r:
        r.check(OUT, "rows", True)
        path = r.add_output("out/x.csv", rows=3)
        r.check(path, "rows", False)
    event = last(events)
    assert [len(checks(one, "facets")) for one in event["outputs"]] == [1, 1]
    assert event["inputs"] == []


def test_a_dataset_that_is_both_is_checked_as_input(events):
    """The standard's own place wins."""
    with run("job", inputs=ORDERS, outputs=ORDERS) as r:
        r.check(ORDERS, "rows", True)
    event = last(events)
    assert (len(checks(event["inputs"][0])), checks(event["outputs"][0], "facets")) == (1, [])


def test_a_dataset_that_was_not_noted_is_an_input(events):
    """Who checks data has read it; dates fold as everywhere, so that all days are one dataset."""
    with run("job") as r:
        r.check("s3://raw/orders/2026-11-21.csv", "rows", True)
        r.check("s3://raw/orders/2026-11-22.csv", "unique", True, column="id")
    [dataset] = last(events)["inputs"]
    assert (dataset["name"], len(checks(dataset))) == ("orders", 2)


def test_a_pass_never_hides_a_failure(events):
    """The same check made again: the latest pass and the latest failure are kept, the newest last."""
    with run("job", inputs=ORDERS) as r:
        for number in range(5):
            r.check(ORDERS, "rows", number % 2 == 0, actual=number)
        r.check(ORDERS, "rows", True, column="id")
    found = [(one["success"], one.get("actual")) for one in checks(last(events)["inputs"][0])]
    assert found == [(False, "3"), (True, "4"), (True, None)]


def test_many_checks_are_cut_and_said(events, caplog):
    """At most a thousand for one dataset; repeated ones leave memory flat."""
    with run("job", inputs=ORDERS) as r:
        for number in range(1005):
            r.check(ORDERS, f"check {number}", True)
    assert len(checks(last(events)["inputs"][0])) == 1000
    assert "more than 1,000 assertions" in caplog.records[0].message


@pytest.mark.parametrize("passed", [True, np.bool_(True), np.array(True), 1, pd.Series([1, 2]).gt(0).all()])
def test_truth_of_any_library(events, passed):
    """What is a boolean to a library is one here."""
    with run("job", inputs=ORDERS) as r:
        r.check(ORDERS, "rows", passed)
    assert [one["success"] for one in checks(last(events)["inputs"][0])] == [True]


@pytest.mark.parametrize("passed", ["False", None, [], 2, 0.5, float("nan"), np.array([True]), object()])
def test_what_may_mean_anything_is_no_truth(events, caplog, passed):
    """A text, a list or nothing at all is said and left out, never taken as passed."""
    with run("job", inputs=ORDERS) as r:
        r.check(ORDERS, "rows", passed)
    assert checks(last(events)["inputs"][0]) == []
    assert "passed is True or False" in caplog.records[0].message


def test_secrets_in_values_are_masked(events):
    """What was expected or found may hold a connection: its password does not leave."""
    with run("job", inputs=ORDERS) as r:
        r.check(ORDERS, "source", False, column="token", actual="postgres://me:hunter2@db:5432/shop")
    assert b"hunter2" not in b"".join(events.bodies)
    assert checks(last(events)["inputs"][0])[0]["column"] == "token"


def test_large_values_are_not_looked_into(events):
    """Of a frame or a long list only the type is told, of a long text its beginning."""
    frame = pd.DataFrame({"a": [1]})
    with run("job", inputs=ORDERS) as r:
        r.check(ORDERS, "rows", True, expected=frame, actual=list(range(10**6)))
        r.check(ORDERS, "text", True, actual="x" * 10**6)
    shown = checks(last(events)["inputs"][0])
    assert shown[0]["expected"].startswith("<pandas.")
    assert shown[0]["actual"] == "<list of 1000000>"
    assert len(shown[1]["actual"]) < 1200
