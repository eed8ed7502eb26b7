"""How a block ended → the terminal state of its run and the errorMessage facet. Pure."""

from __future__ import annotations

from lineage_kit.event.facets.run import ErrorMessageRunFacet
from lineage_kit.event.model import RunState
from lineage_kit.lifecycle.outcome.safe_text import cut, replace_unsendable
from lineage_kit.lifecycle.outcome.stack import leaves, message_of, stack_of

MAX_MESSAGE = 4096
MAX_STACK = 32 * 1024


def state_after(error: BaseException | None) -> RunState:
    """COMPLETE for None and ``SystemExit(0 or None)``; FAIL for what is an Exception; ABORT for what interrupts."""
    if error is None:
        return RunState.COMPLETE
    if isinstance(error, SystemExit):
        return RunState.COMPLETE if _is_success(error.code) else RunState.FAIL
    if isinstance(error, Exception):
        return RunState.FAIL
    if isinstance(error, BaseExceptionGroup) and any(isinstance(leaf, Exception) for leaf in leaves(error)):
        return RunState.FAIL
    return RunState.ABORT


def error_facet(error: BaseException | str | None) -> ErrorMessageRunFacet | None:
    """The facet for an exception (message and stack) or for words; None where nothing went wrong."""
    if error is None or (isinstance(error, SystemExit) and _is_success(error.code)):
        return None
    if isinstance(error, str):
        return ErrorMessageRunFacet(cut(error, MAX_MESSAGE), "python")
    from lineage_kit.client.redact import cap_stack  # whole lines, so that no half of a secret stays unmasked

    stack = replace_unsendable(stack_of(error))
    return ErrorMessageRunFacet(cut(message_of(error), MAX_MESSAGE), "python", cap_stack(stack, MAX_STACK))


def _is_success(code: object) -> bool:
    return code is None or (isinstance(code, int) and code == 0)
