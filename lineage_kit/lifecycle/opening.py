"""The two moments of every run: `enter` before the user's code, `leave` after it. Neither ever raises."""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from typing import Any

from lineage_kit import report, session
from lineage_kit.event.ids import new_id
from lineage_kit.lifecycle.arguments.parameters import bind
from lineage_kit.lifecycle.arguments.run_facets import run_facets
from lineage_kit.lifecycle.parent import Attached, Parent, parent_of_process
from lineage_kit.lifecycle.plan import Plan, plan_for
from lineage_kit.lifecycle.recorder import Recorder, abort_open_runs
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.notes.scope import Scope, Suppressed, current_scope, set_scope

_NOTHING: dict[str, Any] = {}
INHERIT: Any = object()  # a parent to be found, as opposed to None, which starts a new root


class _AtExit:
    registered = False


def enter(spec: JobSpec, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] = _NOTHING) -> Recorder | None:
    """Open a run of `spec` for one call and make it current; None when lineage is off for it."""
    client = session.active or session.open_client()
    if not client.enabled:
        return None
    try:
        plan = plan_for(spec, client)
        values = bind(spec.parameters, args, kwargs) if plan.needs_values else _NOTHING
        return open_run(plan, values)
    except Exception as error:  # door: the job comes first
        report.problem(f"enter:{spec.base_name}", f"no run could be opened for {spec.base_name}", error)
        return None


def open_run(
    plan: Plan, values: Mapping[str, Any], run_id: str | None = None, parent: Any = INHERIT
) -> Recorder | None:
    """Send START and make the run current; None where a filter or our own code's suppression says so."""
    scope = current_scope()
    prepared = plan.job(values)
    if not prepared.kept or isinstance(scope, Suppressed):
        return None
    found, facet = _find_parent(scope) if parent is INHERIT else (parent, None)
    if found is not None and facet is None:
        facet = plan.client.prepare.parent_facet(found.facet())
    recorder = Recorder(run_id or new_id(), plan, prepared)
    recorder.outer = scope
    if not _AtExit.registered:
        _AtExit.registered = True
        atexit.register(abort_open_runs)
    recorder.start(found, facet, values, run_facets(plan.spec, values) if plan.has_run_facets else {})
    set_scope(recorder)
    return recorder


def leave(recorder: Recorder, error: BaseException | None, result: Any = None) -> None:
    """End the run as its block ended, unless it had an end, and make it current no longer."""
    try:
        step_out(recorder)
        recorder.end(error, result)
    except Exception as trouble:  # door: the job comes first
        report.problem(
            f"leave:{recorder.prepared.name}",
            f"a run of {recorder.prepared.name} could not be ended",
            trouble,
        )


def leave_unexhausted(recorder: Recorder) -> None:
    """End the run of a generator that its consumer closed early."""
    recorder.notes.tags["exhausted"] = "false"
    leave(recorder, None)


def step_out(recorder: Recorder) -> None:
    """Make the run current no longer; whatever was opened around it and not left is current again."""
    recorder.left = True
    if current_scope() is recorder:
        set_scope(_not_left(recorder.outer))


def pause(recorder: Recorder) -> None:
    """Make the run current no longer for now: what it goes on in makes it current again."""
    if current_scope() is recorder:
        set_scope(_not_left(recorder.outer))


def _not_left(scope: Scope | None) -> Scope | None:
    while isinstance(scope, Recorder) and scope.left:
        scope = scope.outer
    return scope


def _find_parent(scope: Scope | None) -> tuple[Parent | None, Any]:
    """Current run, else what was attached, else what the environment says; with the encoded facet where it is known.

    A run that was left elsewhere still counts here: a task that outlives it was started from it.
    """
    attached: Parent | None = None
    while scope is not None:
        if isinstance(scope, Recorder):
            return scope.as_parent(), scope.child_facet()
        if isinstance(scope, Attached) and attached is None:
            attached = scope.parent
        scope = scope.outer
    return attached or parent_of_process(), None
