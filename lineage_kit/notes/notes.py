"""What one run has noted so far, and how what is noted twice merges."""

from __future__ import annotations

from typing import Any

import msgspec

from lineage_kit.event.model import Dataset, Facets, InputDataset, OutputDataset

Key = tuple[str, str]  # (namespace, name)
Side = dict[Key, "Noted"]  # in the order first seen


class Noted(msgspec.Struct):
    """One dataset of a run: `rows` and `bytes` add up over the run, `dataset` carries everything else.

    raw: its JSON, while nothing has changed since it was encoded. Entries declared on a function are shared by all its
    runs and copied by `change` before the first change.
    """

    dataset: InputDataset | OutputDataset
    rows: int | None = None
    bytes: int | None = None
    raw: msgspec.Raw | None = None


class Notes:
    """The datasets, facets and tags that a run has gathered. Written from inside the run, read at its events."""

    __slots__ = ("inputs", "job_facets", "outputs", "run_facets", "tags")

    def __init__(self, inputs: Side, outputs: Side) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.run_facets: Facets = {}
        self.job_facets: Facets = {}
        self.tags: dict[str, str] = {}


def add(side: Side, noted: Noted) -> None:
    """Put an entry in `side`, or what it says into the entry of the same name."""
    dataset = noted.dataset
    if side.setdefault((dataset.namespace, dataset.name), noted) is not noted:
        change(side, dataset, noted.rows, noted.bytes)


def change(
    side: Side, dataset: InputDataset | OutputDataset, rows: int | None = None, size: int | None = None
) -> None:
    """Note `dataset` in `side`: a new entry, or merged into the one of the same name.

    Facets merge by key, the later one replacing the earlier; `rows` and `size` (bytes) add up.
    """
    key = (dataset.namespace, dataset.name)
    known = side.get(key)
    if known is None:
        side[key] = Noted(dataset, rows, size)
        return
    side[key] = Noted(merge(known.dataset, dataset), _sum(known.rows, rows), _sum(known.bytes, size))


def merge(first: Any, second: Dataset) -> Any:
    """The dataset `first` with the facets of `second` laid over its own; neither is changed."""
    changes: dict[str, Any] = {}
    for name in ("facets", "inputFacets", "outputFacets"):
        later = getattr(second, name, None)
        if later and name in first.__struct_fields__:
            changes[name] = merge_facets(getattr(first, name), later)
    return msgspec.structs.replace(first, **changes) if changes else first


def merge_facets(first: Facets, second: Facets) -> Facets:
    """Facets by key, the later replacing the earlier; places in `subset` facets are united."""
    merged = {**first, **second}
    if "subset" in first and "subset" in second:
        merged["subset"] = _unite(first["subset"], second["subset"])
    return merged


MAX_LOCATIONS = 100


def _unite(first: Any, second: Any) -> Any:
    """One location subset for two; other conditions: the later one."""
    for field in ("inputCondition", "outputCondition"):
        one: Any = getattr(first, field, None)
        other: Any = getattr(second, field, None)
        if hasattr(one, "locations") and hasattr(other, "locations"):
            places = list(dict.fromkeys([*one.locations, *other.locations]))[:MAX_LOCATIONS]
            return msgspec.structs.replace(
                second, **{field: msgspec.structs.replace(other, locations=places)}
            )
    return second


def _sum(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return first + second
