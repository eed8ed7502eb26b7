"""What user code adds to an open run: a dataset with what its data shows by itself, a facet."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from itertools import islice
from typing import Any, TypeVar

import msgspec

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.event.clean import clean
from lineage_kit.event.facet import BaseFacet
from lineage_kit.event.model import Facets, InputDataset, OutputDataset, altered
from lineage_kit.lifecycle.arguments.declared import literal
from lineage_kit.lifecycle.recording.guard import guarded
from lineage_kit.lifecycle.recording.narrate import schema_facet
from lineage_kit.lifecycle.recording.recorder import Recorder
from lineage_kit.lifecycle.spec import facet_key
from lineage_kit.naming import frame
from lineage_kit.notes.notes import Key
from lineage_kit.notes.uniting import merge_facets
from lineage_kit.strangers import ask, full_type_name, is_a, is_kind_of

MAX_FACETS = 200
MAX_VALUES = 50_000  # in a dict facet
MAX_TEXT = 900_000  # characters, what an event holds

Kind = type[InputDataset] | type[OutputDataset]
D = TypeVar("D", bound=InputDataset | OutputDataset)


class Gathered(msgspec.Struct, frozen=True):
    """One call of `add_input` or `add_output`, as it was given."""

    kind: Kind
    where: Any
    data: Any = None
    rows: Any = None
    bytes: Any = None
    columns: Any = None
    derived_from: Any = None
    facets: Any = None


def gather(recorder: Recorder, given: Gathered) -> None:
    """Note one dataset of a run, then what it was made of. Raises what the door around it reports."""
    target = _note_dataset(recorder, given)
    if given.columns is not None or given.derived_from is not None:
        from lineage_kit.lifecycle.recording.made_of.edges import note_edges

        note_edges(recorder, given.kind, target, given.columns, given.derived_from)


def note_facet(recorder: Recorder, place: str, facet: Any, key: str | None) -> None:
    """Note a run or job facet (`place` of the notes). Raises `LineageError` for what is no facet."""
    name, facet = keyed(facet, key)
    given: Facets = {name: facet}
    if place == "job_facets":
        given = recorder.plan.client.prepare.references(given)
    noted: Facets = getattr(recorder.notes, place)
    noted.update(merge_facets({name: noted[name]} if name in noted else {}, given))


def keyed(facet: Any, key: str | None) -> tuple[str, Any]:
    """A facet and the key it is filed under. Raises `LineageError` when a plain dict comes without one."""
    key = facet_key(key)
    if is_a(facet, BaseFacet):
        return key or facet.facet_key, facet
    if is_kind_of(facet, Mapping) and key:
        return key, _plain(facet, key)
    raise LineageError(
        f"a facet is a struct of lineage_kit.facets, or a dict with a key, not {full_type_name(facet)}"
    )


def _plain(facet: Any, key: str) -> Any:
    """A dict facet as it is now, in plain values, and no more of it than an event holds."""
    tree, said = clean(facet, MAX_VALUES, MAX_TEXT)
    if said:
        report.problem(f"facet:{key}", f"in the facet {key}: {'; '.join(said)}")
    if type(tree) is not dict:
        raise LineageError(f"the facet {key} cannot be read")
    return tree


def _note_dataset(recorder: Recorder, given: Gathered) -> Key:
    """The dataset in the notes, without what of its counts and facets cannot be used."""
    prepare = recorder.plan.client.prepare
    dataset: InputDataset | OutputDataset = prepare.dataset(literal(given.where), given.kind)
    rows = guarded("rows", lambda: _count(given.rows, "rows"))
    size = guarded("bytes", lambda: _count(given.bytes, "bytes"))
    seen = frame(given.data) if given.data is not None else None
    if seen is not None:
        rows = seen.rows if given.rows is None else rows
        schema = schema_facet(seen, dataset.name)
        if schema is not None:
            dataset = altered(dataset, facets={**dataset.facets, "schema": schema})
    for key, facet in guarded("facets", lambda: _pairs(given.facets)) or ():
        dataset = guarded("facet", lambda: _with_facet(dataset, key, facet, prepare)) or dataset  # noqa: B023
    return recorder.notes.note(dataset, rows, size)


def _pairs(facets: Any) -> list[tuple[str | None, Any]]:
    """Facets by key, or several that know their keys."""
    if is_kind_of(facets, Mapping):
        return list(islice(facets.items(), MAX_FACETS))
    several = facets if is_a(facets, (list, tuple)) else () if facets is None else (facets,)
    return [(None, facet) for facet in several[:MAX_FACETS]]


def _with_facet(dataset: D, key: str | None, given: Any, prepare: Any) -> D:
    """A facet laid over the dataset in the place its home names; keyed dicts count as dataset facets."""
    name, facet = keyed(given, key)
    places = {"input": "inputFacets", "output": "outputFacets"}
    place = places.get(getattr(facet, "facet_home", "dataset"), "facets")
    if place not in dataset.__struct_fields__:
        raise LineageError(f"{type(facet).__name__} belongs to another side than this dataset")
    settled = prepare.references({name: facet})
    return altered(dataset, **{place: merge_facets(getattr(dataset, place), settled)})


def _count(value: Any, name: str) -> int | None:
    if value is None:
        return None
    count = -1
    if type(value) is not bool and hasattr(type(value), "__index__"):
        count = int.__int__(value) if is_a(value, int) else ask(operator.index, value)
    if count < 0 or count.bit_length() > 63:
        raise LineageError(f"{name} is a count of 0 or more, not {full_type_name(value)}")
    return count
