"""The run facets that a spec and the arguments of one call give: parameters, nominal time, the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.event.facets.run import ExecutionParameter, ExecutionParametersRunFacet, NominalTimeRunFacet
from lineage_kit.lifecycle.arguments.parameters import Arguments
from lineage_kit.lifecycle.arguments.shown import shown
from lineage_kit.lifecycle.arguments.template import MAX_ISO, Template, Unresolved, text_of
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.strangers import ask_always, full_type_name, is_a, plain_text


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
            report.problem(f"nominal_time:{spec.base_name}", f"no nominal time for {spec.base_name}: {error}")
    return facets


def _nominal_time(given: Any, values: Mapping[str, Any]) -> NominalTimeRunFacet:
    """A moment, or a pair of moments for start and end."""
    moment: Any
    if isinstance(given, Template):
        only = given.only_field
        moment = only.value(values) if only is not None and not only.spec else _filled(given, values)
    elif callable(given):
        moment = given(Arguments(values))
    else:
        moment = given
    if is_a(moment, (tuple, list)):
        start, end = moment
        return NominalTimeRunFacet(_iso(start), _iso(end))
    return NominalTimeRunFacet(_iso(moment))


def _filled(template: Template, values: Mapping[str, Any]) -> str:
    parts = (
        part if isinstance(part, str) else text_of(part.value(values), part.spec) for part in template.parts
    )
    return "".join(parts)


def _iso(moment: Any) -> str:
    """RFC 3339: a date is its midnight in UTC, a time without zone is local."""
    if is_a(moment, str):
        text = plain_text(moment, MAX_ISO + 1)
        moment = datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    if is_a(moment, datetime):
        return str((moment if moment.tzinfo else moment.astimezone()).astimezone(UTC).isoformat())
    if is_a(moment, date):
        return f"{moment.isoformat()}T00:00:00Z"
    raise Unresolved(f"a nominal time is a date, not a {full_type_name(moment)}")
