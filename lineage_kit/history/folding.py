"""Events → one record per run, in whatever order and shape real producers send them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lineage_kit.history.failure import error_from
from lineage_kit.history.records import DatasetRecord, RunKey, RunRecord

# The higher one wins, whatever the order of events: a failure is never hidden by a COMPLETE sent before or after it,
# and an ABORT written on behalf of a process thought dead gives way to the end it reported itself.
_RANK = {"OTHER": 0, "START": 1, "RUNNING": 1, "ABORT": 2, "COMPLETE": 3, "FAIL": 4}
_SHOWN = {"START": "RUNNING"}
_TERMINAL = 2
_LEFT_OUT = "lineageKit_columnsLeftOut"  # see lifecycle/recording/wide.py
_CHECKS = "dataQualityAssertions"

Json = dict[str, Any]


class Folder:
    """Takes events one by one; `records` holds what is known so far. Events without a run are passed over."""

    def __init__(self) -> None:
        self.records: dict[RunKey, RunRecord] = {}
        self._shared: dict[Any, Any] = {}

    def add(self, event: Json) -> None:
        """Fold one event in. Whatever is not of the expected type counts as absent."""
        key = _key(_mapping(event.get("run")).get("runId"), _mapping(event.get("job")))
        if key is None:
            return
        record = self.records.get(key)
        if record is None:
            key = RunKey(*(self._once(part) for part in key))
            record = RunRecord(run_id=key.run_id, namespace=key.namespace, job=key.job)
            self.records[key] = record
        record.events += 1
        _fold_state(record, event)
        _fold_run_facets(record, _mapping(_mapping(event.get("run")).get("facets")))
        _fold_tags(record, _mapping(_mapping(event.get("job")).get("facets")))
        self._fold_datasets(record.inputs, event.get("inputs"), "inputFacets", "inputStatistics")
        self._fold_datasets(record.outputs, event.get("outputs"), "outputFacets", "outputStatistics")

    def _once(self, value: Any) -> Any:
        """The same value, held once: names and columns repeat in every event."""
        return self._shared.setdefault(value, value)

    def _fold_datasets(self, known: list[DatasetRecord], listed: Any, own: str, statistics: str) -> None:
        by_name = {(record.namespace, record.name): record for record in known}
        for one in listed if isinstance(listed, list) else ():
            namespace, name = _mapping(one).get("namespace"), _mapping(one).get("name")
            if not isinstance(namespace, str) or not isinstance(name, str):
                continue
            name = unquoted(name)
            record = by_name.get((namespace, name))
            if record is None:
                record = DatasetRecord(self._once(namespace), self._once(name))
                by_name[namespace, name] = record
                known.append(record)
            self._fold_shape(record, _mapping(one.get("facets")), _mapping(one.get(own)), statistics)

    def _fold_shape(self, record: DatasetRecord, facets: Json, own: Json, statistics: str) -> None:
        counted = _mapping(own.get(statistics)) or _mapping(facets.get(statistics))
        quality = _mapping(own.get("dataQualityMetrics")) or _mapping(facets.get("dataQualityMetrics"))
        record.rows = _count(counted.get("rowCount"), _count(quality.get("rowCount"), record.rows))
        record.bytes = _count(counted.get("size"), _count(quality.get("bytes"), record.bytes))
        schema = _mapping(facets.get("schema"))
        fields = schema.get("fields")
        if isinstance(fields, list) and fields:
            names = tuple(str(_mapping(field).get("name", "?")) for field in fields)
            record.columns = self._once(names)
            record.columns_left_out = _count(schema.get(_LEFT_OUT), 0) or 0
        checks = _mapping(own.get(_CHECKS)) or _mapping(facets.get(_CHECKS))
        if checks:
            record.failed = _failed(checks.get("assertions"))


def _failed(assertions: Any) -> tuple[str, ...]:
    """``not_null of amount: expected 0, found 1`` for each check that did not pass."""
    found = []
    for check in map(_mapping, assertions if isinstance(assertions, list) else ()):
        if check.get("success") is False:
            column = f" of {check['column']}" if check.get("column") else ""
            values = (("expected", check.get("expected")), ("found", check.get("actual")))
            why = ", ".join(f"{word} {value}" for word, value in values if value is not None)
            found.append(f"{check.get('assertion', '?')}{column}{': ' if why else ''}{why}")
    return tuple(found)


def runs(events: Iterable[Json]) -> dict[RunKey, RunRecord]:
    """One record per run of these events (parsed JSON), in order of first appearance. Never raises."""
    folder = Folder()
    for event in events:
        folder.add(event)
    return folder.records


def epoch(text: Any) -> float | None:
    """Seconds since 1970-01-01 UTC of an ISO 8601 time; one without zone is local. None for what is no time."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def unquoted(name: str) -> str:
    """A table name without SQL quoting, which some producers use on one event of a run and not on the next."""
    if '"' in name or "`" in name:
        return name.replace('"', "").replace("`", "") or name
    return name


def _key(run_id: Any, job: Json) -> RunKey | None:
    if not isinstance(run_id, str) or not run_id:
        return None
    namespace, name = job.get("namespace"), job.get("name")
    return RunKey(
        run_id.lower(),
        namespace if isinstance(namespace, str) else "",
        name if isinstance(name, str) else "",
    )


def _fold_state(record: RunRecord, event: Json) -> None:
    state = event.get("eventType")
    state = state if isinstance(state, str) and state in _RANK else "OTHER"
    time = epoch(event.get("eventTime"))
    if time is not None:
        record.seen = _earliest(record.seen, time)
        if state == "START":
            record.started = _earliest(record.started, time)
    rank, known = _RANK[state], _RANK.get(record.state or "", -1)
    if rank >= _TERMINAL and rank >= known:
        record.ended = time if rank > known else _earliest(record.ended, time)
    if rank > known:
        record.state = _SHOWN.get(state, state)


def _fold_run_facets(record: RunRecord, facets: Json) -> None:
    parent = _mapping(facets.get("parent")) or _mapping(facets.get("parentRun"))
    if parent:
        record.parent = _reference(parent) or record.parent
        record.root = _reference(_mapping(parent.get("root"))) or record.root
    if "errorMessage" in facets:
        error = error_from(_mapping(facets["errorMessage"]))
        if error and (record.error is None or (record.error.frame is None and error.frame is not None)):
            record.error = error
    nominal = _mapping(facets.get("nominalTime"))
    record.nominal_start = _text(nominal.get("nominalStartTime"), record.nominal_start)
    record.nominal_end = _text(nominal.get("nominalEndTime"), record.nominal_end)
    _fold_tags(record, facets)


def _fold_tags(record: RunRecord, facets: Json) -> None:
    tags = _mapping(facets.get("tags")).get("tags")
    for tag in tags if isinstance(tags, list) else ():
        key, value = _mapping(tag).get("key"), _mapping(tag).get("value")
        if isinstance(key, str):
            record.tags[key] = value if isinstance(value, str) else str(value)


def _reference(facet: Json) -> RunKey | None:
    """The run a parent facet or its root points to."""
    return _key(_mapping(facet.get("run")).get("runId"), _mapping(facet.get("job")))


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _text(value: Any, otherwise: str | None) -> str | None:
    return value if isinstance(value, str) else otherwise


def _count(value: Any, otherwise: int | None) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**63:
        return otherwise
    return int(value)


def _earliest(known: float | None, time: float | None) -> float | None:
    if known is None or time is None:
        return time if known is None else known
    return min(known, time)
