"""What is merely unclean in an event, put right on a copy: times, producers, parts given as dicts, facets half filled.

Clean events pass through untouched after a few checks. What nothing can be made of is left for the encoder, which
replaces it by a marker, or left out with a word.
Source: OpenLineage 2-0-2 (``date-time`` and ``uri`` formats); API of the existing client, which takes all of this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from lineage_kit import report
from lineage_kit.event.facet import CORE_SCHEMA, PRODUCER, BaseFacet
from lineage_kit.event.model import (
    Dataset,
    DatasetEvent,
    Event,
    Facets,
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    altered,
)

E = TypeVar("E", bound=Event)

BASES = {
    "run": CORE_SCHEMA + "RunFacet",
    "job": CORE_SCHEMA + "JobFacet",
    "dataset": CORE_SCHEMA + "DatasetFacet",
    "input": CORE_SCHEMA + "InputDatasetFacet",
    "output": CORE_SCHEMA + "OutputDatasetFacet",
}

_IS_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)").fullmatch
_IS_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+").fullmatch
_NOTES_OF_ZONE = re.compile(r"\[[^\]]*\]$")  # 2026-11-22T10:00:00+00:00[Europe/London]
_FRACTION = re.compile(r"([.,]\d{6})\d+")


def mend_event(event: E, producer: str | None = None) -> E:
    """The event with a time in UTC, a producer that is a URI, and parts of the right types; its facets: `mend_facets`.

    `producer` is the configured one; it replaces our default, never one that the event chose.
    """
    changes: dict[str, Any] = {}
    if type(event.eventTime) is not str or not _IS_TIME(event.eventTime):
        changes["eventTime"] = mend_time(event.eventTime)
    chosen = mend_producer(event.producer, producer)
    if chosen != event.producer:
        changes["producer"] = chosen
    for name, old in _parts(event):
        new = _mend_part(name, old)
        if new is not old:
            changes[name] = new
    return altered(event, **changes)


def mend_facets(facets: Facets, home: str, producer: str | None = None) -> Facets:
    """The facets without empty ones, each with a producer and a schema; the same dict when all were clean.

    `home` is run, job, dataset, input or output. What is neither a struct nor a dict is left for the encoder.
    """
    changes: Facets = {}
    for key, facet in facets.items():
        mended = _mend_facet(facet, home, producer)
        if mended is not facet or mended is None:
            changes[key] = mended
    if not changes:
        return facets
    return {key: facet for key, facet in {**facets, **changes}.items() if facet is not None}


def _mend_facet(facet: Any, home: str, producer: str | None) -> Any:
    """The facet with a producer and a schema; None for one that says nothing."""
    if isinstance(facet, BaseFacet):
        if facet.producer is PRODUCER and producer is None:
            return facet
        chosen = mend_producer(facet.producer, producer)
        return facet if chosen == facet.producer else msgspec.structs.replace(facet, producer=chosen)
    if isinstance(facet, dict):
        return _mend_dict(facet, home, producer)
    return None if facet is msgspec.UNSET else facet


def mend_producer(given: Any, configured: str | None = None) -> str:
    """The producer to send: the configured one for our default or none, with ``https://`` where a scheme lacks."""
    producer = (
        (configured or PRODUCER) if given == PRODUCER or not isinstance(given, str) or not given else given
    )
    return producer if producer is PRODUCER else _as_uri(producer)


@lru_cache(maxsize=64)
def _as_uri(producer: str) -> str:
    if _IS_URI(producer):
        return producer
    from urllib.parse import quote

    mended = producer if "://" in producer else "https://" + producer.strip().lstrip("/")
    mended = quote(mended, safe="/%:@!$&'()*+,;=?#~[]")
    report.problem(
        "mend.producer", f"the producer {producer[:80]!r} is no URI and is sent as {mended[:88]!r}"
    )
    return mended


def mend_time(value: Any) -> Any:
    """A time as RFC 3339 text in UTC; without a zone it is taken as local. What is no time is handed back, and said."""
    from datetime import UTC, datetime

    try:
        if isinstance(value, str):
            text = _FRACTION.sub(r"\1", _NOTES_OF_ZONE.sub("", value.strip()))
            value = datetime.fromisoformat(text)
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, OverflowError, OSError):
        pass
    report.problem("mend.time", "an eventTime is no ISO 8601 time and is sent as it is")
    return value


def _parts(event: Event) -> list[tuple[str, Any]]:
    if isinstance(event, DatasetEvent):
        return [("dataset", event.dataset)]
    parts = [("job", event.job), ("inputs", event.inputs), ("outputs", event.outputs)]
    return [("run", event.run), *parts] if isinstance(event, RunEvent) else parts


def _mend_part(name: str, part: Any) -> Any:
    kind = _KINDS.get(name)
    if kind is not None:
        return _mend_object(part, kind)
    if type(part) is not list:
        return part  # UNSET; the constructor made a list of all else
    kind = InputDataset if name == "inputs" else OutputDataset
    mended = [_mend_object(item, kind) for item in part]
    if all(new is old and isinstance(new, Dataset) for new, old in zip(mended, part, strict=True)):
        return part
    return [item for item in mended if isinstance(item, Dataset)]


_KINDS: dict[str, type[msgspec.Struct]] = {"run": Run, "job": Job, "dataset": Dataset}
_FACET_FIELDS = ("facets", "inputFacets", "outputFacets")


def _mend_object(part: Any, kind: type[msgspec.Struct]) -> Any:
    """A run, job or dataset whose ``facets`` are dicts; made of a dict where one was given."""
    if isinstance(part, Mapping):
        return _from_mapping(part, kind)
    if not isinstance(part, (Run, Job, Dataset)):
        report.problem(
            "mend.part", f"an object of type {type(part).__name__} stands where a {kind.__name__} belongs"
        )
        return part
    changes: dict[str, Any] = {}
    for field in _FACET_FIELDS:
        facets = getattr(part, field, _NO_FACETS)
        if type(facets) is not dict:
            changes[field] = _as_dict(facets)
    return altered(part, **changes)


_NO_FACETS: dict[str, Any] = {}


def _as_dict(facets: Any) -> Facets:
    if isinstance(facets, Mapping):
        return dict(facets)
    if facets is not None and facets is not msgspec.UNSET:
        report.problem(
            "mend.facets", f"facets are a dict, not an object of type {type(facets).__name__}; left out"
        )
    return {}


def _from_mapping(part: Mapping[Any, Any], kind: type[msgspec.Struct]) -> Any:
    known = {name: part[name] for name in kind.__struct_fields__ if name in part}
    known.update({name: _as_dict(known[name]) for name in _FACET_FIELDS if name in known})
    try:
        return kind(**known)
    except (TypeError, ValueError) as error:
        report.problem("mend.part", f"a dict given as {kind.__name__} lacks what one needs; left out", error)
        return part


def _mend_dict(facet: dict[str, Any], home: str, producer: str | None) -> dict[str, Any]:
    given, schema = facet.get("_producer"), facet.get("_schemaURL")
    if given and schema and (producer is None or given != PRODUCER):
        return facet
    return {**facet, "_producer": mend_producer(given, producer), "_schemaURL": schema or BASES[home]}
