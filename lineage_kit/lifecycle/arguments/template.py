"""Texts with ``{fields}`` over call arguments: ``"s3://raw/{table}/{day:%Y/%m}.csv"``, ``"{self.table}.load"``.

A field is a parameter, followed by attributes and indexes, and a format spec. Dunder attributes are refused, and only
values that have one obvious text are put in: a frame or a list is not a name.

What is taken from a date (``{day.year}``, ``{day:%m}``, ``{period.month:02}``) is a date too, and folds out of a name.
A number stays what it is, whatever the parameter is called: ``{year}/{month:02}/{day:02}`` folds as every path does,
``sales_{year}.csv`` keeps its year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from os import PathLike, fspath
from typing import Any

import msgspec

from lineage_kit.errors import LineageError, UsageError

_PATH = r"\.(\w+)|\[([^\[\]]+)\]"
_EXPRESSION = r"([^\W\d]\w*)((?:\.\w+|\[[^\[\]]+\])*)"
RETURN = "return"
_OF_A_DATE = (
    "strftime",
    "year",
    "month",
)  # by which the dates of other libraries are known (a pandas Period)


class Unresolved(LineageError):  # noqa: N818 - what the value is
    """A field of a template that has no usable value in this call."""


class Field(msgspec.Struct, frozen=True):
    """One ``{root.attribute[index]:spec}``."""

    root: str
    path: tuple[tuple[str, bool], ...]  # (name, True for an attribute, False for an index)
    spec: str = ""

    def value(self, values: Mapping[str, Any]) -> Any:
        """The object the field stands for; raises `Unresolved`."""
        return self.read(values)[0]

    def read(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        """The object the field stands for, and whether it is a date or a part of one; raises `Unresolved`."""
        dated = False
        try:
            found = values[self.root]
            for name, is_attribute in self.path:
                dated = dated or is_date(found)
                found = getattr(found, name) if is_attribute else _item(found, name)
        except (Exception, SystemExit) as error:  # door: attributes and indexes of the user's objects
            raise Unresolved(f"{{{self}}} has no value here ({type(error).__name__})") from None
        return found, dated or is_date(found)

    def __str__(self) -> str:
        return self.root + "".join(f".{name}" if attribute else f"[{name}]" for name, attribute in self.path)


class Template(msgspec.Struct, frozen=True):
    """A parsed text; ``parts`` are literal texts (braces already unescaped) and fields in turn."""

    text: str
    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in order."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def only_field(self) -> Field | None:
        """The one field, where the template is nothing else."""
        part = self.parts[0] if len(self.parts) == 1 else None
        return part if isinstance(part, Field) else None

    @property
    def needs_result(self) -> bool:
        """True when a field is ``{return}``."""
        return any(field.root == RETURN for field in self.fields)


def parse(text: str) -> Template:
    """Read a template. Raises `UsageError` for malformed braces, unnamed fields, conversions and dunder attributes."""
    from string import Formatter

    parts: list[str | Field] = []
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        raise UsageError(f"template {text!r}: {error}; write {{{{ for a literal brace") from None
    for literal, expression, spec, conversion in pieces:
        if literal:
            parts.append(literal)
        if expression is not None:
            parts.append(_field(text, expression, spec or "", conversion))
    return Template(text, tuple(parts))


def has_fields(text: str) -> bool:
    """True when the text holds a brace, so that it must be read as a template."""
    return "{" in text or "}" in text


def _field(text: str, expression: str, spec: str, conversion: str | None) -> Field:
    matched = re.fullmatch(_EXPRESSION, expression)
    if matched is None:
        raise UsageError(
            f"template {text!r}: {{{expression}}} is no parameter name; write {{name}} or {{{{ for a brace"
        )
    if conversion:
        raise UsageError(
            f"template {text!r}: conversions such as !{conversion} are not supported in {{{expression}}}"
        )
    if "{" in spec:
        raise UsageError(
            f"template {text!r}: a format spec cannot hold fields, as in {{{expression}:{spec}}}"
        )
    path = tuple((attribute or index, bool(attribute)) for attribute, index in re.findall(_PATH, matched[2]))
    if any(attribute and name.startswith("__") for name, attribute in path) or matched[1].startswith("__"):
        raise UsageError(
            f"template {text!r}: attributes that start with __ cannot be used, as in {{{expression}}}"
        )
    return Field(matched[1], path, spec)


def _item(container: Any, name: str) -> Any:
    if isinstance(container, Mapping):
        return container[name] if name in container else container[int(name)]
    return container[int(name)]


def is_date(value: object) -> bool:
    """True for dates, times and texts that are ISO dates: values that say *when*, not *what*."""
    kind = type(value)  # isinstance would ask the object for its __class__
    if issubclass(kind, str):
        return _from_iso(value) is not None  # type: ignore[arg-type]
    return issubclass(kind, (date, time)) or all(hasattr(kind, name) for name in _OF_A_DATE)


def text_of(value: Any, spec: str = "") -> str:
    """The text of a value in a name. Raises `Unresolved` for what has no obvious text (None, frames, collections)."""
    kind = type(value)
    if issubclass(kind, str):
        return _format_text(str.__str__(value), spec)
    if issubclass(kind, Enum):
        return text_of(value.value, spec)
    if issubclass(kind, (date, time)):
        return format(value, spec) if spec else str(value.isoformat())
    if issubclass(kind, PathLike):
        return format(str(fspath(value)), spec)
    if value is None or _is_collection(kind):
        raise Unresolved(f"a value of type {kind.__name__} cannot be part of a name")
    try:
        return format(value, spec)
    except (Exception, SystemExit) as error:  # door: __format__ of the user's objects
        raise Unresolved(
            f"a value of type {kind.__name__} cannot be formatted ({type(error).__name__})"
        ) from None


def _format_text(text: str, spec: str) -> str:
    """A text by its spec; an ISO date takes the ``%`` formats that dates take."""
    moment = _from_iso(text) if "%" in spec else None
    return format(text if moment is None else moment, spec)


def _is_collection(kind: Any) -> bool:
    """Judged by the type alone: asking the object could cost anything."""
    if kind.__format__ is object.__format__ and kind.__str__ is object.__str__:
        return True  # its text would be a memory address
    return any(hasattr(kind, name) for name in ("__len__", "__iter__", "__next__", "__array__"))


def _from_iso(text: str) -> datetime | None:
    if not 8 <= len(text) <= 40 or not text[:4].isdigit():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
