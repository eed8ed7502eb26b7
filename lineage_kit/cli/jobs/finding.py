"""The decorated jobs that a module holds of its own: functions, methods, and what wraps them, each once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from lineage_kit.errors import LineageError
from lineage_kit.lifecycle.decorator import spec_of
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.strangers import ask_always

MAX_WRAPPERS = 50
MAX_DEPTH = 5


class Found(NamedTuple):
    """A job and the annotations of its function."""

    spec: JobSpec
    hints: Mapping[str, Any]


def jobs_in(modules: Iterable[ModuleType]) -> Iterator[Found]:
    """Every job, in the order of the modules and, in each, of its lines."""
    seen: set[int] = set()
    for module in modules:
        yield from _among(list(vars(module).values()), module.__name__, seen, 0)


def _among(values: Iterable[Any], module: str, seen: set[int], depth: int) -> Iterator[Found]:
    for value in values:
        job = _job_under(value)
        spec = spec_of(job)
        if spec is not None:
            if id(job) not in seen and _belongs(job, module):
                seen.add(id(job))
                hints = _answer(job, "__annotations__")
                yield Found(spec, hints if isinstance(hints, dict) else {})
        elif depth < MAX_DEPTH and id(value) not in seen:
            inside = _inside(value, module)
            if inside:
                seen.add(id(value))
                yield from _among(inside, module, seen, depth + 1)


def _inside(value: Any, module: str) -> list[Any]:
    """What a class of the module, a collection or a name space holds."""
    kind = type(value)
    if issubclass(kind, type):
        return list(vars(value).values()) if value.__module__ == module else []
    if kind in (list, tuple, set, frozenset):
        return list(value)
    if kind is dict:
        return list(value.values())
    return (
        list(vars(value).values())
        if kind.__module__ == "types" and kind.__name__ == "SimpleNamespace"
        else []
    )


def _job_under(value: Any) -> Any:
    """The decorated object that a value is, or wraps; None where there is none."""
    for _ in range(MAX_WRAPPERS):
        if spec_of(value) is not None:
            return value
        if isinstance(value, (staticmethod, classmethod)):
            value = value.__func__
        elif isinstance(value, (property, functools.cached_property)):
            value = value.fget if isinstance(value, property) else value.func
        elif isinstance(value, (functools.partial, functools.partialmethod)):
            value = value.func
        else:
            # static: objects of strangers may answer to anything
            value = inspect.getattr_static(value, "__wrapped__", None)
            if value is None:
                return None
    return None


def _belongs(job: Any, module: str) -> bool:
    """False for a job that was imported from the module it is written in."""
    name = _answer(job, "__qualname__")
    is_nested = type(name) is not str or "<locals>" in name
    return is_nested or _answer(job, "__module__") == module or _answer(job, "__code__") is None


def _answer(job: Any, name: str) -> Any:
    """An attribute of a job; None where the object under it will not tell."""
    try:
        return ask_always(getattr, job, name, None)
    except LineageError:
        return None
