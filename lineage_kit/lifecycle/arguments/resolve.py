"""The datasets of one call: declarations over its arguments and result."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from types import CodeType, CoroutineType, GeneratorType
from typing import Any

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.event.model import Dataset
from lineage_kit.lifecycle.arguments.declared import OutputCall, literal, place_text
from lineage_kit.lifecycle.arguments.parameters import Arguments
from lineage_kit.lifecycle.arguments.template import RETURN, Template, Unresolved, text_of
from lineage_kit.naming import DATE_MARK
from lineage_kit.strangers import ask_always, is_a, told

MAX_DATASETS = 1000  # noted of one value
MAX_LOST = 20  # of those that name none
MAX_LOOKED_AT = 4 * MAX_DATASETS
MAX_DEPTH = 8  # of collections in collections


def resolve(
    items: Iterable[Any], values: Mapping[str, Any], place: str, note: Callable[[Dataset | str], None]
) -> None:
    """Give `note` the datasets of one call, as objects or as texts that name them.

    What cannot be resolved costs that dataset and one warning, never the call.
    """
    for item in items:
        try:
            if isinstance(item, Template) and item.only_value is None:
                ask_always(note, fill(item, values))
                continue
            lost = 0
            for where in ask_always(_given, item, values):
                lost += not _note(where, place, note)
                if lost > MAX_LOST:
                    break  # a list of other things
        except LineageError as error:
            _leave_out(place, error)


def _note(where: Any, place: str, note: Callable[[Dataset | str], None]) -> bool:
    try:
        ask_always(note, literal(where) if is_a(where, Dataset) else escape(place_text(where)))
    except LineageError as error:
        _leave_out(place, error)
        return False
    return True


def _leave_out(place: str, error: LineageError) -> None:
    why = f": {told(error)}" if str(error) else ""
    report.problem(f"dataset.unresolved:{place}", f"a dataset of {place} is left out{why}")


def _given(item: Any, values: Mapping[str, Any]) -> list[Any]:
    """The values that an argument or a callable gives, each of which names a dataset."""
    if isinstance(item, Template):
        return flattened(item.only_value.value(values))  # type: ignore[union-attr]
    if isinstance(item, OutputCall):
        result = item.function(Arguments({k: v for k, v in values.items() if k != RETURN}), values[RETURN])
        return flattened(_returned(item.function, result))
    return flattened(_returned(item, item(Arguments(values))))


def _returned(function: Any, result: Any) -> Any:
    """What a callable gave; the members of a generator that it made itself.

    A generator or coroutine that is an argument of the call would be spent by a look at it.
    """
    kind = type(result)
    if kind is GeneratorType and _made_by(function, result.gi_code):
        return list(islice(result, MAX_DATASETS + 1))
    if kind is CoroutineType and _made_by(function, result.cr_code):
        result.close()
        raise Unresolved("an async callable cannot be awaited here")
    return result


def _made_by(function: Any, code: CodeType) -> bool:
    """Whether code is that of the function, or of a generator expression in it."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(getattr(function, "__func__", function))
    called = function if hasattr(function, "__code__") else type(function).__call__
    own = getattr(called, "__code__", None)
    return own is not None and (code is own or any(code is inner for inner in own.co_consts))


def flattened(value: Any) -> list[Any]:
    """What names a dataset each: None is none, a collection is several, also nested, at most 1,000 in all."""
    found: list[Any] = []
    waiting = [iter((value,))]
    for _ in range(MAX_LOOKED_AT):
        try:
            one = next(waiting[-1])
        except StopIteration:
            waiting.pop()
            if not waiting:
                return found
            continue
        kind = next((kind for kind in (list, tuple, set, frozenset) if is_a(one, kind)), None)
        if kind is not None and len(waiting) <= MAX_DEPTH:
            waiting.append(kind.__iter__(one))
        elif one is not None:
            found.append(one)
        if len(found) > MAX_DATASETS:
            break
    report.problem(
        "dataset.many", f"of more than {MAX_DATASETS} datasets in one value only the first are noted"
    )
    return found[:MAX_DATASETS]


def fill(template: Template, values: Mapping[str, Any]) -> str:
    """The template with its fields filled; dates stand between marks, so that they fold whatever their format."""
    texts = []
    for part in template.parts:
        if isinstance(part, str):
            texts.append(escape(part))
            continue
        value, dated = part.read(values)
        text = escape(text_of(value, part.spec))
        texts.append(f"{DATE_MARK}{text}{DATE_MARK}" if dated else text)
    return "".join(texts)


def escape(text: str) -> str:
    """Braces doubled, so that a text that is no template stays none."""
    return text.replace("{", "{{").replace("}", "}}")
