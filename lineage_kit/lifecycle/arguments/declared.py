"""What a decorator or block was told about its datasets, read and checked where it is written.

A declaration is a `Dataset`, a text or path that names one, a template over the arguments, or a callable.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from inspect import CO_VARARGS
from os import PathLike
from types import FunctionType
from typing import Any

import msgspec

from lineage_kit.errors import UsageError
from lineage_kit.event.model import Dataset
from lineage_kit.lifecycle.arguments.parameters import Parameters
from lineage_kit.lifecycle.arguments.template import (
    MAX_TEXT,
    RETURN,
    Field,
    Template,
    Unresolved,
    has_fields,
    is_path,
    parse,
    path_text,
)
from lineage_kit.strangers import full_type_name, is_a, plain_text

Declaration = Dataset | Template | Callable[..., Any]


class Declared(msgspec.Struct, frozen=True):
    """The declarations of one side (inputs or outputs), in order."""

    items: tuple[Any, ...] = ()  # of Declaration

    @property
    def constant(self) -> tuple[Dataset, ...]:
        """The datasets that are the same in every call."""
        return tuple(item for item in self.items if isinstance(item, Dataset))

    @property
    def fields(self) -> tuple[Field, ...]:
        """The template fields that are filled from arguments."""
        templates = (item for item in self.items if isinstance(item, Template))
        return tuple(field for template in templates for field in template.fields if field.root != RETURN)

    def variable(self, at_end: bool) -> tuple[Any, ...]:
        """The declarations to resolve per call: those that need the result (`at_end`), or those that do not."""
        return tuple(
            item for item in self.items if not isinstance(item, Dataset) and _is_late(item) == at_end
        )


class OutputCall(msgspec.Struct, frozen=True):
    """Marks an output callable, which is asked ``f(args, result)`` when the call succeeded."""

    function: Callable[..., Any]


def declare(given: Any, side: str) -> Declared:
    """Read what was given as `side` (``"inputs"`` or ``"outputs"``). Raises `UsageError` or `NamingError`."""
    if given is None:
        return Declared()
    several = given if isinstance(given, (list, tuple, set, frozenset)) else (given,)
    return Declared(tuple(_declaration(item, side) for item in several))


def check_fields(declared: Declared, parameters: Parameters, side: str, place: str) -> None:
    """Raise `UsageError` for template fields that no call can fill."""
    for item in declared.items:
        if isinstance(item, Template):
            check_template(item, parameters, f"{side} of {place}", allow_result=side == "outputs")


def check_template(
    template: Template, parameters: Parameters, place: str, *, allow_result: bool = False
) -> None:
    """Raise `UsageError` unless every field of `template` is a parameter."""
    for field in template.fields:
        if field.root == RETURN and allow_result:
            continue
        if not parameters.readable:
            raise UsageError(
                f"{place}: the template {template.text!r} needs parameters, but they cannot be read here"
            )
        if field.root in parameters.names or parameters.extra is not None:
            continue
        raise UsageError(
            f"{place}: no parameter {field.root!r} for {template.text!r}{_nearest(field.root, parameters)}"
        )


def literal(where: Any) -> Dataset:
    """The dataset a value names as it stands: a Dataset, a URL or a path. Raises `NamingError` or `Unresolved`."""
    if is_a(where, Dataset):
        if where.template is not None:
            raise Unresolved(f"{where.template!r} still has fields to fill in")
        return where  # type: ignore[no-any-return]
    text = place_text(where)
    if has_fields(text):
        raise Unresolved(f"{text!r:.200} holds braces: an f-string that was forgotten?")
    return Dataset(text)


def place_text(where: Any) -> str:
    """The text of a URL, path or path object. Raises `NamingError` or `Unresolved`, for objects of any kind."""
    if is_a(where, str):
        text = plain_text(where, MAX_TEXT + 1)
    elif is_a(where, bytes):
        text = os.fsdecode(bytes.__getitem__(where, slice(0, MAX_TEXT + 1)))
    elif is_path(where):
        text = path_text(where)
    else:
        raise Unresolved(
            f"a dataset is named by text or a path, not by {full_type_name(where)}; see Dataset.table()"
        )
    if len(text) > MAX_TEXT:
        raise Unresolved(f"a text of more than {MAX_TEXT} characters names no dataset")
    return text


def _declaration(item: Any, side: str) -> Any:
    if isinstance(item, Dataset):
        return parse(item.template) if item.template is not None else item
    if isinstance(item, (str, PathLike, bytes)):
        from lineage_kit.naming import locate, location_text

        text = location_text(item)
        if not has_fields(text):
            return Dataset(text)
        template = parse(text)
        if template.fields:
            if template.only_field is None:
                locate(text)  # says now what is wrong with it
            return template
        return Dataset(text)
    if callable(item):
        _check_call(item, side)
        return OutputCall(item) if side == "outputs" else item
    raise UsageError(
        f"{side} takes a Dataset, a URL or path, a template or a callable, or several of them, "
        f"not {type(item).__name__}"
    )


_TAKES = {"inputs": ("f(args)", 1), "outputs": ("f(args, result)", 2)}


def _check_call(function: Any, side: str) -> None:
    """Raise `UsageError` for a Python function that cannot be called with what it will be given."""
    if type(function) is not FunctionType:
        return
    form, given = _TAKES[side]
    code = function.__code__
    least = code.co_argcount - len(function.__defaults__ or ())
    most = max(given, least) if code.co_flags & CO_VARARGS else code.co_argcount
    has_more = code.co_kwonlyargcount > len(function.__kwdefaults__ or ())
    if not least <= given <= most or has_more:
        asked = f"{least}" if least == most else f"{least} to {most}"
        raise UsageError(
            f"{side} takes a callable {form}; {function.__qualname__} at line {code.co_firstlineno} takes "
            f"{asked} by position{', and more by keyword' if has_more else ''}"
        )


def _is_late(item: Any) -> bool:
    return isinstance(item, OutputCall) or (isinstance(item, Template) and item.needs_result)


def _nearest(name: str, parameters: Parameters) -> str:
    import difflib

    near = difflib.get_close_matches(name, parameters.names, n=1)
    if near:
        return f"; did you mean {{{near[0]}}}?"
    return f"; there are {', '.join(parameters.names)}" if parameters.names else "; it has no parameters"
