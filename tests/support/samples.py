"""Facets made from nothing but the annotations of their classes: with the least they need, or with every field."""

from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as some
from msgspec import NODEFAULT, UnsetType

from lineage_kit.event.model import Job, Run

UUID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
FORMATS = {"uuid": UUID, "uri": "https://example.com/a", "date-time": "2026-11-22T17:31:09.123456Z"}
BASE = {"producer", "schemaURL", "deleted", "facets"}
MAX_DEPTH = 4


def sample(kind: type[msgspec.Struct], *, full: bool, depth: int = 0) -> Any:
    """One object of the class; `full` gives every field, down to four levels of structs in structs."""
    full = full and depth < MAX_DEPTH
    return kind(
        **{name: _value(hint, full, depth) for name, hint in _fields(kind) if full or _needed(kind, name)}
    )


def objects(kind: type[msgspec.Struct], depth: int = 0) -> some.SearchStrategy[Any]:
    """Objects of the class with any subset of their fields and any texts and numbers in them."""
    needed, free = {}, {}
    for name, hint in _fields(kind):
        if _needed(kind, name):
            needed[name] = _strategy(hint, depth)
        elif depth < MAX_DEPTH:
            free[name] = _strategy(hint, depth)
    return some.fixed_dictionaries(needed, optional=free).map(lambda fields: _together(kind, fields))


def field_names(kind: type[msgspec.Struct], seen: set[type] | None = None) -> set[str]:
    """Every field of the class as JSON names it, in its parts too."""
    seen = set() if seen is None else seen
    if kind in seen:
        return set()
    seen.add(kind)
    names = set(kind.__struct_encode_fields__)
    for hint in get_type_hints(kind).values():
        for part in _parts(hint):
            names |= field_names(part, seen)
    return names


def _parts(hint: Any) -> list[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [part for argument in get_args(hint) for part in _parts(argument)]


def _together(kind: type[msgspec.Struct], fields: dict[str, Any]) -> Any:
    names = getattr(kind, "together", ())
    if any(name in fields for name in names):
        fields = dict.fromkeys(names, "x") | fields
    return kind(**fields)


def _fields(kind: type[msgspec.Struct]) -> list[tuple[str, Any]]:
    hints = get_type_hints(kind, include_extras=True)
    hints |= {"runId": Annotated[str, msgspec.Meta(extra={"format": "uuid"})]} if kind is Run else {}
    return [(name, hints[name]) for name in kind.__struct_fields__ if name not in BASE]


def _needed(kind: type[msgspec.Struct], name: str) -> bool:
    field = next(field for field in msgspec.structs.fields(kind) if field.name == name)
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


def _kinds(hint: Any) -> list[Any]:
    return [kind for kind in get_args(hint) if kind is not UnsetType]


def _value(hint: Any, full: bool, depth: int) -> Any:
    origin = get_origin(hint)
    if origin is Annotated:
        meta = hint.__metadata__[0]
        return FORMATS[meta.extra["format"]] if meta.extra else 7
    if origin in (Union, UnionType):
        return _value(_kinds(hint)[0], full, depth)
    if origin is Literal:
        return get_args(hint)[0]
    if origin is list:
        items = get_args(hint)[0]
        kinds = _kinds(items) if get_origin(items) in (Union, UnionType) else [items]
        return [_value(kind, full, depth + 1) for kind in kinds]
    if origin is dict:
        return {"a": _value(get_args(hint)[1], full, depth + 1)}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return sample(hint, full=full, depth=depth + 1)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return {str: "text", int: 3, float: 0.5, bool: True}.get(hint, "anything")


def _strategy(hint: Any, depth: int) -> some.SearchStrategy[Any]:
    origin = get_origin(hint)
    if origin is Annotated or origin is Literal:
        return some.just(_value(hint, True, depth))
    if origin in (Union, UnionType):
        return some.one_of([_strategy(kind, depth + 1) for kind in _kinds(hint)])
    if origin is list:
        return some.lists(_strategy(get_args(hint)[0], depth + 1), max_size=2)
    if origin is dict:
        return some.dictionaries(_texts(), _strategy(get_args(hint)[1], depth + 1), max_size=2)
    if hint in (Run, Job):
        return some.just(sample(hint, full=True))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return objects(hint, depth + 1) if depth < MAX_DEPTH + 4 else some.just(sample(hint, full=False))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return some.sampled_from(hint)
    plain = {str: _texts(), int: some.integers(), float: some.floats(), bool: some.booleans()}
    return plain.get(hint, some.one_of(_texts(), some.floats(), some.none()))


def _texts() -> some.SearchStrategy[str]:
    return some.text(some.characters(codec=None, categories=None), max_size=6)
