"""The kinds of JSON value: each can be checked, adding a `Problem` for what does not fit, and built into a struct.

`build` raises `Unfit` when the struct would not give back the same JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

from lineage_kit.errors import EventError
from lineage_kit.event.problem import Problem, join, nearest, show
from lineage_kit.event.shapes.formats import Look

MAX_DEPTH = 100  # of nested columns and conditions


class Unfit(Exception):  # noqa: N818 - not an error: the value stays a plain dict
    """The value cannot be held by the struct without loss."""


class Shape:
    """A JSON value of one kind; `expected` names the kind in messages."""

    expected: str = "a JSON value"

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """Add what is wrong with `value`, which stands at `path`, to `found`."""

    def build(self, value: Any) -> Any:
        """The value as struct; raises `Unfit`."""
        return value

    def refuse(self, value: Any, path: str, found: list[Problem]) -> None:
        """Add that `value` is of the wrong kind."""
        found.append(Problem(path, "error", f"must be {self.expected}, not {show(value)}"))


class Plain(Shape):
    """A text, number or flag; `look` reads a text's format."""

    def __init__(self, expected: str, fits: Callable[[Any], bool], look: Look | None = None) -> None:
        self.expected, self.fits, self.look = expected, fits, look

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """See `Shape`."""
        if not self.fits(value):
            self.refuse(value, path, found)
        elif self.look is not None and (trouble := self.look(value)) is not None:
            found.append(Problem(path, *trouble))

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        if not self.fits(value):
            raise Unfit
        return value


class Items(Shape):
    """A list."""

    expected = "a list"

    def __init__(self, item: Shape) -> None:
        self.item = item

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """See `Shape`."""
        if not isinstance(value, list):
            return self.refuse(value, path, found)
        for index, item in enumerate(value):
            self.item.check(item, join(path, index), found)
        return None

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        if not isinstance(value, list):
            raise Unfit
        return [self.item.build(item) for item in value]


class Values(Shape):
    """An object with any keys."""

    expected = "an object"

    def __init__(self, item: Shape) -> None:
        self.item = item

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            return self.refuse(value, path, found)
        for key, item in value.items():
            self.item.check(item, join(path, key), found)
        return None

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise Unfit
        return {key: self.item.build(item) for key, item in value.items()}


class Field(NamedTuple):
    """One key of an object: the struct's name for it, its shape, and whether it must be there."""

    attribute: str
    shape: Shape
    required: bool = False


class Record(Shape):
    """An object with known keys; others are allowed unless it is `closed`. `together`: all of them or none."""

    expected = "an object"

    def __init__(
        self,
        source: Callable[[], dict[str, Field]],
        make: Callable[..., Any] | None = None,
        *,
        closed: bool = False,
        together: tuple[str, ...] = (),
        is_facet: bool = False,
    ) -> None:
        self._source, self.make, self.closed, self.together = source, make, closed, together
        self.is_facet = is_facet

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Read late, because columns hold columns."""
        return self._source()

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            return self.refuse(value, path, found)
        if path.count(".") + path.count("[") > MAX_DEPTH:
            return found.append(Problem(path, "error", f"is nested more than {MAX_DEPTH} deep"))
        deleted = self.is_facet and value.get("_deleted") is True
        for key, field in self.fields.items():
            if key in value:
                field.shape.check(value[key], join(path, key), found)
            elif field.required and not (deleted and not key.startswith("_")):
                found.append(
                    Problem(join(path, key), "error", f"is missing; it must be {field.shape.expected}")
                )
        self._check_keys(value, path, found)
        return None

    def _check_keys(self, value: dict[str, Any], path: str, found: list[Problem]) -> None:
        given = [key for key in self.together if key in value]
        if given and len(given) < len(self.together):
            missing = next(key for key in self.together if key not in value)
            found.append(Problem(join(path, missing), "error", f"is missing; it must come with {given[0]}"))
        if self.closed:
            for key in value.keys() - self.fields.keys():
                hint = nearest(key, list(self.fields))
                found.append(Problem(join(path, key), "error", f"is not allowed here{hint}"))

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        if not isinstance(value, dict) or self.make is None:
            raise Unfit
        arguments = {}
        for key, item in value.items():
            field = self.fields.get(key)
            if field is None:
                raise Unfit
            arguments[field.attribute] = field.shape.build(item)
        try:
            return self.make(**arguments)
        except (TypeError, EventError) as error:
            raise Unfit from error


class Either(Shape):
    """One of several objects, told apart by the text in ``type``."""

    def __init__(self, source: Callable[[], dict[str, Shape]]) -> None:
        self._source = source

    @cached_property
    def by_type(self) -> dict[str, Shape]:
        """The text in ``type`` → the object's shape; read late, because conditions hold conditions."""
        return self._source()

    @property
    def expected(self) -> str:  # type: ignore[override]
        """Names the texts that ``type`` may hold."""
        return f"an object whose type is {' or '.join(self.by_type)}"

    def check(self, value: Any, path: str, found: list[Problem]) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            return self.refuse(value, path, found)
        if "type" not in value:
            return found.append(
                Problem(join(path, "type"), "error", f"is missing; it must be {words(self.by_type)}")
            )
        chosen = self._choose(value)
        if chosen is None:
            message = f"must be {words(self.by_type)}, not {show(value['type'])}"
            return found.append(Problem(join(path, "type"), "error", message))
        return chosen.check(value, path, found)

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        chosen = self._choose(value) if isinstance(value, dict) else None
        if chosen is None:
            raise Unfit
        return chosen.build(value)

    def _choose(self, value: dict[str, Any]) -> Shape | None:
        name = value.get("type")
        return self.by_type.get(name) if isinstance(name, str) else None


class Never(Shape):
    """A type that JSON alone cannot give back (in facets of users' own)."""

    def build(self, value: Any) -> Any:
        """See `Shape`."""
        raise Unfit


def is_number(value: Any) -> bool:
    """A finite JSON number."""
    return type(value) is int or (type(value) is float and isfinite(value))


def is_integer(value: Any) -> bool:
    """An integer as JSON schemas understand it: 3.0 is one."""
    return type(value) is int or (type(value) is float and value.is_integer())


def is_text(value: Any) -> bool:
    """A text."""
    return type(value) is str


def words(names: Iterable[str]) -> str:
    """``'a' or 'b'``."""
    return " or ".join(repr(name) for name in names)
