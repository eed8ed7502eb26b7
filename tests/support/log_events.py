"""Events written by hand with fixed times, as plain dicts, for tests of what reads them back."""

import json
from pathlib import Path
from typing import Any

BEGIN = "2026-11-22T17:31:09"


FACETS = {
    "parent": "1-2-0/ParentRunFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
}


def facet(key: str, **fields: Any) -> dict[str, Any]:
    """A facet of the standard with its producer and schema."""
    version, _, name = FACETS[key].partition("/")
    schema = f"https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}"
    return {"_producer": "https://example.com/tests", "_schemaURL": schema, **fields}


def run_id(number: int) -> str:
    """A UUID that is easy to tell from the others."""
    return f"01234567-89ab-7cde-8f00-{number:012x}"


def at(seconds: float) -> str:
    """The time so many seconds after BEGIN, which lies 9 seconds into a minute."""
    minutes, rest = divmod(round((9 + seconds) * 1e6), 60_000_000)
    hours, minutes = divmod(31 + minutes, 60)
    return f"2026-11-22T{17 + hours:02d}:{minutes:02d}:{rest / 1e6:09.6f}Z"


def event(
    state: str | None,
    seconds: float,
    number: int,
    job: str,
    *,
    parent: tuple[int, str] | None = None,
    inputs: list[Any] | None = None,
    outputs: list[Any] | None = None,
    error: dict[str, Any] | None = None,
    facets: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One run event of the run `number`, `seconds` after BEGIN; `error` is an errorMessage facet."""
    run_facets = dict(facets or {})
    if parent is not None:
        run_facets["parent"] = facet(
            "parent", run={"runId": run_id(parent[0])}, job={"namespace": "default", "name": parent[1]}
        )
    if error is not None:
        run_facets["errorMessage"] = facet("errorMessage", programmingLanguage="python") | error
    document: dict[str, Any] = {
        "eventTime": at(seconds),
        "run": {"runId": run_id(number), "facets": run_facets},
        "job": {"namespace": "default", "name": job},
        "producer": "https://example.com/tests",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "inputs": inputs or [],
        "outputs": outputs or [],
    }
    if state is not None:
        document["eventType"] = state
    return document


def dataset(
    name: str,
    namespace: str = "file",
    *,
    rows: int | None = None,
    size: int | None = None,
    columns: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A dataset as an output carries it."""
    made: dict[str, Any] = {"namespace": namespace, "name": name, "facets": {}}
    if columns:
        made["facets"]["schema"] = facet(
            "schema", fields=[{"name": column, "type": "text"} for column in columns]
        )
    counted = {key: value for key, value in (("rowCount", rows), ("size", size)) if value is not None}
    if counted:
        made["outputFacets"] = {"outputStatistics": facet("outputStatistics", **counted)}
    return made


def daily(orders: str = "/data/orders.csv") -> list[dict[str, Any]]:
    """The program on the first screen of the README."""
    parquet, parent = orders.replace(".csv", ".parquet"), (1, "daily")
    totals = orders.replace("orders.csv", "totals.csv")
    written = dataset(parquet, rows=748, columns=("city", "amount"))
    return [
        event("START", 0.0, 1, "daily"),
        event(
            "START",
            0.001,
            2,
            "etl.clean",
            parent=parent,
            inputs=[dataset(orders)],
            outputs=[dataset(parquet)],
        ),
        event("COMPLETE", 0.051, 2, "etl.clean", parent=parent, inputs=[dataset(orders)], outputs=[written]),
        event(
            "START",
            0.052,
            3,
            "etl.totals",
            parent=parent,
            inputs=[dataset(parquet)],
            outputs=[dataset(totals)],
        ),
        event(
            "COMPLETE",
            0.070,
            3,
            "etl.totals",
            parent=parent,
            inputs=[dataset(parquet)],
            outputs=[dataset(totals)],
        ),
        event("COMPLETE", 0.0701, 1, "daily"),
    ]


def write(path: Path, events: list[dict[str, Any]]) -> Path:
    """The events as NDJSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    return path
