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
from numbers import Number
from os import PathLike
from typing import Any

import msgspec

from lineage_kit.errors import LineageError, UsageError
from lineage_kit.strangers import (
    Unanswered,
    ask,
    ask_always,
    full_type_name,
    is_a,
    is_kind_of,
    module_of,
    plain_text,
)

_PATH = r"\.(\w+)|\[([^\[\]]+)\]"
_EXPRESSION = r"([^\W\d]\w*)((?:\.\w+|\[[^\[\]]+\])*)"
RETURN = "return"
_OF_A_DATE = (
    "strftime",
    "year",
    "month",
)  # by which the dates of other libraries are known (a pandas Period)
MAX_TEXT = 4096  # characters of a value in a name
MAX_BITS = 1024  # of a number that is written out: for a million digits Python takes seconds
MAX_ISO = 40  # characters of the longest ISO date
_TOO_WIDE = re.compile(r"\d{4}").search  # a width that makes a name of kilobytes
_IS_INSIDE = re.compile(  # what leads to every object there is
    "(?:gi|cr|ag)_(?:frame|code|await|yieldfrom|origin)|tb_(?:frame|next)|f_(?:back|builtins|code|globals|locals)"
).fullmatch


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
        if self.root not in values:
            raise Unresolved(f"{{{self}}} has no value here: the call has no {self.root!r}")
        try:
            return ask_always(_follow, values[self.root], self.path)
        except LineageError as error:
            raise Unresolved(f"{{{self}}} has no value here ({error})") from None

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
    def only_value(self) -> Field | None:
        """The one field, where the template is its value as it is: no text around it and no format."""
        only = self.only_field
        return only if only is not None and not only.spec else None

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
    _check_spec(text, expression, spec)
    path = tuple((attribute or index, bool(attribute)) for attribute, index in re.findall(_PATH, matched[2]))
    _check_reach(text, expression, [matched[1], *(name for name, _ in path)])
    return Field(matched[1], path, spec)


def _check_spec(text: str, expression: str, spec: str) -> None:
    if "{" in spec:
        raise UsageError(
            f"template {text!r}: a format spec cannot hold fields, as in {{{expression}:{spec}}}"
        )
    if _TOO_WIDE(spec) and not re.search("%[A-Za-z]", spec):
        raise UsageError(f"template {text!r}: {spec!r} makes a text too long for a name")


def _check_reach(text: str, expression: str, names: list[str]) -> None:
    """A template names data: neither what Python keeps about an object nor the frames it hangs on."""
    if any(name.startswith("__") or _IS_INSIDE(name) for name in names):
        raise UsageError(
            f"template {text!r}: names that start with __ and the insides of frames cannot be used, "
            f"as in {{{expression}}}"
        )


def _follow(found: Any, path: tuple[tuple[str, bool], ...]) -> tuple[Any, bool]:
    dated = False
    for name, is_attribute in path:
        dated = dated or is_date(found)
        found = getattr(found, name) if is_attribute else _item(found, name)
    return found, dated or is_date(found)


def _item(container: Any, name: str) -> Any:
    """``container[name]``; a number where it is no key, without letting a defaultdict make an entry for it."""
    if not is_kind_of(container, Mapping):
        return container[int(name)]
    if name in container:
        return container[name]
    number = int(name)
    if number not in container:
        raise KeyError(name)
    return container[number]


def is_date(value: object) -> bool:
    """True for dates, times and texts that are ISO dates: values that say *when*, not *what*."""
    if is_a(value, str):
        return _from_iso(plain_text(value, MAX_ISO + 1)) is not None  # type: ignore[arg-type]
    return is_a(value, (date, time)) or all(hasattr(type(value), name) for name in _OF_A_DATE)


def text_of(value: Any, spec: str = "") -> str:
    """The text of a value in a name, at most 4,096 characters.

    Raises `Unresolved` for what has no obvious text (None, frames, collections), is too long, or cannot tell its text.
    """
    try:
        text = _text_of(value, spec)
    except Unanswered as error:
        name = full_type_name(value)
        raise Unresolved(f"a value of type {name} cannot be formatted ({error})") from None
    if len(text) > MAX_TEXT:
        raise Unresolved(f"a text of more than {MAX_TEXT} characters cannot be part of a name")
    return text


def _text_of(value: Any, spec: str) -> str:
    if is_a(value, str):
        return ask_always(_format_text, plain_text(value, MAX_TEXT + 1), spec)
    if is_a(value, Enum):
        value = ask(_member_value, value)
        if not is_a(value, Enum):
            return _text_of(value, spec)
    if is_path(value):
        return ask_always(format, path_text(value), spec)
    if value is None or is_a(value, Enum) or _is_huge(value) or not _has_text(value):
        raise Unresolved(f"a value of type {full_type_name(value)} cannot be part of a name")
    return plain_text(ask(_format, value, spec), MAX_TEXT + 1)


def _format(value: Any, spec: str) -> str:
    return format(value, spec) if spec or not is_a(value, (date, time)) else value.isoformat()


def _member_value(member: Enum) -> Any:
    return member.value


def _has_text(value: Any) -> bool:
    return is_kind_of(value, Number) or not ask_always(_is_collection, type(value))


def _is_huge(value: Any) -> bool:
    """Whether a number has more digits than Python would print, which takes it seconds."""
    return is_a(value, int) and int.bit_length(value) > MAX_BITS


def _format_text(text: str, spec: str) -> str:
    """A text by its spec; an ISO date takes the ``%`` formats that dates take."""
    moment = _from_iso(text) if "%" in spec else None
    return format(text if moment is None else moment, spec)


def is_path(value: Any) -> bool:
    """True for path objects, but not for mocks, which answer everything and note every question."""
    return is_kind_of(value, PathLike) and module_of(type(value)) != "unittest.mock"


def path_text(path: Any) -> str:
    """The text of a path object; a cloud path's is its URL."""
    from lineage_kit.naming import location_text

    return ask(location_text, path)


def _is_collection(kind: Any) -> bool:
    """Judged by the type alone: asking the object could cost anything."""
    if kind.__format__ is object.__format__ and kind.__str__ is object.__str__:
        return True  # its text would be a memory address
    return any(hasattr(kind, name) for name in ("__len__", "__iter__", "__next__", "__array__"))


def _from_iso(text: str) -> datetime | None:
    if not 8 <= len(text) <= MAX_ISO or not text[:4].isdigit():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
