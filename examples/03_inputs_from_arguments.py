"""Names of jobs and datasets come from the arguments; dates never become part of a dataset's name."""

from datetime import date
from pathlib import Path

from lineage_kit import current_run, lineage_job


@lineage_job(
    "land.{table}",  # one function, a family of jobs: land.orders, land.items
    inputs="s3://raw/{table}/{day:%Y/%m/%d}.csv",  # dataset s3://raw · orders, whatever the day
    outputs="warehouse/{table}.parquet",
    nominal_time="{day}",
)
def land(table: str, day: date) -> int:
    """Loads one table for one day."""
    current_run().run_tag("weekday", day.strftime("%A"))
    return len(table) * day.day


@lineage_job(inputs=lambda args: sorted(args.folder.glob("*.py")), outputs="{return}")
def bundle(folder: Path) -> Path:
    """Inputs from a callable, the output from the value that is returned."""
    return folder / "bundle.zip"


for table in ("orders", "items"):
    for day in (date(2026, 11, 21), date(2026, 11, 22)):
        print("land", table, day, land(table, day))
print("bundled into", bundle(Path(__file__).parent).name)
