"""A mapping of any spelling becomes an instance of the struct that declares its options, or one error that says all.

Used for the settings themselves and by every transport for its options. A field's annotation is the whole declaration:

    class HttpConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
        url: str                                              # required, stays text
        timeout: Annotated[float, msgspec.Meta(gt=0)] = 5.0   # "5" from a variable becomes 5.0
        verify: bool | str = True
        custom_headers: dict[str, str] = {}
        retry: dict[str, Any] = {}                            # free-form: ordinary Python values
        auth: Raw = None                                      # kept as it is, for a later `convert`

What a type cannot say, a struct checks in a class method ``faults(values)``: (field, what is wrong) for those of its
fields that could be read.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import inspect as kinds

from lineage_kit.config.notyet import not_yet_text
from lineage_kit.config.problems import Problems, clip, fold, nearest, show, shown_key
from lineage_kit.config.scalars import READERS, Wrong, expected
from lineage_kit.config.shapes import LISTS, alternatives, fitting, is_container, json_in, tagged, unfolded
from lineage_kit.config.tree import is_null, origin_of, plain

T = TypeVar("T")

Raw: TypeAlias = Annotated[Any, msgspec.Meta(extra={"raw": True})]
"""For a field whose value is converted later, once its own type is known: scalars keep their text and place."""

_BAD: Any = object()
_COLLECTIONS: dict[type, Any] = dict(zip(LISTS, (list, tuple, set, frozenset), strict=True))


def convert(mapping: Any, kind: type[T], path: str = "$.transport", ignore: Container[str] = ("type",)) -> T:
    """The struct `kind` filled from `mapping`, each value turned into the type of its field.

    Keys may be written ``messageKey``, ``messagekey`` or ``message_key`` (the first of these wins when several are
    there). `path` is where the mapping stands in the configuration. Keys in `ignore` that the struct lacks are passed
    over. Raises `ConfigError` with every unknown key, missing key and wrong value; secrets are never in its text.
    """
    if isinstance(mapping, kind):
        return mapping
    problems = Problems()
    result = Converter(problems, ignore).read(mapping, kinds.type_info(kind), path, "")
    problems.finish()
    return result  # type: ignore[no-any-return]


@cache
def spellings(kind: type) -> dict[str, str]:
    """Every accepted spelling of each field of a struct → the field's name, preferred spellings first."""
    names = [(field.encode_name, field.name) for field in msgspec.structs.fields(kind)]
    table = {encoded: name for encoded, name in names if encoded != name}
    for form in (camel_case, lambda name: name.replace("_", ""), str):
        for _, name in names:
            table.setdefault(form(name), name)
    return table


def camel_case(name: str) -> str:
    """``message_key`` → ``messageKey``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Converter:
    """Reads values by their type and adds what is wrong to `problems`; such values come back as a marker."""

    def __init__(
        self, problems: Problems, ignore: Container[str] = (), homes: Mapping[str, str] | None = None
    ) -> None:
        """`ignore`: keys to pass over at the top; `homes`: key → the section it belongs in when written at the top."""
        self.problems = problems
        self.ignore = ignore
        self.homes = homes or {}

    def read(self, value: Any, kind: kinds.Type, path: str, origin: str) -> Any:
        """`value` as `kind`; a marker, after noting a problem, when that cannot be."""
        origin = origin_of(value, origin)
        if isinstance(kind, kinds.Metadata):
            if (kind.extra or {}).get("raw"):
                return None if is_null(value) else value
            return self.read(value, kind.type, path, origin)
        if isinstance(kind, kinds.UnionType):
            return self._read_union(value, kind, path, origin)
        if isinstance(kind, kinds.AnyType):
            return plain(value)
        if is_container(kind):
            return self._read_container(value, kind, path, origin)
        return self._read_scalar(value, kind, path, origin)

    def _read_scalar(self, value: Any, kind: kinds.Type, path: str, origin: str) -> Any:
        try:
            return READERS[type(kind)](value, kind)
        except Wrong as wrong:
            return self._wrong(value, str(wrong), path, origin)

    def _wrong(self, value: Any, wanted: str, path: str, origin: str) -> Any:
        self.problems.add(f"found {show(value, path)}, expected {wanted}", path, origin)
        return _BAD

    def _read_container(self, value: Any, kind: kinds.Type, path: str, origin: str) -> Any:
        value = unfolded(value, kind, origin)
        if isinstance(kind, LISTS) and isinstance(value, (list, tuple, set, frozenset)):
            return self._read_list(value, kind, path, origin)
        if isinstance(kind, kinds.DictType) and isinstance(value, Mapping):
            return self._read_dict(value, kind, path, origin)
        if isinstance(kind, kinds.StructType):
            if isinstance(value, kind.cls):
                return value
            if isinstance(value, Mapping):
                return self._read_struct(value, kind, path, origin)
        return self._wrong(value, expected(kind), path, origin)

    def _read_list(self, value: Any, kind: Any, path: str, origin: str) -> Any:
        items = [
            self.read(item, kind.item_type, f"{path}[{index}]", origin) for index, item in enumerate(value)
        ]
        if any(item is _BAD for item in items):
            return _BAD
        return _COLLECTIONS[type(kind)](items)

    def _read_dict(self, value: Mapping[Any, Any], kind: kinds.DictType, path: str, origin: str) -> Any:
        items = {
            str(key): self.read(item, kind.value_type, f"{path}.{shown_key(str(key), path)}", origin)
            for key, item in value.items()
        }
        return _BAD if any(item is _BAD for item in items.values()) else items

    def _read_struct(self, value: Mapping[Any, Any], kind: kinds.StructType, path: str, origin: str) -> Any:
        meant = self._note_unknown(value, kind, path, origin)
        keys = _written(value, kind.cls)
        read = self._read_fields(value, kind, keys, meant, path, origin)
        good = {name: item for name, item in read.items() if item is not _BAD}
        faults = list(getattr(kind.cls, "faults", _no_faults)(good))
        for name, text in faults:
            key = keys.get(name, name)
            short = text.removeprefix(f"{name}: ")
            self.problems.add(short, f"{path}.{key}", origin_of(value.get(key), origin))
        whole = not faults and not meant and len(good) == len(read)
        return self._build(kind.cls, good, path, origin) if whole else _BAD

    def _missing(self, key: str, path: str, origin: str, hint: str = "") -> Any:
        self.problems.add(f"the key {key!r} is missing{hint}", path, origin)
        return _BAD

    def _read_fields(
        self,
        value: Any,
        kind: kinds.StructType,
        keys: dict[str, str],
        meant: set[str],
        path: str,
        origin: str,
    ) -> dict[str, Any]:
        """Field → its value, or the marker of a wrong one; those that keep their default are left out."""
        ignore, self.ignore = self.ignore, ()
        read: dict[str, Any] = {}
        for field in kind.fields:
            if field.name in keys:
                key = keys[field.name]
                if not (is_null(value[key]) and _may_be_left_out(field)):
                    read[field.name] = self.read(value[key], field.type, f"{path}.{key}", origin)
            elif field.required and field.name not in meant:
                read[field.name] = self._missing(field.encode_name, path, origin)
        self.ignore = ignore
        return read

    def _build(self, cls: Any, values: dict[str, Any], path: str, origin: str) -> Any:
        try:
            return cls(**values)
        except (ValueError, TypeError) as error:  # what the struct itself checks in __post_init__
            self.problems.add(str(error), path, origin)
            return _BAD

    def _note_unknown(
        self, value: Mapping[Any, Any], kind: kinds.StructType, path: str, origin: str
    ) -> set[str]:
        """Note every key that no field has; returns the fields that were probably meant."""
        known = spellings(kind.cls)
        meant: set[str] = set()
        for key in map(str, value):
            if key in known or key == kind.tag_field or key in self.ignore:
                continue
            close = nearest(key, list(known))
            text = (
                not_yet_text("key", key) or f"unknown key {clip(key)}; {self._hint(key, close, known, path)}"
            )
            self.problems.add(text, path, origin_of(value.get(key), origin))
            meant.add(known[close] if close else "")
        return meant

    def _hint(self, key: str, close: str | None, known: Mapping[str, str], path: str) -> str:
        home = self.homes.get(fold(key)) if path == "$" else None
        first, _, rest = key.partition(".")
        if rest and first in known:
            return f"write {clip(rest)} on a line below `{first}`, indented"
        if "auth" in known and fold(key) in ("apikey", "token", "bearer", "password"):
            return "it belongs under `auth`, beside `type`"
        if home and not (close and fold(close) == fold(key)):
            return f"it belongs under `{home}`"
        if close:
            return f"did you mean {close!r}?"
        return _all_of(known)

    def _read_union(self, value: Any, kind: kinds.UnionType, path: str, origin: str) -> Any:
        parts = alternatives(kind)
        if is_null(value):
            return None if len(parts) < len(kind.types) else self._wrong(value, expected(kind), path, origin)
        if isinstance(value, str) and any(map(is_container, parts)):
            value = json_in(value, origin)
        candidates = fitting(value, parts)
        if len(candidates) == 1:
            return self.read(value, candidates[0], path, origin)
        if isinstance(value, Mapping) and tagged(candidates):
            return self._read_tagged(value, tagged(candidates), path, origin)
        for part in candidates:
            attempt = Converter(Problems(), self.ignore)
            result = attempt.read(value, part, path, origin)
            if not attempt.problems:
                return result
        return self._wrong(value, expected(kind), path, origin)

    def _read_tagged(
        self, value: Mapping[Any, Any], structs: dict[str, kinds.StructType], path: str, origin: str
    ) -> Any:
        field = str(next(iter(structs.values())).tag_field)
        words = f"one of {', '.join(map(repr, structs))}"
        if field not in value:
            return self._missing(field, path, origin, f"; it is {words}")
        tag = str(value[field])
        if tag not in structs:
            return self._wrong(value[field], words, f"{path}.{field}", origin_of(value[field], origin))
        return self.read(value, structs[tag], path, origin)


def _written(value: Mapping[Any, Any], kind: type) -> dict[str, str]:
    """Field → the spelling to read it by, for every field that is there in some spelling."""
    keys: dict[str, str] = {}
    for spelling, name in spellings(kind).items():
        if spelling in value:
            keys.setdefault(name, spelling)
    return keys


def _all_of(known: Mapping[str, str]) -> str:
    names = ", ".join(sorted(set(known.values())))
    return f"known here: {names}" if names else "there are no keys here"


def _no_faults(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ()


def _may_be_left_out(field: kinds.Field) -> bool:
    """An empty section or list (a heading whose lines are commented out) means its default."""
    return not field.required and is_container(field.type)
