"""Where wrappers and blocks enter a run: `enter` opens one, or nothing when lineage is off.

What runs need is loaded by the first call, so that importing and decorating stay light. A first call may come where
nothing can be loaded: at interpreter shutdown, without a free file descriptor, near the recursion limit, in a signal
handler that interrupted this very loading. Then the user's code runs without a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit import report, session
from lineage_kit.lifecycle.defaults import NOTHING

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder
    from lineage_kit.lifecycle.spec import JobSpec


class _Opening:
    module: Any = None


def enter(spec: JobSpec, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] = NOTHING) -> Recorder | None:
    """Open a run of `spec` for one call and make it current; None when lineage is off for it. Never raises."""
    try:
        client = session.active or session.open_client()
        if not client.enabled:
            return None
        return (_Opening.module or _load()).open_call(client, spec, args, kwargs)  # type: ignore[no-any-return]
    except Exception as error:  # door: the job comes first
        _not_entered(error)
        return None


def enter_block(spec: JobSpec, run_id: str | None, parent: Any) -> Recorder | None:
    """Open a run of `spec` for one entry of a block. Never raises."""
    try:
        client = session.active or session.open_client()
        if not client.enabled:
            return None
        return (_Opening.module or _load()).open_block(client, spec, run_id, parent)  # type: ignore[no-any-return]
    except Exception as error:  # door: the job comes first
        _not_entered(error)
        return None


def _load() -> Any:
    from lineage_kit.lifecycle.recording import opening

    _Opening.module = opening
    return opening


def _not_entered(error: BaseException) -> None:
    if report.is_strict():
        raise error
    try:
        report.problem("enter", "a run could not be opened: what it needs cannot be loaded here", error)
    except Exception:  # door: at shutdown, or without room on the stack, nothing can be said either
        return
