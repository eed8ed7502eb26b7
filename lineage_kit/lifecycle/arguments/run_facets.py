"""The run facets that a spec and the arguments of one call give: parameters, nominal time, the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.event.facets.run import ExecutionParameter, ExecutionParametersRunFacet, NominalTimeRunFacet
from lineage_kit.lifecycle.arguments.parameters import Arguments
from lineage_kit.lifecycle.arguments.shown import shown
from lineage_kit.lifecycle.arguments.template import MAX_ISO, Template, Unresolved, text_of
from lineage_kit.lifecycle.spec import JobSpec, moments
from lineage_kit.strangers import ask_always, full_type_name, is_a, plain_text, told

_EXPECTED = "; it is a date, 2024-01-31, 2024-01-31T06:00+01:00, or start and end, 2024-01-01/2024-02-01"


def run_facets(spec: JobSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Facets by key. A nominal time that cannot be told costs that facet and one warning."""
    facets = dict(spec.run_facets)
    parameters = [
        ExecutionParameter(name, name, value=shown(values[name])) for name in spec.captured if name in values
    ]
    if parameters:
        facets["executionParameters"] = ExecutionParametersRunFacet(parameters)
    if spec.nominal_time is not None:
        try:
            facets["nominalTime"] = ask_always(_nominal_time, spec.nominal_time, values)
        except LineageError as error:
            report.problem(
                f"nominal_time:{spec.base_name}", f"no nominal time for {spec.base_name}: {told(error)}"
            )
    return facets


def _nominal_time(given: Any, values: Mapping[str, Any]) -> NominalTimeRunFacet:
    """A moment, or start and end: as a pair, or as a text with a slash between them."""
    found = [_value(moment, values) for moment in moments(given)]
    if len(found) == 1 and is_a(found[0], (tuple, list)):
        found = list(islice(found[0], 3))
    elif len(found) == 1 and is_a(found[0], str):
        found = plain_text(found[0], 2 * MAX_ISO + 1).split("/")
    if len(found) > 2:
        raise Unresolved(f"it has more parts than start and end{_EXPECTED}")
    return NominalTimeRunFacet(*map(_iso, found))


def _value(given: Any, values: Mapping[str, Any]) -> Any:
    """What stands for a moment in one call."""
    if isinstance(given, Template):
        only = given.only_field
        return only.value(values) if only is not None and not only.spec else _filled(given, values)
    return given(Arguments(values)) if callable(given) else given


def _filled(template: Template, values: Mapping[str, Any]) -> str:
    parts = (
        part if isinstance(part, str) else text_of(part.value(values), part.spec) for part in template.parts
    )
    return "".join(parts)


def _iso(moment: Any) -> str:
    """RFC 3339: a date is its midnight in UTC, a time without zone is local."""
    if is_a(moment, str):
        text = plain_text(moment, MAX_ISO + 1).strip()
        try:
            moment = datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
        except ValueError:
            raise Unresolved(f"{text!r:.80} is no date or time in ISO form{_EXPECTED}") from None
    if is_a(moment, datetime):
        return str((moment if moment.tzinfo else moment.astimezone()).astimezone(UTC).isoformat())
    if is_a(moment, date):
        return f"{moment.isoformat()}T00:00:00Z"
    raise Unresolved(f"a nominal time is a date, not a {full_type_name(moment)}{_EXPECTED}")
