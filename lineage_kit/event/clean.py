"""The slow way of an event to JSON: whatever its facets hold becomes plain JSON values, and what had to give is said.

Nothing here calls an object's own ``__str__`` or ``__repr__``, and an iterator is never consumed. What JSON or backends
cannot carry is left out of typed facets, where a text would break the schema, and replaced by a text in plain ones.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from math import isfinite, isnan
from typing import Any

import msgspec
from msgspec import UNSET

from lineage_kit.errors import LineageError
from lineage_kit.event.problem import join
from lineage_kit.event.values import TEXTS, fields_of, items_of, key_text, members_of, simpler, size_of
from lineage_kit.strangers import ask, is_a, type_name

MAX_DEPTH = 200
MAX_VALUES = 1_000_000
MAX_INT_BITS = 1024
MAX_PROBLEMS = 20
MAX_PATH = 20
FACET_FIELDS = frozenset({"facets", "inputFacets", "outputFacets"})

_unsendable = re.compile("[\x00\ud800-\udfff]").sub


def clean(obj: Any, room: int = MAX_VALUES, longest: int = sys.maxsize) -> tuple[Any, tuple[str, ...]]:
    """The object as dicts, lists, texts, numbers, booleans and None; and a sentence for each value that was replaced.

    room: how many values it may hold; longest: how many characters a text or bytes in it may have.
    Never raises for what `obj` holds. A decoded event gives back what it was decoded from, nulls included.
    """
    cleaner = _Cleaner(
        room, longest, keep_nulls=is_a(obj, msgspec.Struct) and "kept" in getattr(obj, "__dict__", {})
    )
    tree = cleaner.value(obj, typed=is_a(obj, msgspec.Struct))
    return tree, cleaner.told()


class _Cleaner:
    """One walk over one object. `value` gives UNSET for what is to be left out."""

    def __init__(self, room: int, longest: int, *, keep_nulls: bool) -> None:
        self.longest = longest
        self.keep_nulls = keep_nulls
        self.path: list[str | int] = []
        self.open: set[int] = set()  # ids of the containers around the current value
        self.room = room
        self.problems: list[str] = []
        self.more = 0

    def value(self, obj: Any, *, typed: bool) -> Any:
        kind = type(obj)
        if kind is str:
            return self.text(obj)
        if obj is None or obj is UNSET or kind is bool:
            return obj
        if kind is int:
            return obj if obj.bit_length() <= MAX_INT_BITS else self.marker("a huge integer")
        if kind is float:
            return obj if isfinite(obj) else self.not_finite(obj, typed)
        return self.container(obj, typed)

    def text(self, obj: str) -> str:
        if len(obj) > self.longest:
            return self.marker(f"a text of {len(obj)} characters")
        if obj.isascii() and "\x00" not in obj:
            return obj
        sendable = _unsendable("\ufffd", obj)
        if sendable != obj:
            self.say("holds NUL or half characters, which cannot be sent; replaced by U+FFFD")
        return sendable

    def not_finite(self, obj: float, typed: bool) -> Any:
        name = "NaN" if isnan(obj) else "Infinity" if obj > 0 else "-Infinity"
        self.say(f"{name} cannot be sent; {'left out' if typed else 'sent as text'}")
        return UNSET if typed else name

    def container(self, obj: Any, typed: bool) -> Any:
        self.room -= 1
        if self.room < 0:
            return self.marker("one value too many")
        if id(obj) in self.open:
            return self.marker("an object inside itself")
        if len(self.open) >= MAX_DEPTH:
            return self.marker("an object nested too deep")
        self.open.add(id(obj))
        try:
            return self.inside(obj, typed)
        except RecursionError:
            return self.marker("an object nested too deep")
        finally:
            self.open.discard(id(obj))

    def inside(self, obj: Any, typed: bool) -> Any:
        if is_a(obj, msgspec.Struct):
            return self.struct(obj)
        size = size_of(obj)
        if size is not None:
            if size > (self.longest if is_a(obj, TEXTS) else self.room):
                return self.marker(f"a {type_name(obj)} of {size}")
            self.room -= size
        for take, build in ((items_of, self.mapping), (members_of, self.sequence), (fields_of, self.mapping)):
            found = self.guarded(take, obj)
            if found is not None:
                return build(found, typed)
        plain = self.guarded(simpler, obj)
        return (
            self.marker(f"a value of type {type_name(obj)}")
            if plain is None
            else self.value(plain[0], typed=typed)
        )

    def guarded(self, take: Callable[[Any], Any], obj: Any) -> Any:
        """What `take` makes of the user's object, or None: every method of it may raise, and slow types are left."""
        try:
            return ask(take, obj)
        except LineageError:
            return None

    def struct(self, obj: msgspec.Struct) -> Any:
        config = obj.__struct_config__
        found: dict[str, Any] = {} if config.tag_field is None else {config.tag_field: config.tag}
        for name, key in zip(obj.__struct_fields__, obj.__struct_encode_fields__, strict=True):
            item: Any = getattr(obj, name, UNSET)
            if config.omit_defaults and _is_default(obj, name, item):
                continue
            is_facets = name in FACET_FIELDS and type(item) is dict
            self.path.append(key)
            item = self.facets(item) if is_facets else self.value(item, typed=True)
            self.path.pop()
            if item is not None and item is not UNSET:
                found[key] = item
        self.put_back(obj, found)
        return list(found.values()) if config.array_like else found

    def facets(self, facets: dict[Any, Any]) -> Any:
        """A ``facets`` object: from here on, what is a plain dict is the user's own business."""
        return self.mapping(items_of(facets) or (), typed=False)

    def put_back(self, obj: msgspec.Struct, found: dict[str, Any]) -> None:
        """What `decode` could not place in a field, unless the field was changed since."""
        for key, (written, original) in getattr(obj, "__dict__", {}).get("kept", {}).items():
            if found.get(key, UNSET) != written:
                continue
            if original is UNSET:
                found.pop(key, None)
            else:
                found[key] = self.value(original, typed=False)

    def mapping(self, items: Iterable[tuple[Any, Any]], typed: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in items:
            name = self.key(key)
            self.path.append(name)
            plain = self.value(item, typed=typed)
            if name in found:
                self.say("two keys become the same text; the later one is kept")
            self.path.pop()
            if plain is not UNSET and (plain is not None or self.keep_nulls):
                found[name] = plain
        return found

    def sequence(self, items: Iterable[Any], typed: bool) -> list[Any]:
        found = []
        for index, item in enumerate(items):
            self.path.append(index)
            plain = self.value(item, typed=typed)
            self.path.pop()
            if plain is not UNSET and (plain is not None or self.keep_nulls or not typed):
                found.append(plain)
        return found

    def key(self, key: Any) -> str:
        name = key if type(key) is str else self.guarded(key_text, key)
        if name is None:
            name = self.marker(f"a key of type {type_name(key)}")
        return self.text(name)

    def marker(self, what: str) -> str:
        self.say(f"{what} cannot be sent; replaced by a marker")
        return f"<unserialisable: {what}>"

    def say(self, message: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            self.more += 1
            return
        where = ""
        for name in self.path[:MAX_PATH]:
            where = join(where, name)
        where += "…" * (len(self.path) > MAX_PATH)
        self.problems.append(f"{where or 'event'}: {message}")

    def told(self) -> tuple[str, ...]:
        if self.more:
            self.problems.append(f"and {self.more} more values were replaced")
        return tuple(self.problems)


def _is_default(obj: msgspec.Struct, name: str, item: Any) -> bool:
    """Whether msgspec would leave the field out: an empty collection, or a plain value that is its default."""
    declared = dict(zip(reversed(obj.__struct_fields__), reversed(obj.__struct_defaults__), strict=False))
    default = declared.get(name, UNSET)
    factory = getattr(default, "factory", None)
    if factory is not None:
        return type(item) is factory and not item
    is_plain = type(item) in (str, int, float, bool) and type(item) is type(default)
    return item is default or (is_plain and bool(item == default))
