"""What something was made of, as users name it → datasets and columns under the final names of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from os import PathLike
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from lineage_kit import report
from lineage_kit.errors import LineageError, NamingError
from lineage_kit.event.facets.dataset import Fields, InputField, Transformation
from lineage_kit.event.facets.lineage import LineageDatasetInput, LineageTransformation
from lineage_kit.event.model import Column, Dataset, InputDataset
from lineage_kit.lifecycle.arguments.declared import literal
from lineage_kit.lifecycle.outcome.safe_text import cut, replace_unsendable, safe_text
from lineage_kit.lifecycle.recording.guard import guarded
from lineage_kit.lifecycle.recording.recorder import Recorder
from lineage_kit.notes.notes import Key, Side
from lineage_kit.notes.uniting import MAX_ITEMS

MAX_NAME = 1000
_SEVERAL = (list, tuple, set, frozenset)
_LABELS = (str, int, float, date)


class Source(NamedTuple):
    """A dataset, or its column `field`, that something was made of; `transformations` are structs of the standard."""

    dataset: Key
    field: str | None
    transformations: Any = UNSET


class Sources:
    """The sources named in one call. Datasets that the run neither read nor wrote so far become its inputs.

    place: what is said to be made of them, for messages.
    """

    def __init__(self, recorder: Recorder, place: str) -> None:
        self._notes = recorder.notes
        self._prepare = recorder.plan.client.prepare
        self._place = place
        self._known: dict[tuple[str, str], Key] = {}
        self._owners: dict[str, list[Key]] | None = None
        self.narrowed: list[Key] = []  # what `derived_from` named

    def of_dataset(self, given: Any) -> list[Source] | None:
        """What `derived_from` names; empty for an empty list; None where nothing of it can be used."""
        return self._several(given, f"derived_from of {self._place}", self._origin)

    def of_column(self, given: Any, column: str) -> list[Source] | None:
        """What the value of one column in `columns` names; empty for an empty list; None where it cannot be used."""
        return self._several(given, f"column {column} of {self._place}", self._source)

    def _several(self, given: Any, what: str, read: Callable[[Any, str], Source]) -> list[Source] | None:
        if isinstance(given, Fields):
            given = given.inputFields
        is_several = issubclass(type(given), _SEVERAL) and type(given) is not Column
        items = list(bounded(given if is_several else (given,), MAX_ITEMS, f"sources of {what}"))
        found = []
        for item in items:
            source = guarded(what, lambda: read(item, what), f"edge:{what[:200]}")  # noqa: B023
            if source is not None:
                found.append(source)
        return found if found or not items else None

    def _origin(self, item: Any, what: str) -> Source:
        """A dataset in any form, the name of an input, or a column that all rows depend on."""
        if not isinstance(item, str):
            return self._source(item, what)
        try:
            return Source(self._key(literal(item)), None)
        except NamingError as error:
            named = self._by_name(item)
            if named is None:
                raise LineageError(f"{what}: {error}") from error
            return named

    def _source(self, item: Any, what: str) -> Source:
        """``SHOP["amount"]``, the standard's own struct, the name of a column or input, or a whole dataset."""
        if isinstance(item, Column):
            return Source(self._key(literal(item.dataset)), column_name(item))
        if isinstance(item, (InputField, LineageDatasetInput)):
            field = None if item.field is UNSET else column_name(item.field)
            return Source(self._key(Dataset(item.namespace, item.name)), field, _transformations(item))
        if isinstance(item, (Dataset, PathLike)):
            return Source(self._key(literal(item)), None)
        if isinstance(item, str):
            found = self._by_column(item, what) or self._by_name(item) or self._by_location(item)
            return found or self._only(item, what)
        raise LineageError(
            f"{what}: a source is a Dataset, URL or path, or a column such as "
            f'ORDERS["amount"], not {type(item).__name__}'
        )

    def _key(self, dataset: Dataset) -> Key:
        """The final name of a dataset, which the run has noted from now on."""
        given = (dataset.namespace, dataset.name)
        key = self._known.get(given)
        if key is None:
            settled = self._prepare.dataset(dataset, InputDataset)
            key = self._known[given] = (settled.namespace, settled.name)
            if key not in self._notes.inputs and key not in self._notes.outputs:
                self._notes.note(settled)
        return key

    def _by_column(self, text: str, what: str) -> Source | None:
        """The one input that is known to have a column of this name; those in `derived_from` come first."""
        if self._owners is None:
            self._owners = _owners(self._notes.inputs)
        owners = self._owners.get(text, [])
        owners = [key for key in owners if key in self.narrowed] or owners
        if len(owners) > 1:
            name = text[:80]
            raise LineageError(
                f"{what}: {len(owners)} inputs have a column {name!r}; say which, as in ORDERS[{name!r}]"
            )
        return Source(owners[0], text) if owners else None

    def _by_name(self, text: str) -> Source | None:
        """The one input that is called so."""
        named = [key for key in list(self._notes.inputs) if key[1] == text]
        return Source(named[0], None) if len(named) == 1 else None

    def _by_location(self, text: str) -> Source | None:
        """The input of this URL or path."""
        try:
            settled = self._prepare.dataset(literal(text), InputDataset)
        except LineageError:
            return None
        key = (settled.namespace, settled.name)
        return Source(key, None) if key in self._notes.inputs else None

    def _only(self, text: str, what: str) -> Source:
        """A column of the only input, when nothing is known of its columns."""
        candidates = list(dict.fromkeys(self.narrowed)) or list(self._notes.inputs)
        if len(candidates) == 1 and "://" not in text and not _columns(self._notes.inputs, candidates[0]):
            return Source(candidates[0], column_name(text))
        import difflib

        near = difflib.get_close_matches(text[:MAX_NAME], list(self._owners or ())[:MAX_ITEMS], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise LineageError(
            f"{what}: no input noted so far, or more than one, can have a column {text[:80]!r}{hint}"
        )


def column_name(name: Any) -> str:
    """The name of a column as text, levels joined by dots. Raises `LineageError` for what is no name."""
    if type(name) is Column:
        name = name.name
    if type(name) is str and name and len(name) <= MAX_NAME:
        return replace_unsendable(name)
    return _joined(name if type(name) is tuple else (name,))


def _joined(levels: tuple[Any, ...]) -> str:
    for level in levels:
        if not issubclass(type(level), _LABELS):
            raise LineageError(
                f"a column is named by a text, not by an object of type {type(level).__name__}"
            )
    text = ".".join(filter(None, (safe_text(level, MAX_NAME) for level in levels)))
    if not text:
        raise LineageError("the name of a column cannot be empty")
    return cut(text, MAX_NAME)


def bounded(items: Iterable[Any], limit: int, what: str) -> Iterator[Any]:
    """At most `limit` of the items; that there are more is said."""
    for count, item in enumerate(islice(items, limit + 1)):
        if count == limit:
            report.problem("run.edge.many", f"more than {limit:,} {what}; the rest is left out")
            return
        yield item


def _owners(inputs: Side) -> dict[str, list[Key]]:
    """The inputs that are known to have each column."""
    owners: dict[str, list[Key]] = {}
    for key in list(inputs):
        for name in _columns(inputs, key):
            owners.setdefault(name, []).append(key)
    return owners


def _columns(inputs: Side, key: Key) -> list[str]:
    """The names of an input's columns, where its schema was noted."""
    noted = inputs.get(key)
    schema = noted.dataset.facets.get("schema") if noted is not None else None
    fields = schema.get("fields") if isinstance(schema, dict) else getattr(schema, "fields", None)
    names = [
        field.get("name") if isinstance(field, dict) else getattr(field, "name", None)
        for field in (fields if isinstance(fields, list) else ())
    ]
    return [name for name in names if isinstance(name, str)]


def _transformations(item: InputField | LineageDatasetInput) -> Any:
    """The transformations in a struct of the user's, with the types that the standard wants."""
    given: Any = item.transformations
    if not isinstance(given, list):
        return UNSET
    kinds = (Transformation, LineageTransformation)
    return [_transformation(*msgspec.structs.astuple(one)) for one in given if isinstance(one, kinds)]


def _transformation(kind: Any, subtype: Any, description: Any, masking: Any) -> Transformation:
    return Transformation(
        safe_text(kind, MAX_NAME),
        _text_if_any(subtype),
        _text_if_any(description),
        masking if type(masking) is bool else UNSET,
    )


def _text_if_any(value: Any) -> Any:
    return UNSET if value is UNSET or value is None else safe_text(value, 4 * MAX_NAME)
