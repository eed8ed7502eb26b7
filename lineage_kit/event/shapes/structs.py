"""The shape of every struct and facet, read from its annotations; typed facets from plain ones.

No copy of the standard's schemas: what the structs in `lineage_kit.event.facets` declare is what is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UnsetType

from lineage_kit.event.facet import (
    BaseFacet,
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
)
from lineage_kit.event.facets import facet_class, standard
from lineage_kit.event.model import Job, Run
from lineage_kit.event.problem import Problem, join
from lineage_kit.event.shapes import formats
from lineage_kit.event.shapes.kinds import (
    Either,
    Field,
    Items,
    Never,
    Plain,
    Record,
    Shape,
    Unfit,
    Values,
    is_integer,
    is_number,
    is_text,
    words,
)

BASES: dict[str, type[BaseFacet]] = {
    "run": RunFacet,
    "job": JobFacet,
    "dataset": DatasetFacet,
    "input": InputDatasetFacet,
    "output": OutputDatasetFacet,
}

TEXT = Plain("a text", is_text)
NAME = Plain("a text", is_text, formats.name)
UUID = Plain("a UUID", is_text, formats.uuid)
URI = Plain("a URI", is_text, formats.uri)
DATE_TIME = Plain("an RFC 3339 time", is_text, formats.date_time)
ANY = Shape()

_PLAIN: dict[Any, Shape] = {
    str: TEXT,
    int: Plain("an integer", is_integer),
    float: Plain("a number", is_number),
    bool: Plain("true or false", lambda value: type(value) is bool),
    Any: ANY,
}
_FORMATS = {"uuid": UUID, "uri": URI, "date-time": DATE_TIME}


def one_of(values: Iterable[str]) -> Shape:
    """The shape of a text that is one of `values`."""
    allowed = tuple(str(value) for value in values)  # plain texts, also of an enum
    return Plain(words(allowed), lambda value: is_text(value) and value in allowed)


class Facets(Shape):
    """A ``facets`` object: each facet by its own rules, or by those of its base where it is not the standard's."""

    expected = "an object"

    def __init__(self, home: str, *, deep: bool = True) -> None:
        self.home, self.deep = home, deep

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            return self.refuse(value, path, found)
        for key, facet in value.items():
            self._check_facet(key, facet, join(path, key), found)
        return None

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise Unfit
        return value

    def _check_facet(self, key: str, facet: Any, path: str, found: list[Problem]) -> None:
        kind = standard().get((self.home, key)) if self.deep else None
        inner: list[Problem] = []
        facet_shape(kind or BASES[self.home]).check(facet, path, inner)
        if kind is not None and _follows_another(facet, kind):
            inner = [_softer(problem, path) for problem in inner]
        found.extend(inner)


@cache
def shape(kind: type[msgspec.Struct]) -> Shape:
    """The shape of a struct; unknown keys are allowed unless it forbids them."""
    if kind is Run:
        return Record(lambda: {"runId": Field("runId", UUID, True), "facets": _plain_facets("run")}, Run)
    if kind is Job:
        names = {"namespace": Field("namespace", NAME, True), "name": Field("name", NAME, True)}
        return Record(lambda: names | {"facets": _plain_facets("job")}, Job)
    closed = kind.__struct_config__.forbid_unknown_fields
    return Record(lambda: _fields(kind), kind, closed=closed, together=getattr(kind, "together", ()))


@cache
def facet_shape(kind: type[BaseFacet]) -> Record:
    """The shape of a facet: its own fields, and the producer and schema URL every facet needs."""
    return Record(lambda: _facet_fields(kind), kind, is_facet=True)


def build_facet(home: str, key: str, value: Any) -> Any:
    """The typed facet for `value` where nothing is lost by it, else `value` itself."""
    kind = facet_class(home, key)
    if kind is None or not isinstance(value, dict):
        return value
    try:
        built = facet_shape(kind).build(value)
        return built if msgspec.to_builtins(built) == value else value
    except Exception:  # a facet class of the user's own may raise anything
        return value


def _follows_another(facet: Any, kind: type[BaseFacet]) -> bool:
    """Whether the facet names another schema, or another major version: what that asks for is not known here."""
    url = facet.get("_schemaURL") if isinstance(facet, dict) else None
    return isinstance(url, str) and not formats.is_compatible(_default(kind, "schemaURL"), url)


def _softer(problem: Problem, path: str) -> Problem:
    if problem.path in (path, join(path, "_producer"), join(path, "_deleted")):
        return problem
    return Problem(problem.path, "warning", problem.message)


def _plain_facets(home: str) -> Field:
    return Field("facets", Facets(home, deep=False))


def _fields(kind: type[msgspec.Struct]) -> dict[str, Field]:
    hints = get_type_hints(kind, include_extras=True)
    found = {}
    for field in msgspec.structs.fields(kind):
        hint = hints[field.name]
        required = field.default is NODEFAULT and field.default_factory is NODEFAULT
        required = (
            required or get_origin(hint) is Literal
        )  # a discriminator: defaulted in the struct, needed in JSON
        found[field.encode_name] = Field(field.name, _read(hint), required)
    return found


def _facet_fields(kind: type[BaseFacet]) -> dict[str, Field]:
    known = frozenset() if kind not in BASES.values() else _standard_files()
    look = formats.schema_url(_default(kind, "schemaURL"), known_files=known)
    fields = {name: field for name, field in _fields(kind).items() if not name.startswith("_")}
    schema = Plain("a URI", is_text, look)
    base = {"_producer": Field("producer", URI, True), "_schemaURL": Field("schemaURL", schema, True)}
    if "deleted" in kind.__struct_fields__:
        base["_deleted"] = Field("deleted", _PLAIN[bool])
    return base | fields


@cache
def _standard_files() -> frozenset[str]:
    files = {formats.schema_file(_default(kind, "schemaURL")) for kind in standard().values()}
    return frozenset(file for file in files if file) | {"OpenLineage"}


def _default(kind: type[msgspec.Struct], name: str) -> str:
    return str(msgspec.structs.fields(kind)[_position(kind, name)].default)


def _position(kind: type[msgspec.Struct], name: str) -> int:
    return kind.__struct_fields__.index(name)


def _read(hint: Any) -> Shape:
    read = _BY_ORIGIN.get(get_origin(hint))
    if read is not None:
        return read(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return shape(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return one_of(str(member.value) for member in hint)
    return _PLAIN.get(hint) or Never()


def _read_union(arguments: tuple[Any, ...]) -> Shape:
    kinds = [kind for kind in arguments if kind not in (UnsetType, NoneType)]
    if len(kinds) == 1:
        return _read(kinds[0])
    return Either(lambda: {_default(kind, "type"): shape(kind) for kind in kinds})


def _read_annotated(arguments: tuple[Any, ...]) -> Shape:
    base = _read(arguments[0])
    for meta in arguments[1:]:
        if isinstance(meta, msgspec.Meta):
            if meta.extra and meta.extra.get("format") in _FORMATS:
                return _FORMATS[meta.extra["format"]]
            if meta.ge is not None:
                return _at_least(meta.ge)
    return base


def _at_least(least: float) -> Shape:
    return Plain(f"an integer of at least {least}", lambda value: is_integer(value) and value >= least)


_BY_ORIGIN: dict[Any, Callable[[tuple[Any, ...]], Shape]] = {
    Annotated: _read_annotated,
    Union: _read_union,
    UnionType: _read_union,
    Literal: one_of,
    list: lambda arguments: Items(_read(arguments[0])),
    dict: lambda arguments: Values(_read(arguments[1])),
}
