"""A job as it is written, without any call: its name, its datasets as far as they are known, its JobEvent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from lineage_kit.errors import EventError, LineageError
from lineage_kit.event.ids import now_ns, timestamp
from lineage_kit.event.model import Dataset, InputDataset, Job, JobEvent, OutputDataset
from lineage_kit.lifecycle.arguments.declared import literal, place_text
from lineage_kit.lifecycle.arguments.family import identity
from lineage_kit.lifecycle.arguments.parameters import bind
from lineage_kit.lifecycle.arguments.resolve import escape, flattened
from lineage_kit.lifecycle.arguments.template import Field, Template, Unresolved, text_of
from lineage_kit.lifecycle.recording.plan import job_facets
from lineage_kit.naming import DATE_MARK

if TYPE_CHECKING:
    from lineage_kit.client.prepare import Prepare
    from lineage_kit.lifecycle.spec import JobSpec

_SAYS_WHEN = re.compile(
    r"(?:.*_)?(?:day|date|ds|dt|nodash|hour|week|month|quarter|year|period|ts|timestamp)", re.IGNORECASE
).fullmatch
_DATE_TYPES = re.compile(r"(?:.*\W)?(?:date|datetime|time|Timestamp)(?:\W*\|\W*None)?").fullmatch

Shown = Dataset | str
Kind = type[InputDataset] | type[OutputDataset]


class Design(NamedTuple):
    """What is known of a job before it runs.

    name: with fields where it depends on arguments, which `is_family` says. inputs, outputs: datasets under their final
    names, and as texts those that only a call can tell. event: with the datasets that are known.
    """

    name: str
    is_family: bool
    inputs: list[Shown]
    outputs: list[Shown]
    event: JobEvent


def design(spec: JobSpec, namespace: str, prepare: Prepare, hints: Mapping[str, Any]) -> Design:
    """The design of one job. namespace: where the spec names none. hints: annotations of the function."""
    values = bind(spec.parameters, (), {})
    name, is_family = _name(spec, values)
    facets = {**job_facets(spec), **spec.job_facets}
    job = prepare.job(Job(spec.namespace or namespace, name, facets), spec.source).job
    sides: list[list[Shown]] = []
    for declared, kind in ((spec.inputs, InputDataset), (spec.outputs, OutputDataset)):
        shown = [one for item in declared.items for one in _shown(item, kind, values, hints, prepare)]
        sides.append(shown)
    known = [[one for one in side if isinstance(one, Dataset)] for side in sides]
    event = JobEvent(timestamp(now_ns()), job, inputs=known[0], outputs=known[1])
    return Design(name, is_family, sides[0], sides[1], event)


def _name(spec: JobSpec, values: Mapping[str, Any]) -> tuple[str, bool]:
    """The name, filled from defaults where it is a template and they suffice; else the template."""
    if not isinstance(spec.name, Template):
        return spec.name, False
    parts = spec.name.parts
    try:
        return "".join(p if isinstance(p, str) else identity(*p.read(values), p.spec) for p in parts), False
    except Unresolved:
        return spec.name.text, True


def _shown(
    item: Any, kind: Kind, values: Mapping[str, Any], hints: Mapping[str, Any], prepare: Prepare
) -> Iterator[Shown]:
    """One declaration: its datasets, or the text that stands for them."""
    if isinstance(item, Dataset):
        yield prepare.dataset(item, kind)
        return
    text: str = item.text if isinstance(item, Template) else _called(item)
    try:
        found = [_settled(where, kind, prepare) for where in _filled(item, values, hints)]
    except LineageError:
        found = []
    yield from found
    if not found:
        yield text


def _filled(item: Any, values: Mapping[str, Any], hints: Mapping[str, Any]) -> list[Dataset | str]:
    """What a template names without arguments. Raises `Unresolved` or `NamingError` where nothing can be said."""
    if not isinstance(item, Template):
        raise Unresolved("a callable needs a call")
    only = item.only_value
    if only is not None:
        given = flattened(only.value(values))
        return [literal(one) if isinstance(one, Dataset) else escape(place_text(one)) for one in given]
    return [
        "".join(escape(part) if isinstance(part, str) else _text(part, values, hints) for part in item.parts)
    ]


def _text(field: Field, values: Mapping[str, Any], hints: Mapping[str, Any]) -> str:
    """The default's text; of a date that nobody knows a mark, which folds as the date will."""
    try:
        value, is_moment = field.read(values)
        text = text_of(value, field.spec)
    except Unresolved:
        if not _says_when(field, hints):
            raise
        text, is_moment = f"{{{field}}}", True
    return f"{DATE_MARK}{escape(text)}{DATE_MARK}" if is_moment else escape(text)


def _settled(where: Dataset | str, kind: Kind, prepare: Prepare) -> Dataset:
    """A dataset under its final name, without the place of a call that has not been."""
    if isinstance(where, Dataset):
        return prepare.dataset(where, kind)  # type: ignore[no-any-return]  # of the kind that goes in
    settled: Dataset = prepare.dataset(Dataset(where), kind)
    if "{" in settled.namespace + settled.name and "{{" in where:
        raise EventError("a date that does not fold is part of the name")
    return msgspec.structs.replace(settled, **{f"{'in' if kind is InputDataset else 'out'}putFacets": {}})


def _says_when(field: Field, hints: Mapping[str, Any]) -> bool:
    """Whether a field holds a date, by its format, by the parameter's annotation or by its name."""
    hint = hints.get(field.root)
    if isinstance(hint, type) and issubclass(hint, (date, time)):
        return True
    name = field.path[-1][0] if field.path else field.root
    return "%Y" in field.spec or bool(_DATE_TYPES(str(hint)) or _SAYS_WHEN(name))


def _called(function: Any) -> str:
    function = getattr(function, "function", function)
    name = getattr(function, "__name__", type(function).__name__)
    return "(computed)" if name == "<lambda>" else f"{name}(…)"
