"""Trees → plain JSON values of a shape that stays: what ``lineage-kit log --json`` prints."""

from __future__ import annotations

from typing import Any

from lineage_kit.event.ids import timestamp
from lineage_kit.history.forest import Node
from lineage_kit.history.records import DatasetRecord, ErrorRecord, RunKey, RunRecord

Json = dict[str, Any]


def plain(root: Node) -> Json:
    """One run with its ``children``. Every key is always there; what is not known is null. Times are RFC 3339, UTC."""
    made: dict[int, Json] = {}
    for node in reversed(list(root.walk())):
        made[id(node)] = _run(node.record) | {"children": [made[id(child)] for child in node.children]}
    return made[id(root)]


def _run(record: RunRecord) -> Json:
    return {
        "run_id": record.run_id,
        "namespace": record.namespace,
        "job": record.job,
        "state": record.state,
        "started": _time(record.started),
        "ended": _time(record.ended),
        "duration": None if record.duration is None else round(record.duration, 6),
        "parent": _key(record.parent),
        "root": _key(record.root),
        "nominal_start": record.nominal_start,
        "nominal_end": record.nominal_end,
        "inputs": [_dataset(dataset) for dataset in record.inputs],
        "outputs": [_dataset(dataset) for dataset in record.outputs],
        "error": _error(record.error),
        "tags": record.tags,
    }


def _dataset(dataset: DatasetRecord) -> Json:
    return {
        "namespace": dataset.namespace,
        "name": dataset.name,
        "rows": dataset.rows,
        "bytes": dataset.bytes,
        "columns": None if dataset.columns is None else list(dataset.columns),
        "columns_left_out": dataset.columns_left_out,
    }


def _error(error: ErrorRecord | None) -> Json | None:
    if error is None:
        return None
    frame = error.frame
    where = None if frame is None else {"file": frame.file, "line": frame.line, "function": frame.function}
    return {"type": error.type or None, "message": error.message, "where": where}


def _key(key: RunKey | None) -> Json | None:
    return None if key is None else {"run_id": key.run_id, "namespace": key.namespace, "job": key.job}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(round(seconds * 1e6) * 1000)
