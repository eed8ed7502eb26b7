"""All flights that left New York in 2013, from CSV to a report: five jobs, seven runs, one parent.

Nothing here knows where its lineage goes: `openlineage.yml` or OPENLINEAGE_URL decide that.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from lineage_kit import current_run, lineage_job, run


@lineage_job("flights.ingest.{table}", inputs="{source}", outputs="{target}", owners="team:airports")
def ingest(table: str, source: Path, target: Path) -> Path:
    """Copies one CSV file, zipped or not, to Parquet as it is."""
    frame = pd.read_csv(current_run().add_input(source))
    frame.to_parquet(current_run().add_output(target, frame))
    return target


@lineage_job("flights.clean", inputs="{raw}", outputs="{target}")
def clean(raw: Path, target: Path) -> Path:
    """Leaves out cancelled flights and gives every flight its hour of departure in UTC."""
    flights = pd.read_parquet(current_run().add_input(raw))
    flown = flights.dropna(subset=["dep_time", "arr_delay"])
    flown = flown.assign(departure=pd.to_datetime(flown["time_hour"], utc=True))
    current_run().run_tag("cancelled", len(flights) - len(flown))
    flown.to_parquet(current_run().add_output(target, flown))
    return target


@lineage_job("flights.join_weather", inputs=["{flights}", "{weather}", "{planes}"], outputs="{target}")
def join_weather(flights: Path, weather: Path, planes: Path, target: Path) -> Path:
    """Adds the weather at the airport in the hour of departure, and the plane's year and seats."""
    joined = duckdb.sql(f"""
        SELECT f.*, w.temp, w.wind_speed, w.precip, w.visib, p.year AS plane_year, p.seats
        FROM '{flights}' f
        LEFT JOIN (SELECT DISTINCT ON (origin, time_hour) * FROM '{weather}') w
               ON w.origin = f.origin AND w.time_hour = f.time_hour
        LEFT JOIN '{planes}' p ON p.tailnum = f.tailnum
    """)
    return write(joined, target)


@lineage_job("flights.delays", inputs="{flights}", outputs="{target}")
def delays(flights: Path, target: Path) -> Path:
    """Delays per carrier and hour of the day."""
    per_hour = duckdb.sql(f"""
        SELECT carrier, hour, count(*) AS flights, round(avg(arr_delay), 1) AS mean_delay,
               round(avg((arr_delay > 15)::INT) * 100, 1) AS late_percent
        FROM '{flights}' GROUP BY carrier, hour ORDER BY carrier, hour
    """)
    return write(per_hour, target)


@lineage_job("flights.report", inputs=["{per_hour}", "{airlines}"], outputs="{target}")
def report(per_hour: Path, airlines: Path, target: Path, *, broken: bool = False) -> pd.DataFrame:
    """The carriers by their share of late flights."""
    table = "carier" if broken else "carrier"
    ranking = duckdb.sql(f"""
        SELECT name AS airline, sum(flights)::INT AS flights,
               round(sum(flights * late_percent) / sum(flights), 1) AS late_percent
        FROM '{per_hour}' d JOIN '{airlines}' a ON a.carrier = d.{table}
        GROUP BY airline ORDER BY late_percent DESC
    """).df()
    ranking.to_csv(current_run().add_output(target, ranking), index=False)
    return ranking


def write(result: duckdb.DuckDBPyRelation, target: Path) -> Path:
    """Writes a query's result to Parquet; its columns and rows are noted on the run that is current."""
    result.write_parquet(str(target))
    rows = duckdb.sql(f"SELECT count(*) FROM '{target}'").fetchall()[0][0]
    current_run().add_output(target, result, rows=rows)
    return target


def pipeline(source: Path, output: Path, *, broken: bool = False) -> pd.DataFrame:
    """Runs all jobs under one run; `broken` misspells a column in the last of them."""
    output.mkdir(parents=True, exist_ok=True)
    with run("flights", tags={"year": "2013"}):
        raw = {
            table: ingest(table, source / file, output / f"{table}.parquet")
            for table, file in (
                ("flights", "flights.csv.zip"),
                ("weather", "weather.csv"),
                ("planes", "planes.csv"),
            )
        }
        flown = clean(raw["flights"], output / "flown.parquet")
        joined = join_weather(flown, raw["weather"], raw["planes"], output / "flown_weather.parquet")
        per_hour = delays(joined, output / "delays.parquet")
        return report(per_hour, source / "airlines.csv", output / "report.csv", broken=broken)
