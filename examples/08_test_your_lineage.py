"""Testing your lineage: ``pytest 08_test_your_lineage.py``. Nothing is sent anywhere."""

import pytest

from lineage_kit import current_run, lineage_job, run
from lineage_kit.testing import Recording, frozen, record_events


@lineage_job("orders.load", inputs="s3://raw/orders/{day}.csv")
def load(day: str) -> int:
    """The job under test."""
    if day < "2020":
        raise ValueError(f"no data for {day}")
    current_run().add_output("warehouse/orders.parquet", rows=3)
    return 3


def test_reads_and_writes(lineage_events: Recording) -> None:
    """The fixture `lineage_events` comes with the package."""
    with run("daily"):
        load("2026-11-22")
    lineage_events.completed("orders.load").under("daily").read("s3://raw/orders").wrote(
        "warehouse/orders.parquet", rows=3
    )


def test_failure(lineage_events: Recording) -> None:
    """Failures are told with the error."""
    with pytest.raises(ValueError, match="no data"):
        load("1999-01-01")
    lineage_events.failed("orders.load").with_error("no data for 1999-01-01")


def test_same_ids_and_times_every_time() -> None:
    """Without pytest's fixture, and with time standing still."""
    with frozen("2026-11-22T00:00:00Z"), record_events(strict=True) as events:
        load("2026-11-22")
    assert events.started("orders.load").event.run.runId.endswith("000000000001")
