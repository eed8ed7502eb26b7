"""Facets of one key noted twice: what lists things is united, all else is replaced by the later one.

A facet is a struct or a plain dict; either is looked at by its fields, whichever class it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET

from lineage_kit import report
from lineage_kit.event.model import Facets

MAX_LOCATIONS = 100
MAX_ITEMS = 1000

_END = ("type", "namespace", "name", "runId", "field")
_ENTRY = ("type", "namespace", "name", "runId")
_CHECK = ("assertion", "column", "name", "severity", "content", "success")


def merge_facets(first: Facets, second: Facets) -> Facets:
    """Facets by key, the later replacing the earlier; places, edges and checks are united."""
    merged = {**first, **second}
    for key, unite in _UNITED.items():
        if key in first and key in second and not _is_deleted(second[key]):
            merged[key] = unite(first[key], second[key])
    return merged


def unite_entries(first: Any, second: Any) -> Any:
    """What one dataset was made of, said twice: a lineage entry, or a dataset's own ``lineage`` facet."""
    changes: dict[str, Any] = {}
    inputs = _items(first, second, "inputs", _END)
    if inputs is not None:
        changes["inputs"] = inputs
    fields = _fields(first, second, "inputs")
    if fields is not None:
        changes["fields"] = fields
    return _with(second, changes)


def _unite_subsets(first: Any, second: Any) -> Any:
    """One location subset for two; other conditions: the later one."""
    for field in ("inputCondition", "outputCondition"):
        one, other = _of(first, field), _of(second, field)
        places = [_of(condition, "locations") for condition in (one, other)]
        if all(isinstance(listed, list) and all(type(place) is str for place in listed) for listed in places):
            united = list(dict.fromkeys([*places[0], *places[1]]))[:MAX_LOCATIONS]
            return _with(second, {field: _with(other, {"locations": united})})
    return second


def _unite_columns(first: Any, second: Any) -> Any:
    changes: dict[str, Any] = {}
    fields = _fields(first, second, "inputFields")
    if fields is not None:
        changes["fields"] = fields
    rows = _items(first, second, "dataset", _END)
    if rows is not None:
        changes["dataset"] = rows
    return _with(second, changes)


def _unite_lineage(first: Any, second: Any) -> Any:
    """The ``lineage`` facet of a job, which has entries, or of a dataset, which is itself like one."""
    if not isinstance(_of(second, "entries"), list):
        return unite_entries(first, second)
    entries = _items(first, second, "entries", _ENTRY, unite_entries)
    return _with(second, {"entries": entries})


def _unite_checks(first: Any, second: Any) -> Any:
    """Every check once for passed and once for failed, the latest of each last: a pass never hides a failure."""
    later = _of(second, "assertions")
    if not isinstance(later, list) or not isinstance(_of(first, "assertions"), list):
        return second
    again = {_identity(check, _CHECK) for check in later}
    kept = [check for check in _of(first, "assertions") if _identity(check, _CHECK) not in again]
    return _with(second, {"assertions": _cut([*kept, *later], "assertions")})


_UNITED: dict[str, Callable[[Any, Any], Any]] = {
    "subset": _unite_subsets,
    "columnLineage": _unite_columns,
    "lineage": _unite_lineage,
    "dataQualityAssertions": _unite_checks,
}


def _fields(first: Any, second: Any, inner: str) -> dict[str, Any] | None:
    """The columns of both, those in both with the `inner` lists of both; None where neither has any."""
    one, other = _of(first, "fields"), _of(second, "fields")
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if isinstance(one, dict) else other
    united = {**one, **other}
    for column in one.keys() & other.keys():
        items = _items(one[column], other[column], inner, _END)
        united[column] = _with(other[column], {} if items is None else {inner: items})
    return united


def _items(
    first: Any,
    second: Any,
    name: str,
    identity: tuple[str, ...],
    both: Callable[[Any, Any], Any] | None = None,
) -> list[Any] | None:
    """The lists `name` of both in one; of two items that are the same, `both` makes one, else the fuller stays."""
    one, other = _of(first, name), _of(second, name)
    if not isinstance(one, list) or not isinstance(other, list):
        return one if isinstance(one, list) else other
    found: dict[Any, Any] = {}
    for item in [*one, *other]:
        key = _identity(item, identity)
        known = found.get(key)
        found[key] = item if known is None else (both or _fuller)(known, item)
    return _cut(list(found.values()), name)


def _fuller(first: Any, second: Any) -> Any:
    """The later one, unless only the earlier says how the value was transformed."""
    return second if _of(second, "transformations") is not None else first


def _cut(items: list[Any], name: str) -> list[Any]:
    if len(items) > MAX_ITEMS:
        what = f"more than {MAX_ITEMS:,} {name} of one facet; the rest is left out"
        report.problem(f"facet.long:{name}", what)
    return items[:MAX_ITEMS]


def _is_deleted(facet: Any) -> bool:
    return True in (_of(facet, "deleted"), _of(facet, "_deleted"))


def _identity(item: Any, names: tuple[str, ...]) -> Any:
    """What tells this item from others: plain values of these fields; itself where it has none."""
    values = tuple(_of(item, name) for name in names)
    plain = tuple(value if type(value) in (str, bool) else None for value in values)
    return plain if any(value is not None for value in plain) else id(item)


def _of(part: Any, name: str) -> Any:
    """A field of a struct or dict; None where it is not there."""
    if isinstance(part, dict):
        return part.get(name)
    value = getattr(part, name, None) if isinstance(part, msgspec.Struct) else None
    return None if value is UNSET else value


def _with(part: Any, changes: dict[str, Any]) -> Any:
    """A copy of a struct or dict with some fields changed; fields that a struct has not are left out."""
    if isinstance(part, dict):
        return {**part, **changes}
    known = getattr(part, "__struct_fields__", ())
    own = {name: value for name, value in changes.items() if name in known}
    return msgspec.structs.replace(part, **own) if own else part
