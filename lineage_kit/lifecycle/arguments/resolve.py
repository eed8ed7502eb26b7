"""The datasets of one call: declarations over its arguments and result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from typing import Any

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.event.model import Dataset
from lineage_kit.lifecycle.arguments.declared import OutputCall, literal
from lineage_kit.lifecycle.arguments.parameters import Arguments
from lineage_kit.lifecycle.arguments.template import RETURN, Template, Unresolved, text_of
from lineage_kit.naming import DATE_MARK, location_text


def resolve(
    items: Iterable[Any], values: Mapping[str, Any], place: str, note: Callable[[Dataset | str], None]
) -> None:
    """Give `note` the datasets of one call, as objects or as texts that name them.

    What cannot be resolved costs that dataset and one warning, never the call.
    """
    for item in items:
        try:
            for where in _resolve(item, values):
                note(where)
        except (Exception, SystemExit) as error:  # door: callables and argument objects are the user's
            why = f": {error}" if isinstance(error, LineageError) else f" ({type(error).__name__})"
            report.problem(f"dataset.unresolved:{place}", f"a dataset of {place} is left out{why}")


def _resolve(item: Any, values: Mapping[str, Any]) -> Iterator[Dataset | str]:
    if isinstance(item, Template):
        only = item.only_field
        if only is not None and not only.spec:
            yield from _datasets(only.value(values))
        else:
            yield fill(item, values)
        return
    if isinstance(item, OutputCall):
        result = item.function(Arguments({k: v for k, v in values.items() if k != RETURN}), values[RETURN])
    else:
        result = item(Arguments(values))
    yield from _datasets(result)


def _datasets(value: Any) -> Iterator[Dataset | str]:
    """A value as datasets: None is none, a collection is several."""
    kind = type(value)  # isinstance would ask the object for its __class__
    if value is None:
        return
    if hasattr(kind, "__await__"):
        if hasattr(kind, "close"):
            value.close()
        raise Unresolved("an async callable cannot be awaited here")
    if issubclass(kind, (list, tuple, set, frozenset)):
        for item in value:
            yield from _datasets(item)
    elif issubclass(kind, Dataset):
        yield literal(value)
    elif issubclass(kind, (str, PathLike, bytes)):
        yield _escape(location_text(value))
    else:
        raise Unresolved(f"a value of type {kind.__name__} names no dataset")


def fill(template: Template, values: Mapping[str, Any]) -> str:
    """The template with its fields filled; dates stand between marks, so that they fold whatever their format."""
    texts = []
    for part in template.parts:
        if isinstance(part, str):
            texts.append(_escape(part))
            continue
        value, dated = part.read(values)
        text = _escape(text_of(value, part.spec))
        texts.append(f"{DATE_MARK}{text}{DATE_MARK}" if dated else text)
    return "".join(texts)


def _escape(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
