"""Matchers pass where the sentence is true, and say what was there instead where it is not."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from lineage_kit import Dataset, current_run, lineage_job, run
from lineage_kit.facets import ErrorMessageRunFacet, SchemaDatasetFacet, SchemaDatasetFacetFields
from lineage_kit.testing import Recording

ORDERS = Dataset("postgres://db:5432", "shop.public.orders")
SCHEMA = SchemaDatasetFacet([SchemaDatasetFacetFields("id", "int"), SchemaDatasetFacetFields("city", "text")])


@lineage_job("orders.load", inputs=["s3://raw/orders/{day}.csv", ORDERS], owners="team:shop")
def load(day: str) -> None:
    """Loads one day."""
    current_run().add_output("warehouse/orders.parquet", rows=3, facets=SCHEMA)
    current_run().run_tag("weekday", "Sunday")
    if day < "2020":
        raise ValueError(f"no data for {day}")


@pytest.fixture
def loaded(events: Recording) -> Recording:
    """One good and one failed run of ``orders.load`` under ``daily``."""
    with run("daily"):
        with pytest.raises(ValueError, match="no data"):
            load("1999-01-01")
        load("2026-11-22")
    return events


def test_sentences_that_are_true(loaded: Recording) -> None:
    """Every matcher gives the match back, so that sentences go on."""
    match = (
        loaded.completed("orders.load")
        .read("s3://raw/orders", ORDERS)
        .wrote("warehouse/orders.parquet", rows=3, columns=["id", "city"])
        .under("daily")
        .with_tag("weekday", "Sunday")
        .with_facet("ownership")
        .with_facet("jobType", processingType="BATCH")
    )
    assert match.event.job.name == "orders.load"
    loaded.started("daily").is_root()
    loaded.failed("orders.load").with_error("no data for 1999").with_facet(
        "errorMessage", programmingLanguage="python"
    )
    assert isinstance(loaded.failed("orders.load").facet("errorMessage"), ErrorMessageRunFacet)


def test_datasets_are_matched_by_their_final_names(loaded: Recording) -> None:
    """A path with a date, or a template, means the dataset that it is folded into."""
    done = loaded.completed("orders.load")
    done.read("s3://raw/orders/2026-11-22.csv").read("s3://raw/orders/2024-01-01.csv")
    done.read(Dataset("s3://raw", "orders"))


Check = Callable[[Recording], Any]
WRONG: list[tuple[Check, str]] = [
    (
        lambda events: events.aborted("orders.load"),
        "expected ABORT of orders.load, but the events were: START daily, START orders.load, FAIL orders.load,",
    ),
    (
        lambda events: events.completed("orders.lod"),
        "expected COMPLETE of orders.lod, but the events were: START",
    ),
    (
        lambda events: events.completed("orders.load").read("s3://raw/items"),
        "expected COMPLETE of orders.load reading s3://raw · items; its inputs are postgres://db:5432 · shop",
    ),
    (
        lambda events: events.completed("daily").wrote("s3://raw/items"),
        "expected COMPLETE of daily writing s3://raw · items; its outputs are none",
    ),
    (
        lambda events: events.completed("orders.load").wrote("warehouse/orders.parquet", rows=4),
        "orders.parquet; it noted 3",
    ),
    (
        lambda events: events.completed("orders.load").read(ORDERS, rows=4),
        "expected COMPLETE of orders.load with 4 rows of shop.public.orders; it noted None",
    ),
    (
        lambda events: events.completed("orders.load").wrote("warehouse/orders.parquet", columns=["id"]),
        "orders.parquet; it noted ['id', 'city']",
    ),
    (
        lambda events: events.completed("orders.load").under("weekly"),
        "expected COMPLETE of orders.load under weekly; it ran under daily",
    ),
    (
        lambda events: events.completed("daily").under("weekly"),
        "expected COMPLETE of daily under weekly; it ran under no run",
    ),
    (
        lambda events: events.completed("orders.load").is_root(),
        "expected COMPLETE of orders.load with no parent; it has one",
    ),
    (
        lambda events: events.failed("orders.load").with_error("timeout"),
        "expected FAIL of orders.load with an error that holds 'timeout'; its error is 'ValueError: no data for",
    ),
    (
        lambda events: events.completed("orders.load").with_error("timeout"),
        "expected COMPLETE of orders.load with an error that holds 'timeout'; its error is ''",
    ),
    (
        lambda events: events.completed("orders.load").with_tag("weekday", "Monday"),
        "expected COMPLETE of orders.load with the tag weekday=Monday; its tags are {'weekday': 'Sunday'}",
    ),
    (
        lambda events: events.completed("orders.load").with_facet("jobType", processingType="STREAM"),
        "there it holds {'processingType': 'BATCH'}",
    ),
    (
        lambda events: events.completed("daily").facet("ownership"),
        "expected COMPLETE of daily with a facet ownership; its facets are jobType, ",
    ),
    (lambda events: events.ran_nothing(), "expected no events, but there were: START daily, "),
]


@pytest.mark.parametrize(("check", "said"), WRONG)
def test_sentences_that_are_false(check: Check, said: str, loaded: Recording) -> None:
    """A sentence that is false is an AssertionError that says what was there instead."""
    with pytest.raises(AssertionError, match=re.escape(said)):
        check(loaded)


def test_nothing_emitted(events: Recording) -> None:
    """Without any event the message says so."""
    events.ran_nothing()
    with pytest.raises(AssertionError, match="but the events were: nothing"):
        events.completed("orders.load")


def test_a_dataset_has_to_be_named(loaded: Recording) -> None:
    """`wrote(rows=3)` would be true of anything, so it is refused."""
    with pytest.raises(TypeError, match=r"one dataset that orders\.load is expected to be writing"):
        loaded.completed("orders.load").wrote(rows=3)


def test_last_run_of_a_job_is_the_one_that_is_matched(events: Recording) -> None:
    """Of several runs the latest counts."""
    for rows in (1, 2):
        with run("load") as active:
            active.add_output("s3://a/b.csv", rows=rows)
    events.completed("load").wrote("s3://a/b.csv", rows=2)
