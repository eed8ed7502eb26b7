"""An event too big for the usual 1 MB limits of brokers goes down a ladder until it fits, and says what it lost.

The rungs, each taken only as far as needed:

1. tags of run and job beyond the first hundred, and those beyond 60 kB; error texts beyond their usual bounds
2. facets, and keys the standard does not know, largest first; parent, error, engine, tags and the smallest facets of
   run and job stay
3. tags of datasets
4. datasets: inputs and outputs in turn stay as long as they fit
5. what facets run and job still have, largest first
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, zip_longest
from typing import Any

import msgspec

from lineage_kit import report
from lineage_kit.client.redact.caps import MESSAGE_LIMIT, STACK_LIMIT, cap_stack, cap_text
from lineage_kit.event.facet import CORE_SCHEMA, PRODUCER

MAX_EVENT = 900_000  # bytes
MAX_TAGS = 100
MAX_PATHS = 100
MAX_PATH = 100  # characters of one
MARK_BYTES = 600  # of the marker without its paths
_PATHS_SHARE = 10
_TAG_SHARE = 15  # 60 kB of an event may be tags of one thing
_SMALL_SHARE = 30  # 30 kB of small facets are not worth a dataset
_ERROR_TEXTS: tuple[tuple[str, Callable[[str, int], str], int], ...] = (
    ("message", cap_text, MESSAGE_LIMIT),
    ("stackTrace", cap_stack, STACK_LIMIT),
)
_KEPT = frozenset({"parent", "errorMessage", "processing_engine", "tags"})
_PLACES = ("facets", "inputFacets", "outputFacets")
_HOMES = (("run", "RunFacet"), ("job", "JobFacet"), ("dataset", "DatasetFacet"))
_SIDES = ("inputs", "outputs")
_EVENT_KEYS = frozenset(
    {"eventType", "eventTime", "producer", "schemaURL", *_SIDES, *(home for home, _ in _HOMES)}
)
_PART_KEYS = frozenset({"runId", "namespace", "name", *_PLACES})

Found = tuple[int, str, dict[str, Any], str]
"""Bytes, path, the object that holds it, key."""


def shrink(body: bytes, key: str, limit: int = MAX_EVENT) -> bytes:
    """The event in at most `limit` bytes; when and what happened, run, job and type always stay.

    What went is counted in a facet ``lineageKit_leftOut`` of the run, job or dataset, and in a warning. Only an event
    whose names alone are larger than `limit` stays larger, which is said.
    """
    cut = _Cut(msgspec.json.decode(body), limit)
    for rung in (_bound_kept, _drop_facets, _drop_dataset_tags, _drop_datasets, _drop_the_rest):
        if cut.over > 0:
            rung(cut)
    cut.mark()
    small = msgspec.json.encode(cut.event)
    end = f"was cut to {len(small):,}, which fits"
    if len(small) > limit:
        end = f"has {len(small):,} still, for its names cannot be cut; destinations may refuse it"
    report.problem(
        f"too-large:{key}", f"an event of {key} had {len(body):,} bytes and {end}; left out: {cut.in_words()}"
    )
    return small


def smaller(body: bytes, refused: int) -> bytes | None:
    """A form of `body` for a destination that said of `refused` bytes that they are too many: half of them at most.

    Only texts are shortened and facets left out, marked and said as in `shrink`: an event that is too large for its
    datasets is for somebody to look at. None where that is not enough, or nothing is left to go.
    """
    cut = _Cut(msgspec.json.decode(body), refused // 2)
    for rung in (_bound_kept, _drop_facets, _drop_dataset_tags):
        if cut.over > 0:
            rung(cut)
    if cut.over > 0:
        return None
    cut.mark()
    small = msgspec.json.encode(cut.event)
    text = (
        f"an event of {len(body):,} bytes was too large for its destination and goes out with {len(small):,}"
    )
    report.problem("too-large:answer", f"{text}; left out: {cut.in_words()}")
    return small


class _Cut:
    """An event on its way down. over: bytes that must still go, the marker counted in."""

    def __init__(self, event: dict[str, Any], limit: int) -> None:
        self.event = event
        self.limit = limit
        self.over = len(msgspec.json.encode(event)) + MARK_BYTES - limit
        self.paths: list[str] = []
        self._room_for_paths = limit // _PATHS_SHARE
        self.facets = 0
        self.counts: dict[str, int] = {}  # of tags, error texts and datasets, by name in the marker
        self.totals = {side: len(event.get(side) or ()) for side in _SIDES}

    def drop(self, found: Found) -> None:
        """Take a facet or key out."""
        size, path, holder, key = found
        del holder[key]
        self.over -= size
        self.facets += 1
        shown = path[:MAX_PATH]
        cost = _size(shown) + 1
        if len(self.paths) < MAX_PATHS and cost <= self._room_for_paths:
            self.paths.append(shown)
            self._room_for_paths -= cost
            self.over += cost

    def drop_largest(self, found: list[Found]) -> None:
        """Take out as many as needed."""
        for one in sorted(found, key=lambda one: -one[0]):
            if self.over <= 0:
                break
            self.drop(one)

    def count(self, name: str, number: int, size: int) -> None:
        """So many parts of `name` went, `size` bytes in all."""
        self.over -= size
        if number:
            self.counts[name] = self.counts.get(name, 0) + number

    def mark(self) -> None:
        """Write into the event what it lost."""
        for home, schema in _HOMES:
            holder = self.event.get(home)
            if isinstance(holder, dict):
                facet: dict[str, Any] = {"_producer": PRODUCER, "_schemaURL": CORE_SCHEMA + schema}
                facet |= {"leftOut": self.paths, "facetsLeftOut": self.facets}
                facet |= {f"{name}LeftOut": number for name, number in self.counts.items()}
                holder["facets"] = {**(holder.get("facets") or {}), "lineageKit_leftOut": facet}
                return

    def in_words(self) -> str:
        """For the warning: ``run.facets.big and 3 more facets, 400 of 900 outputs``."""
        parts = []
        more = self.facets - len(self.paths[:3])
        if self.paths:
            parts.append(", ".join(self.paths[:3]) + (f" and {more:,} more facets" if more else ""))
        elif more:
            parts.append(f"{more:,} facets")
        for name, number in self.counts.items():
            total = f" of {self.totals[name]:,}" if name in self.totals else ""
            parts.append(f"{number:,}{total} {_WORDS.get(name, name)}")
        return ", ".join(parts) or "nothing can be"


_WORDS = {
    "runTags": "tags of the run",
    "jobTags": "tags of the job",
    "errorTexts": "long error texts (shortened)",
}


def _bound_kept(cut: _Cut) -> None:
    for home in ("run", "job"):
        facets = _inside(cut.event.get(home), "facets")
        tags = _inside(facets, "tags")
        if isinstance(tags.get("tags"), list):
            _bound_tags(cut, f"{home}Tags", tags)
        error = _inside(facets, "errorMessage")
        for field, cap, limit in _ERROR_TEXTS:
            text = error.get(field)
            if isinstance(text, str) and (short := cap(text, limit)) is not text:
                error[field] = short
                cut.count("errorTexts", 1, _size(text) - _size(short))


def _bound_tags(cut: _Cut, name: str, facet: dict[str, Any]) -> None:
    room = cut.limit // _TAG_SHARE
    kept: list[Any] = []
    gone = 0
    for tag in facet["tags"]:
        size = _size(tag)
        if len(kept) < MAX_TAGS and size <= room:
            kept.append(tag)
            room -= size
        else:
            gone += size
    cut.count(name, len(facet["tags"]) - len(kept), gone)
    facet["tags"] = kept


def _drop_facets(cut: _Cut) -> None:
    mine = sorted(_optional(cut.event, ("run", "job")), key=lambda one: one[0])
    room = cut.limit // _SMALL_SHARE
    small = 0
    while small < len(mine) and mine[small][0] <= room:
        room -= mine[small][0]
        small += 1
    cut.drop_largest([*mine[small:], *_optional(cut.event, ("dataset", *_SIDES)), *_strange_keys(cut.event)])


def _drop_dataset_tags(cut: _Cut) -> None:
    holders = _parts(cut.event, ("dataset", *_SIDES))
    cut.drop_largest([found for path, holder in holders for found in _sized(path, holder, _PLACES)])


def _drop_datasets(cut: _Cut) -> None:
    """Keep inputs and outputs in turn, in their order; one that does not fit makes room for those after it."""
    lists = {side: [(_size(one) + 1, one) for one in cut.event.get(side) or ()] for side in _SIDES}
    room = sum(size for size, _ in chain(*lists.values())) - cut.over
    kept: dict[str, list[Any]] = {side: [] for side in _SIDES}
    freed = dict.fromkeys(_SIDES, 0)
    for side, size, dataset in _in_turn(lists):
        if size <= room:
            kept[side].append(dataset)
            room -= size
        else:
            freed[side] += size
    for side in _SIDES:
        if freed[side]:
            cut.event[side] = kept[side]
            cut.count(side, cut.totals[side] - len(kept[side]), freed[side] - 1)  # the last one had no comma


def _in_turn(lists: dict[str, list[tuple[int, Any]]]) -> Iterator[tuple[str, int, Any]]:
    for pair in zip_longest(*lists.values()):
        for side, found in zip(lists, pair, strict=True):
            if found is not None:
                yield side, *found


def _drop_the_rest(cut: _Cut) -> None:
    holders = _parts(cut.event, ("run", "job"))
    cut.drop_largest([found for path, holder in holders for found in _sized(path, holder, _PLACES)])


def _optional(event: dict[str, Any], names: tuple[str, ...]) -> list[Found]:
    """The facets that may go of what stands under `names`."""
    found = [one for path, holder in _parts(event, names) for one in _sized(path, holder, _PLACES)]
    return [one for one in found if one[3] not in _KEPT]


def _strange_keys(event: dict[str, Any]) -> list[Found]:
    """What stands beside the standard's own keys, of the event and of its parts."""
    parts = [("", event, _EVENT_KEYS)]
    parts += [
        (f"{path}.", part, _PART_KEYS)
        for path, part in _parts(event, (*(home for home, _ in _HOMES), *_SIDES))
    ]
    return [
        (_size(value) + _size(key) + 1, prefix + key, part, key)
        for prefix, part, known in parts
        for key, value in part.items()
        if key not in known
    ]


def _parts(event: dict[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and object: of run, job, dataset and of each input and output."""
    for name in names:
        part = event.get(name)
        if isinstance(part, dict):
            yield name, part
        for index, dataset in enumerate(part if isinstance(part, list) else ()):
            if isinstance(dataset, dict):
                yield f"{name}[{index}]", dataset


def _sized(path: str, holder: dict[str, Any], places: tuple[str, ...]) -> Iterator[Found]:
    for place in places:
        facets = _inside(holder, place)
        for key, facet in facets.items():
            yield _size(facet) + _size(key) + 1, f"{path}.{place}.{key}", facets, key


def _inside(holder: Any, place: str) -> dict[str, Any]:
    """The object in `holder` under a key; an empty one where there is none."""
    found = holder.get(place) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def _size(value: Any) -> int:
    return len(msgspec.json.encode(value))
