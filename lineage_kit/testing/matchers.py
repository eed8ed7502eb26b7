"""Assertions over one run event that read as a sentence and say what was there instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Self

from lineage_kit.event.model import Dataset, Event, InputDataset, Location, OutputDataset, RunEvent, RunState

Settle = Callable[[Dataset, Any], Dataset]


class Match:
    """One run event that was found. Every method raises AssertionError or gives the match back, to go on."""

    def __init__(self, event: RunEvent, events: list[RunEvent], settle: Settle) -> None:
        self.event = event
        self._events = events
        self._settle = settle

    def read(self, *where: Location, rows: int | None = None, columns: Iterable[str] | None = None) -> Self:
        """The run read each of these datasets; with so many rows and exactly these columns, where given."""
        return self._has("inputs", InputDataset, where, rows, columns)

    def wrote(self, *where: Location, rows: int | None = None, columns: Iterable[str] | None = None) -> Self:
        """The run wrote each of these datasets; with so many rows and exactly these columns, where given."""
        return self._has("outputs", OutputDataset, where, rows, columns)

    def under(self, job: str) -> Self:
        """The parent of the run is a run of `job`."""
        parent = plain(self.facet("parent")) if "parent" in self.event.run.facets else {}
        found = parent.get("job", {}).get("name", "no run")
        return self._check(found == job, f"under {job}", f"it ran under {found}")

    def is_root(self) -> Self:
        """The run has no parent."""
        return self._check("parent" not in self.event.run.facets, "with no parent", "it has one")

    def with_error(self, part: str) -> Self:
        """The errorMessage facet holds this text."""
        message = plain(self.event.run.facets.get("errorMessage")).get("message", "")
        return self._check(part in message, f"with an error that holds {part!r}", f"its error is {message!r}")

    def with_tag(self, key: str, value: str = "true") -> Self:
        """The run has this tag."""
        tags = {tag["key"]: tag["value"] for tag in plain(self.event.run.facets.get("tags")).get("tags", ())}
        return self._check(tags.get(key) == value, f"with the tag {key}={value}", f"its tags are {tags}")

    def with_facet(self, key: str, **fields: Any) -> Self:
        """The run or its job has a facet of this key, with these fields where given."""
        facet = plain(self.facet(key))
        wrong = {name: facet.get(name) for name, value in fields.items() if facet.get(name) != value}
        return self._check(not wrong, f"with {key} {fields}", f"there it holds {wrong}")

    def facet(self, key: str) -> Any:
        """The run or job facet of this key. Raises AssertionError when there is none."""
        facets = {**self.event.job.facets, **self.event.run.facets}
        self._check(key in facets, f"with a facet {key}", f"its facets are {', '.join(facets)}")
        return facets[key]

    def _has(
        self, side: str, kind: Any, where: tuple[Any, ...], rows: int | None, columns: Iterable[str] | None
    ) -> Self:
        verb = "reading" if side == "inputs" else "writing"
        if not where:
            raise TypeError(f"name at least one dataset that {self.event.job.name} is expected to be {verb}")
        there = {(dataset.namespace, dataset.name): dataset for dataset in getattr(self.event, side) or ()}
        for one in where:
            wanted = self._settle(one if isinstance(one, Dataset) else Dataset(one), kind)
            found = there.get((wanted.namespace, wanted.name))
            names = ", ".join(f"{namespace} · {name}" for namespace, name in there) or "none"
            self._check(
                found is not None, f"{verb} {wanted.namespace} · {wanted.name}", f"its {side} are {names}"
            )
            self._check_data(found, wanted.name, rows, columns)
        return self

    def _check_data(self, dataset: Any, name: str, rows: int | None, columns: Iterable[str] | None) -> None:
        if rows is not None:
            facets = {**getattr(dataset, "inputFacets", {}), **getattr(dataset, "outputFacets", {})}
            statistics = facets.get("outputStatistics", facets.get("inputStatistics"))
            count = plain(statistics).get("rowCount")
            self._check(count == rows, f"with {rows} rows of {name}", f"it noted {count}")
        if columns is not None:
            seen = [field["name"] for field in plain(dataset.facets.get("schema")).get("fields", ())]
            wanted = list(columns)
            self._check(seen == wanted, f"with the columns {wanted} of {name}", f"it noted {seen}")

    def _check(self, true: bool, wanted: str, instead: str) -> Self:
        if not true:
            raise AssertionError(
                f"expected {self.event.eventType} of {self.event.job.name} {wanted}; {instead}"
            )
        return self


def matching(events: list[Event], job: str, state: RunState, settle: Settle) -> Match:
    """The last event of `job` in `state`. Raises AssertionError that lists what was emitted."""
    run_events = [event for event in events if isinstance(event, RunEvent)]
    for event in reversed(run_events):
        if event.job.name == job and event.eventType is state:
            return Match(event, run_events, settle)
    seen = ", ".join(f"{event.eventType} {event.job.name}" for event in run_events) or "nothing"
    raise AssertionError(f"expected {state} of {job}, but the events were: {seen}")


def plain(facet: Any) -> dict[str, Any]:
    """A facet, struct or dict, as a dict of plain values; none as an empty one."""
    if facet is None:
        return {}
    if isinstance(facet, dict):
        return facet
    from lineage_kit.event.clean import clean

    tree: dict[str, Any] = clean(facet)[0]
    return tree
