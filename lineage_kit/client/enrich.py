"""Facts that the configuration adds to events: tags of jobs and runs, values of chosen environment variables.

Each function gives new facets and leaves the caller's alone. A facet of a shape nobody expects is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from lineage_kit import report
from lineage_kit.config.env import environment_value
from lineage_kit.event.facets.job import TagsJobFacet, TagsJobFacetFields
from lineage_kit.event.facets.run import (
    EnvironmentVariable,
    EnvironmentVariablesRunFacet,
    TagsRunFacet,
    TagsRunFacetFields,
)
from lineage_kit.event.model import Facets

SOURCE = "USER"
TAGS = (TagsJobFacetFields, TagsRunFacetFields)


def tag_job(facets: Facets, tags: Mapping[str, str]) -> Facets:
    """Job facets with the configured tags laid over the job's own; the same dict when none are configured."""
    return _tagged(facets, tags, TagsJobFacet, TagsJobFacetFields) if tags else facets


def tag_run(facets: Facets, tags: Mapping[str, str]) -> Facets:
    """Run facets with the configured tags laid over the run's own; the same dict when none are configured."""
    return _tagged(facets, tags, TagsRunFacet, TagsRunFacetFields) if tags else facets


def environment_facets(
    facets: Facets, names: Iterable[str], environ: Mapping[str, str] | None = None
) -> Facets:
    """Run facets with an ``environmentVariables`` facet of the variables called `names`, read now.

    What the event says of a variable itself wins. A variable that is not set is left out, and said.
    """
    names = tuple(names)
    if not names:
        return facets
    facet = facets.get("environmentVariables")
    present = _list_in(facet, "environmentVariables")
    if present is None:
        report.problem(
            "enrich.environment", "an environmentVariables facet has a shape of its own; nothing is added"
        )
        return facets
    known = {_get(variable, "name") for variable in present}
    added: list[Any] = []
    for name in dict.fromkeys(names):
        value = None if name in known else environment_value(name, environ)
        if value is not None:
            as_dict = isinstance(facet, dict)
            added.append({"name": name, "value": value} if as_dict else EnvironmentVariable(name, value))
        elif name not in known:
            report.problem(
                f"enrich.environment:{name}", f"environment variable {name!r} is configured but not set"
            )
    if not added:
        return facets
    new = _with_list(facet, "environmentVariables", [*present, *added], EnvironmentVariablesRunFacet)
    return {**facets, "environmentVariables": new}


def _tagged(facets: Facets, tags: Mapping[str, str], facet_type: Any, tag_type: Callable[..., Any]) -> Facets:
    facet = facets.get("tags")
    present = _list_in(facet, "tags")
    if present is None:
        report.problem(
            "enrich.tags", "a tags facet has a shape of its own; the configured tags are not added"
        )
        return facets
    wanted = {key.lower(): (key, value) for key, value in tags.items()}
    merged: list[Any] = []
    met = set()
    for tag in present:
        key = _get(tag, "key")
        lower = key.lower() if isinstance(key, str) else ""
        if lower in wanted:
            met.add(lower)
            merged.append(_with_value(tag, wanted[lower][1]))
        else:
            merged.append(tag)
    for lower, (key, value) in wanted.items():
        if lower not in met:
            as_dict = isinstance(facet, dict)
            merged.append(
                {"key": key, "value": value, "source": SOURCE} if as_dict else tag_type(key, value, SOURCE)
            )
    return {**facets, "tags": _with_list(facet, "tags", merged, facet_type)}


def _with_value(tag: Any, value: str) -> Any:
    if isinstance(tag, dict):
        return {**tag, "value": value, "source": SOURCE}
    return msgspec.structs.replace(tag, value=value, source=SOURCE) if isinstance(tag, TAGS) else tag


def _list_in(facet: Any, name: str) -> list[Any] | None:
    """The list called `name` in a facet, empty where there is none; None where the facet has another shape."""
    if facet is None:
        return []
    if not isinstance(facet, dict) and name not in getattr(facet, "__struct_fields__", ()):
        return None
    found = _get(facet, name)
    if found is None or found is msgspec.UNSET:
        return []
    return list(found) if isinstance(found, (list, tuple)) else None


def _with_list(facet: Any, name: str, items: list[Any], facet_type: Any) -> Any:
    if facet is None:
        return facet_type(items)
    if isinstance(facet, dict):
        return {**facet, name: items}
    return msgspec.structs.replace(facet, **{name: items})


def _get(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)
