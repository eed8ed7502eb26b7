"""How a run begins: its plan, its parent, its START. What it ends by is `Recorder.leave`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit import report
from lineage_kit.delivery.process import before_end
from lineage_kit.event.ids import new_id
from lineage_kit.lifecycle.arguments.parameters import bind
from lineage_kit.lifecycle.arguments.run_facets import run_facets
from lineage_kit.lifecycle.defaults import INHERIT, NOTHING
from lineage_kit.lifecycle.pace.rate import MANY
from lineage_kit.lifecycle.parent import Attached, Parent, parent_of_process
from lineage_kit.lifecycle.recording.plan import Plan, plan_for
from lineage_kit.lifecycle.recording.recorder import OPEN, Recorder, abort_open_runs
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.notes.scope import Scope, Suppressed, current_scope

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient


LOST_PARENT = "parent.thread"
MANY_OPEN = 1000


class _AtEnd:
    pid = 0  # of the process that is to end its runs when it ends


def open_call(
    client: OpenLineageClient, spec: JobSpec, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Recorder | None:
    """Open a run for one call of a decorated function. Never raises."""
    try:
        plan = plan_for(spec, client)
        values = bind(spec.parameters, args, kwargs) if plan.needs_values else NOTHING
        return open_run(plan, values)
    except Exception as error:  # door: the job comes first
        _not_opened(spec, error)
        return None


def open_block(client: OpenLineageClient, spec: JobSpec, run_id: str | None, parent: Any) -> Recorder | None:
    """Open a run for one entry of a block. Never raises."""
    try:
        return open_run(plan_for(spec, client), NOTHING, run_id, parent)
    except Exception as error:  # door: the job comes first
        _not_opened(spec, error)
        return None


def _not_opened(spec: JobSpec, error: BaseException) -> None:
    report.problem(f"enter:{spec.base_name}", f"no run could be opened for {spec.base_name}", error)


def open_run(
    plan: Plan, values: Mapping[str, Any], run_id: str | None = None, parent: Any = INHERIT
) -> Recorder | None:
    """Send START and make the run current; None where a filter or our own code's suppression says so."""
    scope = current_scope()
    prepared = plan.job(values)
    if not prepared.kept or isinstance(scope, Suppressed):
        return None
    found, facet = _inherit(scope, prepared.name) if parent is INHERIT else (parent, None)
    if found is not None and facet is None:
        facet = plan.client.prepare.parent_facet(found.facet())
    rate = plan.rate
    count = rate.count = rate.count + 1
    if count > MANY:
        rate.look(len(plan.jobs))
    recorder = Recorder(run_id or new_id(), plan, prepared)
    recorder.outer = scope
    if recorder.pid != _AtEnd.pid:
        _AtEnd.pid = recorder.pid
        before_end(abort_open_runs)
    recorder.start(found, facet, values, run_facets(plan.spec, values) if plan.has_run_facets else NOTHING)
    return recorder


def _inherit(scope: Scope | None, name: str) -> tuple[Parent | None, Any]:
    found, facet = find_parent(scope)
    if found is None and OPEN:
        _hint_at_propagate(name)
    return found, facet


def find_parent(scope: Scope | None) -> tuple[Parent | None, Any]:
    """Current run, else what was attached, else what the environment says; with the encoded facet where it is known.

    What was left elsewhere still counts here: a task that outlives it was started from it.
    """
    attached: Parent | None = None
    while scope is not None:
        if isinstance(scope, Recorder) and scope.speaks():
            return scope.as_parent(), scope.child_facet()
        if isinstance(scope, Attached) and attached is None:
            attached = scope.parent
        scope = scope.outer
    return attached or parent_of_process(), None


def _hint_at_propagate(name: str) -> None:
    """Say that a pool thread has no current run, where a run of another job is open that may be the parent.

    Once per process: whoever has read it knows, and jobs of many threads may be roots that are meant to be.
    """
    here = threading.current_thread()
    if report.is_counted(LOST_PARENT) or here is threading.main_thread() or len(OPEN) > MANY_OPEN:
        return
    others = (one.prepared.name for one in tuple(OPEN.values()) if one.is_here)
    other = next((one for one in others if one != name), None)
    if other is None:  # the same job in many threads
        return
    report.hint(
        LOST_PARENT,
        f"{name} began in the thread {here.name} without a parent while {other} was open elsewhere. Threads of a "
        "pool do not know the current run: hand it over with pool.submit(propagate(function), …). "
        "This is said once; where a root is meant, all is well.",
    )
