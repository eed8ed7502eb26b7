"""`check`: what was found out about the data of a run, as data quality assertions of its datasets.

Source: OpenLineage, ``spec/facets/DataQualityAssertionsDatasetFacet.json`` 1-1-0. The standard makes it a facet of
inputs and has none for outputs; there it stands among the facets of the dataset itself, where readers look for it.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from lineage_kit.errors import LineageError
from lineage_kit.event.facets.quality import Assertion, DataQualityAssertionsDatasetFacet
from lineage_kit.event.model import Column, InputDataset, OutputDataset
from lineage_kit.lifecycle.arguments.declared import literal
from lineage_kit.lifecycle.arguments.shown import shown
from lineage_kit.lifecycle.outcome.safe_text import cut, safe_text
from lineage_kit.lifecycle.recording.guard import guarded
from lineage_kit.lifecycle.recording.made_of.sources import MAX_NAME, column_name
from lineage_kit.lifecycle.recording.recorder import Recorder

MAX_VALUE = 1024  # characters

KEY = DataQualityAssertionsDatasetFacet.facet_key


def note_check(
    recorder: Recorder, where: Any, name: Any, passed: Any, column: Any, expected: Any, actual: Any
) -> None:
    """Note one check of a dataset. Raises what the door around it reports."""
    if type(where) is Column:
        where, column = where.dataset, where if column is None else column
    facet = DataQualityAssertionsDatasetFacet([_assertion(name, passed, column, expected, actual)])
    notes = recorder.notes
    dataset = recorder.plan.client.prepare.dataset(literal(where), InputDataset)
    key = (dataset.namespace, dataset.name)
    if key in notes.outputs and key not in notes.inputs:
        notes.note(OutputDataset(*key, {KEY: facet}))
        return
    if key not in notes.inputs:
        notes.note(dataset)
    notes.note(InputDataset(*key, inputFacets={KEY: facet}))


def _assertion(name: Any, passed: Any, column: Any, expected: Any, actual: Any) -> Assertion:
    if not isinstance(name, str) or not name.strip():
        raise LineageError(f"the name of a check is a text such as 'not_null', not {type(name).__name__}")
    wanted, found = (guarded("value", lambda: _text(value)) for value in (expected, actual))  # noqa: B023
    return Assertion(
        safe_text(name, MAX_NAME),
        truth(passed, name),
        UNSET if column is None else column_name(column),
        expected=UNSET if wanted is None else wanted,
        actual=UNSET if found is None else found,
    )


def truth(passed: Any, name: str) -> bool:
    """Whether a check passed: a boolean of Python or of a library. Raises `LineageError` for what may mean anything."""
    if type(passed) is bool:
        return passed
    passed = _plain(passed)
    kind = type(passed)
    if kind is bool or (kind is int and passed in (0, 1)):
        return bool(passed)
    if kind.__name__ in ("bool_", "bool") and hasattr(kind, "__bool__"):
        return bool(passed)
    raise LineageError(f"check {name[:80]!r}: passed is True or False, not {kind.__name__}")


def _text(value: Any) -> str | None:
    """A value as the text that the standard wants; None for none."""
    return None if value is None else cut(shown(_plain(value)), MAX_VALUE)


def _plain(value: Any) -> Any:
    """The one value that an object of an array library holds; any other value as it is."""
    if hasattr(type(value), "item") and getattr(value, "shape", None) == ():
        return value.item()
    return value
