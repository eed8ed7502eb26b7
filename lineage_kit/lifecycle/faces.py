"""The two faces that users write, `lineage_job` and `run`; what stands behind them is loaded when they are used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar, overload

from lineage_kit.errors import UsageError
from lineage_kit.lifecycle.defaults import INHERIT, Unloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from os import PathLike

    from lineage_kit.event.model import Dataset
    from lineage_kit.lifecycle.arguments.parameters import Arguments
    from lineage_kit.lifecycle.block import Block

    Where = Dataset | str | PathLike[Any]
    Input = Where | Callable[[Arguments], Any]
    Output = Where | Callable[[Arguments, Any], Any]

F = TypeVar("F", bound="Callable[..., Any]")

_SETTINGS = frozenset(
    (
        "namespace",
        "inputs",
        "outputs",
        "nominal_time",
        "description",
        "tags",
        "owners",
        "capture_args",
        "facets",
    )
)


@overload
def lineage_job(function: F, /) -> F: ...
@overload
def lineage_job(
    name: str | None = None,
    /,
    *,
    namespace: str | None = None,
    inputs: Input | Iterable[Input] | None = None,
    outputs: Output | Iterable[Output] | None = None,
    nominal_time: Any = None,
    description: str | None = None,
    tags: Mapping[str, Any] | Iterable[str] | None = None,
    owners: str | Iterable[str] | None = None,
    capture_args: bool | Iterable[str] | None = None,
    facets: Any = None,
) -> Callable[[F], F]: ...
def lineage_job(name: Any = None, /, **settings: Any) -> Any:
    """Make every call of a function a run: START when it begins, COMPLETE, FAIL or ABORT as it ends.

    name: the job's name or a template over the arguments (``"land.{table}"``); by default module and qualified name,
    for the main module its file's stem, or ``interactive`` where it has no file (a prompt, ``-c``, standard input).
    inputs, outputs: a Dataset, URL, path, template (``"s3://raw/{day}.csv"``; ``{return}`` in outputs) or callable
    (``f(args)``, for outputs ``f(args, result)``), or several. namespace: of the job; else the configuration's.
    nominal_time: the slice of data a run is for: a date, ISO text, template or callable, or a pair of them.
    description: else the docstring's first paragraph. tags, owners: job facets. capture_args: arguments to show, True
    for all, False for none; by default those that templates use. facets: run and job facets of `lineage_kit.facets`.

    The decorated object keeps its kind, signature and behaviour, and carries ``__wrapped__`` and ``.lineage``.
    Decorating it again gives another one over the same original, the new settings on top of the old.
    A generator's run is current in its body only: below ``@contextmanager`` it lasts from entry to exit, but what the
    ``with`` block calls is no child of it; where that is meant, the generator opens a ``with run():`` instead.
    Calls go through a frame of ours: ``warnings.warn(…, stacklevel=2)`` in the function names it, ``stacklevel=3`` the
    caller.
    Raises `UsageError` or `NamingError` here, where the mistake is written; never when it is called.
    """
    unknown = settings.keys() - _SETTINGS
    if unknown:
        raise UsageError(
            f"lineage_job() has no setting {min(unknown)!r}; there are {', '.join(sorted(_SETTINGS))}"
        )
    if name is None or isinstance(name, str):
        return lambda function: _decorate(function, name, settings)
    if settings or not (callable(name) or hasattr(type(name), "__get__")):
        raise UsageError(
            f"lineage_job() takes one positional argument, the job's name, not {type(name).__name__}"
        )
    return _decorate(name, None, settings)


def _decorate(function: Any, name: str | None, settings: dict[str, Any]) -> Any:
    from lineage_kit.lifecycle.decorator import decorate

    return decorate(function, name, settings)


def run(
    name: str | None = None,
    /,
    *,
    namespace: str | None = None,
    inputs: Where | Iterable[Where] | None = None,
    outputs: Where | Iterable[Where] | None = None,
    nominal_time: Any = None,
    run_id: Any = None,
    parent: Any = INHERIT,
    tags: Mapping[str, Any] | Iterable[str] | None = None,
    facets: Any = None,
) -> Block:
    """A block as a run: START on enter, COMPLETE, FAIL or ABORT as the block ends. Nothing happens before enter.

    name: by default module and function of the caller, at top level the script's stem. inputs, outputs: datasets,
    URLs or paths as they stand. nominal_time: a date or ISO text, or start and end as a pair or ``start/end``.
    run_id: a UUID of your own (for the first enter). parent: an `ActiveRun`, a carrier, ``namespace/name/runId``; None
    starts a new root; else the run that is current. tags: of the run. facets: run and job facets.

    Never raises for what a value holds: braces (an f-string that was forgotten), a name that cannot be one, an unusable
    run id or facet are said once and left out.
    """
    try:
        from lineage_kit.lifecycle.block import describe
    except Exception:  # door: the job comes first, also where nothing can be loaded
        return Unloaded()  # type: ignore[return-value]
    settings = {
        "namespace": namespace,
        "inputs": inputs,
        "outputs": outputs,
        "nominal_time": nominal_time,
        "run_id": run_id,
        "parent": parent,
        "tags": tags,
        "facets": facets,
    }
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way to the caller's frame is 50 times slower
    return describe(frame, name, settings)
