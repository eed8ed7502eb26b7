"""Which of several types a value can be, judged by its shape; and lists and mappings that were written as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import inspect as kinds

from lineage_kit.config.scalars import READERS
from lineage_kit.config.tree import from_text, is_null, origin_of

LISTS = (kinds.ListType, kinds.VarTupleType, kinds.SetType, kinds.FrozenSetType)
MAPPINGS = (kinds.StructType, kinds.DictType)

_ORDER = {kind: place for place, kind in enumerate(READERS)}
_LAST = len(_ORDER)


def bare(kind: kinds.Type) -> kinds.Type:
    """The type without its annotations."""
    return kind.type if isinstance(kind, kinds.Metadata) else kind


def is_container(kind: kinds.Type) -> bool:
    """Whether values of this type hold others."""
    return isinstance(bare(kind), MAPPINGS + LISTS)


def alternatives(kind: kinds.UnionType) -> list[kinds.Type]:
    """The types of a union other than None."""
    return [part for part in kind.types if not isinstance(part, kinds.NoneType)]


def fitting(value: Any, parts: list[kinds.Type]) -> list[kinds.Type]:
    """Those of `parts` that a value of this shape can be, in the order to try them."""
    if len(parts) == 1:
        return parts
    if isinstance(value, Mapping):
        return [part for part in parts if isinstance(bare(part), (*MAPPINGS, kinds.AnyType))]
    if isinstance(value, (list, tuple)):
        return [part for part in parts if isinstance(bare(part), (*LISTS, kinds.AnyType))]
    # numbers before switches before text: a text could be any of them; commas make a list of what is none
    simple = [part for part in parts if not isinstance(bare(part), MAPPINGS)]
    return sorted(simple, key=lambda part: _ORDER.get(type(bare(part)), _LAST))


def unfolded(value: Any, kind: kinds.Type, origin: str) -> Any:
    """A container from text: JSON for any, commas or semicolons for a list of plain values. Else the value itself."""
    if not isinstance(value, str) or is_null(value):
        return value
    read = json_in(value, origin)
    if read is value and isinstance(kind, LISTS) and type(bare(kind.item_type)) in READERS:
        return [part.strip() for part in value.replace(";", ",").split(",") if part.strip()]
    return read


def json_in(value: str, origin: str) -> Any:
    """The mapping or list that a text holds as JSON, else the text."""
    read = from_text(value, origin_of(value, origin))
    return read if isinstance(read, (dict, list)) else value


def tagged(parts: list[kinds.Type]) -> dict[str, kinds.StructType]:
    """The structs of a union by what their tag field says."""
    structs = [part for part in parts if isinstance(part, kinds.StructType) and part.tag_field]
    return {str(struct.tag): struct for struct in structs}
