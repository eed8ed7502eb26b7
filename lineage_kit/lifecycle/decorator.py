"""What `lineage_job` does: reads the function's shape once, where it is written, and chooses a wrapper."""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import msgspec

from lineage_kit.errors import UsageError
from lineage_kit.lifecycle.arguments.declared import declare
from lineage_kit.lifecycle.arguments.names import default_name, held_as, source_file
from lineage_kit.lifecycle.arguments.parameters import read_parameters
from lineage_kit.lifecycle.arguments.template import Template
from lineage_kit.lifecycle.spec import (
    JobSpec,
    captured_names,
    check_spec,
    moments,
    read_name,
    read_nominal_time,
    read_owners,
    read_tags,
    sort_facets,
)
from lineage_kit.lifecycle.wrappers.dressing import underlying
from lineage_kit.lifecycle.wrappers.kept import kept_by
from lineage_kit.lifecycle.wrappers.kinds import wrapper_for
from lineage_kit.lifecycle.wrappers.proxies.job_function import JobFunction

_FUNCTIONS = (FunctionType, JobFunction)
_CONTEXT_MANAGERS = {
    contextlib.contextmanager(lambda: iter(())).__code__: "contextmanager",
    contextlib.asynccontextmanager(lambda: None).__code__: "asynccontextmanager",  # type: ignore[arg-type, return-value]
}


def decorate(function: Any, name: str | None, settings: dict[str, Any]) -> Any:
    """`function` as a job. Raises `UsageError` for what cannot be one."""
    inside = _decorate_inside(function, name, settings)
    if inside is not None:
        return inside
    known = spec_of(function)
    if known is not None:
        return _build(original := original_of(function), _respecify(known, original, name, settings))
    _refuse(function)
    return _build(function, _specify(function, name, settings))


def _decorate_inside(function: Any, name: str | None, settings: dict[str, Any]) -> Any:
    """A thin shell again, around the function in it decorated; None for what is no such shell."""
    if isinstance(function, (classmethod, staticmethod)):
        shell = type(function)(decorate(function.__func__, name, settings))
        shell.__dict__.update({key: value for key, value in vars(function).items() if key not in vars(shell)})
        return shell
    if isinstance(function, functools.partialmethod):
        return type(function)(decorate(function.func, name, settings), *function.args, **function.keywords)
    if isinstance(function, MethodType) and spec_of(function.__func__) is not None:
        return MethodType(decorate(function.__func__, name, settings), function.__self__)
    return None


def spec_of(function: Any) -> JobSpec | None:
    """The spec of a decorated object; None for everything else, also when it merely copied our attributes."""
    if type(function) in _FUNCTIONS:
        spec = kept_by(_home(function)).spec if _is_wrapper(function) else None
    else:
        is_proxy = type(function).__name__ in ("JobProxy", "BindingJobProxy")
        spec = getattr(function, "lineage", None) if is_proxy else None
    return spec if isinstance(spec, JobSpec) else None


def original_of(function: Any) -> Any:
    """What stands under a decorated object, whatever was written to its attributes since."""
    return kept_by(_home(function)).function if type(function) in _FUNCTIONS else function.__wrapped__


def _core(thing: Any) -> Any:
    return original_of(thing) if spec_of(thing) is not None else thing


def _is_held_elsewhere(function: FunctionType) -> bool:
    """Whether the function's own name already leads to it, or to another job over it: to this job it then may not.

    Where it stands below an ``@``, the name is given later. The body of a class is a frame until the class is there.
    """
    if _core(held_as(function.__module__, function.__qualname__)) is function:
        return True
    frame = sys._getframe()  # noqa: SLF001 - the only way to the body of a class that is being made
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("lineage_kit."):
        frame = frame.f_back
    if frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # the body of a function has no names for elsewhere
        return False
    there = frame.f_locals.get(function.__name__)
    return _core(there.__func__ if isinstance(there, (staticmethod, classmethod)) else there) is function


def _parts(job: Any) -> tuple[Any, ...]:
    """What makes a job again elsewhere: what its function's name leads to, and the settings."""
    function = original_of(job)
    found = held_as(function.__module__, function.__qualname__)
    return job_again, (found if _core(found) is function else function, spec_of(job))


def job_again(found: Any, spec: JobSpec) -> Any:
    """A job that was pickled with what its function's name leads to."""
    return _build(_core(found), spec)


def _is_wrapper(function: FunctionType) -> bool:
    return function.__code__.co_qualname == "wrap.<locals>.call" and str(
        function.__globals__.get("__name__")
    ).startswith("lineage_kit.lifecycle.wrappers.")


def _home(function: FunctionType) -> Any:
    """Where a wrapper finds what it calls."""
    return (function.__closure__ or ())[function.__code__.co_freevars.index("home")].cell_contents


def _build(function: Any, spec: JobSpec) -> Any:
    if type(function) is FunctionType:
        decorated = wrapper_for(function)(function, spec)
        decorated.lineage = spec
        return JobFunction(decorated, _parts) if _is_held_elsewhere(function) else decorated
    from lineage_kit.lifecycle.wrappers.proxies.proxy import proxy_for  # wrapt: loaded for what needs it

    return proxy_for(function, spec)


def _specify(function: Any, name: str | None, settings: dict[str, Any]) -> JobSpec:
    parameters = read_parameters(function)
    base = default_name(function)
    blank = JobSpec(
        name=base, base_name=base, parameters=parameters, source=source_file(underlying(function))
    )
    described = {"description": _first_paragraph(function), **settings}
    return _respecify(blank, function, name, described)


def _respecify(spec: JobSpec, function: Any, name: str | None, settings: dict[str, Any]) -> JobSpec:
    """The spec with new settings on top."""
    parameters = spec.parameters
    place = name or spec.base_name
    readers: dict[str, Callable[[Any], Any]] = {
        "inputs": lambda given: declare(given, "inputs"),
        "outputs": lambda given: declare(given, "outputs"),
        "nominal_time": read_nominal_time,
        "tags": read_tags,
        "owners": read_owners,
    }
    changes: dict[str, Any] = {}
    for key, value in settings.items():
        if value is not None and key not in ("capture_args", "facets"):
            changes[key] = readers[key](value) if key in readers else _text(key, value)
    if name is not None:
        changes["name"] = read_name(name, spec.base_name, parameters)
    if settings.get("facets") is not None:
        run_facets, job_facets = sort_facets(settings["facets"])
        changes["run_facets"] = {**spec.run_facets, **run_facets}
        changes["job_facets"] = {**spec.job_facets, **job_facets}
    fresh = msgspec.structs.replace(spec, **changes)
    check_spec(fresh, place)
    if settings.get("capture_args") is not None or not spec.captured:
        captured = captured_names(settings.get("capture_args"), _template_fields(fresh), parameters)
        fresh = msgspec.structs.replace(fresh, captured=captured)
    return fresh


def _template_fields(spec: JobSpec) -> list[str]:
    fields = [*spec.inputs.fields, *spec.outputs.fields]
    for text in (spec.name, *moments(spec.nominal_time)):
        if isinstance(text, Template):
            fields.extend(text.fields)
    return [field.root for field in fields]


def _refuse(function: Any) -> None:
    """Raise `UsageError` for what is no function, saying what to do instead."""
    if isinstance(function, type):
        raise UsageError(
            f"@lineage_job cannot decorate the class {function.__qualname__}; decorate its methods"
        )
    above = _wrong_way_round(function)
    if above is not None:
        raise UsageError(f"@lineage_job stands above @{above}; put it below, directly over the function")
    if not callable(function):
        raise UsageError(f"@lineage_job decorates functions, not {type(function).__name__}")


def _wrong_way_round(function: Any) -> str | None:
    """The decorator whose result is looked up or entered, not called, so that no run would ever be opened."""
    kind = type(function)
    if kind.__name__ == "FixtureFunctionDefinition":  # pytest takes it from its module, and refuses calls
        return "pytest.fixture"
    if hasattr(kind, "__get__") and not callable(function):
        return kind.__name__
    if kind is FunctionType:
        return _CONTEXT_MANAGERS.get(function.__code__)
    return None


def _first_paragraph(function: Any) -> str | None:
    text = getattr(function, "__doc__", None) if inspect.isroutine(function) else None
    if not isinstance(text, str) or not text.strip():
        return None
    return " ".join(inspect.cleandoc(text).split("\n\n")[0].split())


def _text(key: str, value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise UsageError(f"{key} is a text that is not empty, not {value!r:.80}")
