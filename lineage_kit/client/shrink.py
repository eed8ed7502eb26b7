"""An event that is too big for the usual 1 MB limits of brokers loses optional facets, largest first, with a marker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lineage_kit import report
from lineage_kit.event.facet import CORE_SCHEMA, PRODUCER

MAX_EVENT = 900_000  # bytes
_KEPT = frozenset({"parent", "errorMessage", "processing_engine", "tags"})
_PLACES = ("facets", "inputFacets", "outputFacets")


def shrink(body: bytes, key: str, limit: int = MAX_EVENT) -> bytes:
    """The event without as many of its largest facets as it takes to fit `limit` bytes.

    What went is listed in a run or job facet ``lineageKit_leftOut``. Parent, error, engine and tags are never taken.
    An event that is too big even so is returned as small as it gets.
    """
    event = msgspec.json.decode(body)
    sized = sorted(_facets(event), key=lambda found: -found[0])
    left_out: list[str] = []
    size = len(body)
    for facet_size, path, facets, name in sized:
        if size <= limit - 200 - sum(len(path) + 3 for path in left_out[:100]):
            break
        del facets[name]
        left_out.append(path)
        size -= facet_size
    _mark(event, left_out[:100])
    which = ", ".join(left_out[:3]) + (f" and {len(left_out) - 3} more" if len(left_out) > 3 else "")
    report.problem(
        f"too-large:{key}",
        f"an event of {key} had {len(body):,} bytes; left out: {which or 'nothing can be'}",
    )
    return msgspec.json.encode(event)


def _facets(event: dict[str, Any]) -> Iterator[tuple[int, str, dict[str, Any], str]]:
    """(bytes, path, the object that holds it, key) of every facet that may go."""
    holders = [(name, event[name]) for name in ("run", "job", "dataset") if isinstance(event.get(name), dict)]
    for side in ("inputs", "outputs"):
        holders += [(f"{side}[{index}]", dataset) for index, dataset in enumerate(event.get(side) or ())]
    for path, holder in holders:
        for place in _PLACES:
            yield from _sized(f"{path}.{place}", holder.get(place) or {})


def _sized(path: str, facets: dict[str, Any]) -> Iterator[tuple[int, str, dict[str, Any], str]]:
    for key, facet in facets.items():
        if key not in _KEPT:
            yield len(msgspec.json.encode(facet)) + len(key) + 4, f"{path}.{key}", facets, key


def _mark(event: dict[str, Any], paths: list[str]) -> None:
    home, schema = ("run", "RunFacet") if "run" in event else ("job", "JobFacet")
    holder = event.get(home)
    if isinstance(holder, dict):
        marker = {"_producer": PRODUCER, "_schemaURL": CORE_SCHEMA + schema, "leftOut": paths}
        holder.setdefault("facets", {})["lineageKit_leftOut"] = marker
