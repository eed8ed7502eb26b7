"""Datasets under their final names: aliases resolved, credentials gone, dates folded; those that became equal are one.

What was really read or written stays in the ``subset`` facet of an input or output. References to datasets inside
lineage facets follow the same rule, so that both ends of an edge meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from lineage_kit.client.redact import redact_text
from lineage_kit.client.trimmers import trim
from lineage_kit.config.model import Settings
from lineage_kit.event.facets.subset import (
    InputSubsetInputDatasetFacet,
    LocationSubsetCondition,
    OutputSubsetOutputDatasetFacet,
)
from lineage_kit.event.model import Dataset, Facets, InputDataset, OutputDataset, altered
from lineage_kit.naming import DATE_MARK, foldable, strip_credentials
from lineage_kit.notes.notes import merge as lay_over

D = TypeVar("D", bound=Dataset)
Name = tuple[Any, Any]  # namespace and name

MAX_DEPTH = 8
REFERRING = ("columnLineage", "lineage")
"""Facets that name other datasets."""

_MARKED = re.compile(f"{DATE_MARK}[^{DATE_MARK}]*{DATE_MARK}").sub


def settle(dataset: D, settings: Settings) -> D:
    """The dataset under its final name; the same object when nothing had to change."""
    namespace, name, location = settled_name(dataset.namespace, dataset.name, settings)
    changes: dict[str, Any] = {}
    if namespace != dataset.namespace:
        changes["namespace"] = namespace
    if name != dataset.name:
        changes["name"] = name
    facets = settle_references(dataset.facets, settings)
    if facets is not dataset.facets:
        changes["facets"] = facets
    if location is not None:
        changes.update(_subset(dataset, _place(namespace, location)))
    return altered(dataset, **changes)


def settled_name(namespace: str, name: str, settings: Settings) -> tuple[str, str, str | None]:
    """The final namespace and name, and the name with its dates and partitions where some were folded away.

    A date that a template was filled with may stand between two `DATE_MARK`: it folds whatever its format.
    """
    if settings.namespaces or not namespace.isalnum():
        namespace = _resolved(strip_credentials(namespace.replace(DATE_MARK, "")), settings.namespaces)
    name = _clean_name(name)
    real = name.replace(DATE_MARK, "")
    if not settings.dataset.reducing_enabled:
        return namespace, real, None
    is_marked = DATE_MARK in name and foldable(namespace) and not settings.dataset.disabled_trimmers
    folded = trim(namespace, _MARKED(DATE_MARK, name) if is_marked else real, settings.dataset)
    return (namespace, folded, real) if folded != real else (namespace, real, None)


def merge(datasets: list[D]) -> list[D]:
    """One dataset per namespace and name, in the order first seen; the same list when all differ.

    Facets merge by key, the later one wins; the places in ``subset`` facets are united.
    """
    found: dict[tuple[str, str], D] = {}
    for dataset in datasets:
        key = (dataset.namespace, dataset.name)
        known = found.get(key)
        found[key] = dataset if known is None else lay_over(known, dataset)
    return datasets if len(found) == len(datasets) else list(found.values())


def settle_references(facets: Facets, settings: Settings) -> Facets:
    """Facets whose mentions of other datasets carry final names; the same dict when nothing changed."""
    changes: Facets = {}
    for key in REFERRING:
        facet = facets.get(key)
        if facet is not None:
            settled = _rename(facet, lambda space, name: settled_name(space, name, settings)[:2], {}, 0)
            if settled is not facet:
                changes[key] = settled
    return {**facets, **changes} if changes else facets


def _resolved(namespace: str, aliases: dict[str, str]) -> str:
    """The namespace after aliases: a whole one, ``host:port``, or a host (whose port stays)."""
    namespace = aliases.get(namespace, namespace)
    scheme, separator, rest = namespace.partition("://")
    if not aliases or not separator:
        return namespace
    authority, slash, path = rest.partition("/")
    alias = aliases.get(authority)
    if alias is None:
        host, colon, port = authority.rpartition(":")
        alias = aliases.get(host) if colon else None
        if alias is not None and not re.search(r":\d+$", alias):
            alias = f"{alias}:{port}"
    if alias is None:
        return namespace
    return f"{alias if '://' in alias else f'{scheme}://{alias}'}{slash}{path}"


def _clean_name(name: str) -> str:
    """A name without credentials of a URL in it and without a query that holds a secret."""
    if "@" in name and "://" in name:
        name = strip_credentials(name)
    if "?" in name and "=" in name:
        head, _, query = name.partition("?")
        if redact_text(query) != query:
            return head or name
    return name


def _place(namespace: str, location: str) -> str:
    """A location as the specification writes it: the whole URL, or the path on this machine."""
    return f"{namespace}/{location.lstrip('/')}" if "://" in namespace else location


def _subset(dataset: Dataset, location: str) -> dict[str, Facets]:
    condition = LocationSubsetCondition([location])
    if isinstance(dataset, InputDataset) and "subset" not in dataset.inputFacets:
        return {"inputFacets": {**dataset.inputFacets, "subset": InputSubsetInputDatasetFacet(condition)}}
    if isinstance(dataset, OutputDataset) and "subset" not in dataset.outputFacets:
        return {"outputFacets": {**dataset.outputFacets, "subset": OutputSubsetOutputDatasetFacet(condition)}}
    return {}


Final = Callable[[str, str], Name]


def _rename(value: Any, final: Final, known: dict[Name, Name], depth: int) -> Any:
    """`value` with `final` applied to the namespace and name of every dataset in it; `known` are answers so far."""
    if isinstance(value, list):
        return _renamed_items(value, final, known, depth)
    fields = _fields(value) if depth <= MAX_DEPTH else {}
    changes: dict[Any, Any] = _final_name(fields, final, known)
    new = {key: _rename(old, final, known, depth + 1) for key, old in fields.items() if type(old) is not str}
    changes.update({key: item for key, item in new.items() if item is not fields[key]})
    if not changes:
        return value
    return {**value, **changes} if isinstance(value, dict) else msgspec.structs.replace(value, **changes)


def _renamed_items(items: list[Any], final: Final, known: dict[Name, Name], depth: int) -> list[Any]:
    if depth > MAX_DEPTH:
        return items
    renamed = [_rename(item, final, known, depth + 1) for item in items]
    return renamed if any(new is not old for new, old in zip(renamed, items, strict=True)) else items


def _fields(value: Any) -> dict[Any, Any]:
    if isinstance(value, dict):
        return value
    return msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else {}


def _final_name(fields: dict[Any, Any], final: Final, known: dict[Name, Name]) -> dict[Any, Any]:
    """What changes in the fields of a dataset; nothing in those of a job, or of anything else."""
    given: Name = (fields.get("namespace"), fields.get("name"))
    if type(given[0]) is not str or type(given[1]) is not str or fields.get("type") == "JOB":
        return {}
    settled = known.get(given) or known.setdefault(given, final(*given))
    return {} if settled == given else {"namespace": settled[0], "name": settled[1]}
