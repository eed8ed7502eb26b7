"""`derived_from` and `columns`: what a dataset was made of, as the lineage facets of the standard.

Sources: OpenLineage, ``spec/facets/ColumnLineageDatasetFacet.json`` 1-2-0 and ``LineageFacet.json`` 1-0-0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET

from lineage_kit.errors import LineageError
from lineage_kit.event.facets.dataset import ColumnLineageDatasetFacet, Fields, InputField
from lineage_kit.event.facets.lineage import (
    LineageDatasetEntry,
    LineageDatasetInput,
    LineageFieldEntry,
    LineageTransformation,
)
from lineage_kit.lifecycle.recording.guard import guarded
from lineage_kit.lifecycle.recording.made_of.sources import Source, Sources, bounded, column_name
from lineage_kit.lifecycle.recording.recorder import Recorder
from lineage_kit.notes.notes import Key
from lineage_kit.strangers import ask_always

MAX_COLUMNS = 2000  # as many as a schema has


def note_edges(recorder: Recorder, kind: Any, target: Key, columns: Any, derived_from: Any) -> None:
    """Note what the dataset `target` of the run was made of. What cannot be used is said once and left out."""
    sources = Sources(recorder, target[1])
    whole = None if derived_from is None else sources.of_dataset(derived_from)
    sources.narrowed = [source.dataset for source in whole or ()]
    fields = guarded("columns", lambda: dict(_columns(columns, sources, target[1]))) or {}
    if whole is None and not fields:
        return
    if recorder.notes.note_made_of(target, _entry(target, whole, fields)):
        facet = _column_lineage(whole or [], fields)
        if facet is not None:
            recorder.notes.note(kind(*target, {facet.facet_key: facet}))


def _columns(columns: Any, sources: Sources, place: str) -> Iterator[tuple[str, list[Source]]]:
    """Each column with what it was made of."""
    if columns is None:
        return
    if not isinstance(columns, Mapping):
        raise LineageError(
            f"columns of {place} maps each column to what it was made of, as in "
            f'{{"total": [ORDERS["amount"]]}}; it is no {type(columns).__name__}'
        )
    items = ask_always(lambda: list(islice(columns.items(), MAX_COLUMNS + 1)))  # a mapping of the user's
    for key, given in bounded(items, MAX_COLUMNS, f"columns of {place}"):
        name = guarded("column", lambda: column_name(key), f"column:{place[:200]}")  # noqa: B023
        if name is None or given is None:
            continue
        made_of = guarded("column", lambda: sources.of_column(given, name))  # noqa: B023
        if made_of is not None:
            yield name, made_of


def _entry(target: Key, whole: list[Source] | None, fields: dict[str, list[Source]]) -> LineageDatasetEntry:
    """The lineage of one dataset; a column's source is one of the dataset's too, where those are listed."""
    inputs: Any = UNSET
    if whole is not None:
        listed = {source.dataset for source in whole}
        beside = dict.fromkeys(source.dataset for made_of in fields.values() for source in made_of)
        more = [Source(key, None) for key in beside if key not in listed]
        inputs = [_lineage_input(source) for source in (*whole, *more)]
    entries = {name: LineageFieldEntry([*map(_lineage_input, made_of)]) for name, made_of in fields.items()}
    return LineageDatasetEntry(*target, inputs=inputs, fields=entries or UNSET)


def _lineage_input(source: Source) -> LineageDatasetInput:
    field = UNSET if source.field is None else source.field
    how = source.transformations
    if how is not UNSET:
        how = [LineageTransformation(*msgspec.structs.astuple(one)) for one in how]
    return LineageDatasetInput(*source.dataset, field=field, transformations=how)


def _column_lineage(whole: list[Source], fields: dict[str, list[Source]]) -> ColumnLineageDatasetFacet | None:
    """What ``columnLineage`` can say: columns of columns, and columns that all rows depend on; None for nothing."""
    rows = _input_fields(whole)
    told = {
        name: Fields(_input_fields(made_of))
        for name, made_of in fields.items()
        if not made_of or any(source.field is not None for source in made_of)
    }
    return ColumnLineageDatasetFacet(told, rows or UNSET) if told or rows else None


def _input_fields(sources: list[Source]) -> list[InputField]:
    return [
        InputField(*source.dataset, source.field, source.transformations)
        for source in sources
        if source.field is not None
    ]
