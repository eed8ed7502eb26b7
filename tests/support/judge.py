"""The standard's own JSON schemas as judges of events and facets: draft 2020-12, with format checks."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from lineage_kit.event.shapes.formats import is_compatible
from tests.support.shared import SPEC

CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
HOMES = {
    "RunFacet": "run",
    "JobFacet": "job",
    "DatasetFacet": "dataset",
    "InputDatasetFacet": "input",
    "OutputDatasetFacet": "output",
}
FORMATS = FormatChecker(["uri", "uuid", "date-time"])
STRUCTURE = FormatChecker([])
"""Structure alone; of formats only what no producer may bend: a time that cannot be read, an id that is a template."""


@STRUCTURE.checks("date-time")
def _is_time(value: object) -> bool:
    check = FORMATS.checkers["date-time"][0]
    return not isinstance(value, str) or bool(check(value) or check(f"{value}Z"))


@STRUCTURE.checks("uuid")
def _is_filled_in(value: object) -> bool:
    return not isinstance(value, str) or "{{" not in value


@cache
def _files() -> dict[str, dict[str, Any]]:
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SPEC.rglob("*.json"))]
    return {file["$id"]: file for file in files}


@cache
def _registry() -> Registry:
    return Registry().with_resources((url, Resource.from_contents(file)) for url, file in _files().items())


@cache
def standard_facets() -> dict[tuple[str, str], str]:
    """(home, key) → the URL of the definition that judges the facet."""
    found = {}
    for url, file in _files().items():
        for name, definition in file["$defs"].items() if url != CORE else ():
            base = definition.get("allOf", [{}])[0].get("$ref", "").rpartition("/")[2]
            if base in HOMES:
                (key,) = file["properties"]
                found[HOMES[base], key] = f"{url}#/$defs/{name}"
    return found


@cache
def _validator(url: str, formats: FormatChecker) -> Draft202012Validator:
    return Draft202012Validator({"$ref": url}, registry=_registry(), format_checker=formats)


def facet_breaches(home: str, key: str, facet: Any, formats: FormatChecker = FORMATS) -> list[str]:
    """What the standard's schema of this facet finds wrong with it."""
    errors = _validator(standard_facets()[home, key], formats).iter_errors(facet)
    return [f"{home}.{key}.{error.json_path}: {error.message[:200]}" for error in errors]


def event_breaches(
    event: Any, formats: FormatChecker = FORMATS, *, own_version_only: bool = False
) -> list[str]:
    """What the schemas find wrong with an event and the standard facets in it.

    `own_version_only`: a facet that names another schema, or another major version of its own, is judged as a base
    facet alone; one that is deleted too.
    """
    found = [
        f"{error.json_path}: {error.message[:200]}" for error in _validator(CORE, formats).iter_errors(event)
    ]
    for home, key, facet in _facets(event):
        if (home, key) not in standard_facets():
            continue
        if own_version_only and not _is_judged(standard_facets()[home, key], facet):
            continue
        found += facet_breaches(home, key, facet, formats)
    return found


def _is_judged(own: str, facet: Any) -> bool:
    if not isinstance(facet, dict) or facet.get("_deleted") is True:
        return False
    url = facet.get("_schemaURL")
    return not isinstance(url, str) or is_compatible(own, url)


def _facets(event: Any) -> list[tuple[str, str, Any]]:
    if not isinstance(event, dict):
        return []
    holders = [("run", event.get("run"), "facets"), ("job", event.get("job"), "facets")]
    if "job" not in event:
        holders.append(("dataset", event.get("dataset"), "facets"))
        holders = [holder for holder in holders if holder[0] == "dataset"]
    for side, home in (("inputs", "input"), ("outputs", "output")):
        listed = event.get(side) if "job" in event else None
        for item in listed if isinstance(listed, list) else []:
            holders += [("dataset", item, "facets"), (home, item, f"{home}Facets")]
    if "run" not in event:
        holders = [holder for holder in holders if holder[0] != "run"]
    return [
        (home, key, facet)
        for home, holder, name in holders
        if isinstance(holder, dict) and isinstance(holder.get(name), dict)
        for key, facet in holder[name].items()
    ]


def property_names(home: str, key: str) -> set[str]:
    """Every property the definition of a facet names, in its parts too."""
    url, _, name = standard_facets()[home, key].partition("#/$defs/")
    definitions = _files()[url]["$defs"]
    names: set[str] = set()
    waiting, seen = [definitions[name]], set()
    while waiting:
        schema = waiting.pop()
        names |= schema.get("properties", {}).keys()
        waiting += schema.get("properties", {}).values()
        waiting += [value for value in (schema.get("items"), schema.get("additionalProperties")) if value]
        waiting += schema.get("allOf", []) + schema.get("oneOf", [])
        part = schema.get("$ref", "").removeprefix("#/$defs/")
        if part in definitions and part not in seen:
            seen.add(part)
            waiting.append(definitions[part])
        waiting = [value for value in waiting if isinstance(value, dict)]
    return names
