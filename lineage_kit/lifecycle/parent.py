"""Where a run's parent comes from and how it is handed on: carriers in and out.

Wire forms: ``OPENLINEAGE_CONTEXT`` holds ``{"parent": {"run": {"runId"}, "job": {"namespace", "name"}, "root": …}}``;
the older ``OPENLINEAGE_PARENT_ID`` and ``OPENLINEAGE_ROOT_PARENT_ID`` hold ``namespace/name/runId``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from lineage_kit import report
from lineage_kit.config.env import may_name_parent, parent_context, parent_id, root_parent_id
from lineage_kit.errors import EventError
from lineage_kit.event.facets.run import ParentRunFacet, Root
from lineage_kit.event.model import Job, Run, canonical_uuid
from lineage_kit.notes.scope import Scope, current_scope, leave, set_scope

VARIABLE = "OPENLINEAGE_CONTEXT"
LEGACY = "OPENLINEAGE_PARENT_ID"
LEGACY_ROOT = "OPENLINEAGE_ROOT_PARENT_ID"

MAX_CARRIER = 128 * 1024  # characters; no longer text fits into a variable of a Linux process
MAX_NAME = 4096  # characters; four of them, escaped, still fit into the variable of a child


class RunRef(NamedTuple):
    """A run as others refer to it."""

    id: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}/{self.id}"


class Unrecorded(RunRef):
    """A run that no event tells of, and that is no parent therefore."""

    __slots__ = ()


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

    def variables(self) -> dict[str, str]:
        """`carrier`, and the older variables for programs that know no other; these only where no name has a slash."""
        legacy = {LEGACY: self.run, LEGACY_ROOT: self.root}
        told = {name: str(ref) for name, ref in legacy.items()}
        readable = all(text.count("/") == 2 and "\0" not in text for text in told.values())
        return {**self.carrier(), **(told if readable else {})}


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
        leave(scope)  # perhaps out of turn, or from another thread: what is current there stays


def read_carrier(carrier: Any) -> Parent | None:
    """The parent a carrier names; None, and one warning, when it cannot be read."""
    try:
        return None if carrier is None or _is_empty(carrier) else _read(carrier)
    except EventError as error:
        _said(str(error))
    except (Exception, SystemExit) as error:  # door: a carrier may be any object of the user's
        _said(type(error).__name__)
    return None


def parent_of_process() -> Parent | None:
    """The parent that the environment hands to this process."""
    if not may_name_parent():
        return None
    context, parent = parent_context(), parent_id()
    if context is None and parent is None:
        return None
    return _from_variables(context, parent, root_parent_id())


def unreadable_variables() -> Iterator[tuple[str, str]]:
    """(variable, why) for each of those that should name a parent and cannot be read. Nothing is logged."""
    for name, text in ((VARIABLE, parent_context()), (LEGACY, parent_id())):
        try:
            if text:
                _read(text)
        except EventError as error:
            yield name, str(error)[:300]


@lru_cache(maxsize=16)
def _from_variables(context: str | None, parent: str | None, root: str | None) -> Parent | None:
    return read_carrier(context) or read_carrier({LEGACY: parent, LEGACY_ROOT: root} if parent else None)


def _said(why: str) -> None:
    report.problem("parent.malformed", f"a parent could not be read and is ignored: {why[:300]}")


def _is_empty(carrier: Any) -> bool:
    return isinstance(carrier, Unrecorded) or (isinstance(carrier, (str, bytes, Mapping)) and not carrier)


def _read(carrier: Any) -> Parent:
    if isinstance(carrier, (str, bytes)):
        text = _text(carrier)
        return _from_json(text) if text.startswith("{") else _from_path(text, None)
    if not isinstance(carrier, Mapping):
        raise EventError(
            f"a carrier is the mapping that ActiveRun.env() gave, or the text in it, not {type(carrier).__name__}"
        )
    context, legacy = carrier.get(VARIABLE), carrier.get(LEGACY)
    if not legacy:
        return _read(_text(context)) if context else _from_document(carrier)
    return read_carrier(context) or _from_path(_text(legacy), carrier.get(LEGACY_ROOT))


def _from_json(text: str) -> Parent:
    try:
        return _from_document(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError) as error:
        raise EventError(f"its JSON is broken: {error}") from None


def _from_document(document: Any) -> Parent:
    parent = _part(document, "parent", "")
    run = _ref(parent, "parent")
    return Parent(
        run, _root(lambda: _ref(_part(parent, "root", "parent."), "parent.root"), parent.get("root"), run)
    )


def _from_path(path: str, root: Any) -> Parent:
    run = _split(path)
    return Parent(run, _root(lambda: _split(_text(root)), root, run))


def _root(read: Callable[[], RunRef], given: Any, run: RunRef) -> RunRef:
    """The root as it was given; the parent itself where none was, or none that can be read."""
    try:
        return read() if given else run
    except EventError as error:
        report.problem("parent.root", f"a root could not be read, and the parent is taken for it: {error}")
        return run


def _split(path: str) -> RunRef:
    parts = path.split("/")
    if len(parts) != 3:
        raise EventError(
            f"found {path[:100]!r}, expected namespace/name/runId with two slashes; "
            f"names that hold one travel in {VARIABLE}"
        )
    return RunRef(canonical_uuid(parts[2]), _name(parts[0], "namespace"), _name(parts[1], "name"))


def _ref(document: Any, path: str) -> RunRef:
    job, run = _part(document, "job", f"{path}."), _part(document, "run", f"{path}.")
    names = (_name(job.get(key), f"{path}.job.{key}") for key in ("namespace", "name"))
    return RunRef(canonical_uuid(run.get("runId")), *names)


def _part(document: Any, key: str, path: str) -> Mapping[str, Any]:
    """The object at `key`; `path` is where it is looked for."""
    part = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(part, Mapping):
        raise EventError(
            f"{path}{key} is missing or no object; {VARIABLE} is {{'parent': {{'run', 'job', 'root'}}}}"
        )
    return part


def _name(name: Any, path: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise EventError(f"{path} must be a text that is not empty")
    if len(name) > MAX_NAME:
        raise EventError(f"{path} has {len(name):,} characters, at most {MAX_NAME:,} are expected")
    return name


def _text(given: Any) -> str:
    """A text, or bytes as message headers hold them, without the blanks around it."""
    if not isinstance(given, (str, bytes)):
        raise EventError(f"expected a text, found {type(given).__name__}")
    if len(given) > MAX_CARRIER:
        raise EventError(f"it has {len(given):,} characters, at most {MAX_CARRIER:,} are expected")
    try:
        return (given.decode() if isinstance(given, bytes) else given).strip()
    except UnicodeDecodeError:
        raise EventError("its bytes are no UTF-8") from None


def _document(ref: RunRef) -> dict[str, Any]:
    namespace, name = (text.encode("utf-8", "replace").decode() for text in (ref.namespace, ref.name))
    return {"run": {"runId": ref.id}, "job": {"namespace": namespace, "name": name}}
