"""What user code adds to an open run: a dataset with what its data shows by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lineage_kit.errors import LineageError
from lineage_kit.event.facet import BaseFacet
from lineage_kit.event.model import InputDataset, OutputDataset
from lineage_kit.lifecycle.arguments.declared import literal
from lineage_kit.lifecycle.recording.narrate import schema_facet
from lineage_kit.lifecycle.recording.recorder import Recorder
from lineage_kit.naming import frame
from lineage_kit.notes.notes import change

Kind = type[InputDataset] | type[OutputDataset]


def gather(
    recorder: Recorder, kind: Kind, where: Any, data: Any, rows: int | None, size: int | None, facets: Any
) -> None:
    """Note one dataset of a run. Raises what the door around it reports."""
    dataset = recorder.plan.client.prepare.dataset(literal(where), kind)
    seen = frame(data) if data is not None else None
    if seen is not None:
        rows = seen.rows if rows is None else rows
        schema = schema_facet(seen, dataset.name)
        if schema is not None:
            dataset = msgspec.structs.replace(dataset, facets={**dataset.facets, "schema": schema})
    dataset = _with_facets(dataset, facets)
    side = recorder.notes.inputs if kind is InputDataset else recorder.notes.outputs
    change(side, dataset, _count(rows, "rows"), _count(size, "bytes"))


def keyed(facet: Any, key: str | None) -> tuple[str, Any]:
    """A facet and the key it is filed under. Raises `LineageError` when a plain dict comes without one."""
    if isinstance(facet, BaseFacet):
        return key or facet.facet_key, facet
    if isinstance(facet, Mapping) and key:
        return key, dict(facet)
    raise LineageError(
        f"a facet is a struct of lineage_kit.facets, or a dict with a key, not {type(facet).__name__}"
    )


def _with_facets(dataset: Any, facets: Any) -> Any:
    """Facets laid over the dataset, each in the place its home names; keyed dicts count as dataset facets."""
    if facets is None:
        return dataset
    if isinstance(facets, Mapping):
        pairs = [keyed(facet, key) for key, facet in facets.items()]
    else:
        pairs = [keyed(facet, None) for facet in (facets if isinstance(facets, (list, tuple)) else (facets,))]
    places = {"input": "inputFacets", "output": "outputFacets"}
    for key, facet in pairs:
        place = places.get(getattr(facet, "facet_home", "dataset"), "facets")
        if place not in dataset.__struct_fields__:
            raise LineageError(f"{type(facet).__name__} belongs to another side than this dataset")
        dataset = msgspec.structs.replace(dataset, **{place: {**getattr(dataset, place), key: facet}})
    return dataset


def _count(value: Any, name: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    index = getattr(type(value), "__index__", None)
    if index is None or isinstance(value, bool) or int(index(value)) < 0:
        raise LineageError(f"{name} is a count of 0 or more, not {type(value).__name__}")
    return int(index(value))
