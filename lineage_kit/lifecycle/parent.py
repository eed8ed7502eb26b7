"""Where a run's parent comes from and how it is handed on: carriers in and out.

Wire forms: ``OPENLINEAGE_CONTEXT`` holds ``{"parent": {"run": {"runId"}, "job": {"namespace", "name"}, "root": …}}``;
the older ``OPENLINEAGE_PARENT_ID`` and ``OPENLINEAGE_ROOT_PARENT_ID`` hold ``namespace/name/runId``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from lineage_kit import report
from lineage_kit.config.env import may_name_parent, parent_context, parent_id, root_parent_id
from lineage_kit.errors import EventError
from lineage_kit.event.facets.run import ParentRunFacet, Root
from lineage_kit.event.model import Job, Run, canonical_uuid
from lineage_kit.notes.scope import Scope, current_scope, set_scope

VARIABLE = "OPENLINEAGE_CONTEXT"


class RunRef(NamedTuple):
    """A run as others refer to it."""

    id: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}/{self.id}"


class Parent(NamedTuple):
    """The run that caused another, and the first run of the whole chain."""

    run: RunRef
    root: RunRef

    def facet(self) -> ParentRunFacet:
        """The facet every event of the child carries (spec: ParentRunFacet 1-2-0)."""
        run, root = self
        return ParentRunFacet(
            Run(run.id), Job(run.namespace, run.name), Root(Run(root.id), Job(root.namespace, root.name))
        )

    def carrier(self) -> dict[str, str]:
        """Variables for a child process, message header or task argument."""
        parent = {**_document(self.run), "root": _document(self.root)}
        return {VARIABLE: msgspec.json.encode({"parent": parent}).decode()}


class Attached(Scope):
    """A parent taken from a carrier, on the chain of scopes."""

    __slots__ = ("parent",)

    parent: Parent


@contextmanager
def attach(carrier: Any) -> Iterator[None]:
    """Take the parent for runs opened inside from `carrier`.

    carrier: what `ActiveRun.env` gave, the JSON text in it, or ``namespace/name/runId``; None changes nothing.
    Malformed carriers are said once and ignored; nothing is raised.
    """
    parent = read_carrier(carrier)
    if parent is None:
        yield
        return
    scope = Attached()
    scope.outer, scope.parent = current_scope(), parent
    set_scope(scope)
    try:
        yield
    finally:
        set_scope(scope.outer)


def read_carrier(carrier: Any) -> Parent | None:
    """The parent a carrier names; None, and one warning, when it cannot be read."""
    if not carrier:
        return None
    try:
        return _read(carrier)
    except (EventError, KeyError, TypeError, ValueError, AttributeError) as error:
        report.problem("parent.malformed", f"a parent could not be read and is ignored: {_reason(error)}")
        return None


def parent_of_process() -> Parent | None:
    """The parent that the environment hands to this process."""
    if not may_name_parent():
        return None
    context, parent = parent_context(), parent_id()
    if context is None and parent is None:
        return None
    return _from_variables(context, parent, root_parent_id())


@lru_cache(maxsize=16)
def _from_variables(context: str | None, parent: str | None, root: str | None) -> Parent | None:
    found = read_carrier(context)
    if found is None and parent:
        found = read_carrier({"OPENLINEAGE_PARENT_ID": parent, "OPENLINEAGE_ROOT_PARENT_ID": root})
    return found


def _read(carrier: Any) -> Parent:
    if isinstance(carrier, (str, bytes)):
        text = carrier.decode() if isinstance(carrier, bytes) else carrier
        return (
            _from_document(msgspec.json.decode(text))
            if text.lstrip().startswith("{")
            else _from_path(text, None)
        )
    if not isinstance(carrier, Mapping):
        raise EventError(f"a carrier is a mapping or a text, not {type(carrier).__name__}")
    if VARIABLE in carrier:
        return _read(carrier[VARIABLE])
    if "OPENLINEAGE_PARENT_ID" in carrier:
        return _from_path(carrier["OPENLINEAGE_PARENT_ID"], carrier.get("OPENLINEAGE_ROOT_PARENT_ID"))
    return _from_document(carrier)


def _from_document(document: Any) -> Parent:
    parent = document["parent"]
    run = _ref(parent)
    return Parent(run, _ref(parent["root"]) if parent.get("root") else run)


def _from_path(path: str, root: str | None) -> Parent:
    run = _split(path)
    return Parent(run, _split(root) if root else run)


def _split(path: str) -> RunRef:
    parts = path.strip().split("/")
    if len(parts) != 3 or not all(parts):
        raise EventError("expected namespace/name/runId, with exactly two slashes")
    return RunRef(canonical_uuid(parts[2]), parts[0], parts[1])


def _ref(document: Any) -> RunRef:
    job = document["job"]
    names = (job["namespace"], job["name"])
    if not all(isinstance(name, str) and name for name in names):
        raise EventError("job namespace and name must be texts")
    return RunRef(canonical_uuid(document["run"]["runId"]), *names)


def _document(ref: RunRef) -> dict[str, Any]:
    return {"run": {"runId": ref.id}, "job": {"namespace": ref.namespace, "name": ref.name}}


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)[:200]
