"""The JSON of a tree has a shape that programs can count on."""

from lineage_kit.history import plain, runs, tree
from tests.support.log_events import daily, dataset, event, run_id

RUN = ["run_id", "namespace", "job", "state", "started", "ended", "duration", "parent", "root"]
KEYS = [*RUN, "nominal_start", "nominal_end", "inputs", "outputs", "error", "tags", "children"]


def test_every_key_is_always_there() -> None:
    """A run of which nothing is known has the same keys as one of which everything is."""
    (root,) = tree(runs([event(None, 0, 2, "b", parent=(1, "a"))]))
    made = plain(root)
    assert list(made) == KEYS
    assert list(made["children"][0]) == KEYS
    assert made["state"] is None
    assert made["started"] is None


def test_a_tree_is_nested_as_its_runs_are() -> None:
    """Children stand in their parent, with times, durations and datasets."""
    (root,) = tree(runs(daily()))
    made = plain(root)
    assert (made["job"], made["state"], made["started"]) == (
        "daily",
        "COMPLETE",
        "2026-11-22T17:31:09.000000Z",
    )
    clean, totals = made["children"]
    assert clean["duration"] == 0.05
    assert clean["parent"] == {"run_id": run_id(1), "namespace": "default", "job": "daily"}
    assert clean["outputs"] == [
        {
            "namespace": "file",
            "name": "/data/orders.parquet",
            "rows": 748,
            "bytes": None,
            "columns": ["city", "amount"],
            "columns_left_out": 0,
        }
    ]
    assert [one["name"] for one in totals["outputs"]] == ["/data/totals.csv"]


def test_errors_name_type_message_and_place() -> None:
    """An error has the user's file, line and function where the stack shows one."""
    stack = 'Traceback:\n  File "/etl.py", line 3, in load\n    boom()\nValueError: no\n'
    error = {"message": "ValueError: no", "stackTrace": stack}
    (root,) = tree(runs([event("FAIL", 0, 1, "a", outputs=[dataset("/x")], error=error)]))
    assert plain(root)["error"] == {
        "type": "ValueError",
        "message": "no",
        "where": {"file": "/etl.py", "line": 3, "function": "load"},
    }
