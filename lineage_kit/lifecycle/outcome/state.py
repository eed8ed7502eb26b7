"""How a block ended → the terminal state of its run and the errorMessage facet. Pure."""

from __future__ import annotations

from typing import Any

from lineage_kit.client.redact.caps import MESSAGE_LIMIT, STACK_LIMIT, cap_stack
from lineage_kit.delivery.door import attempt
from lineage_kit.event.facets.run import ErrorMessageRunFacet
from lineage_kit.event.model import RunState
from lineage_kit.lifecycle.outcome.safe_text import cut, replace_unsendable, safe_text
from lineage_kit.lifecycle.outcome.stack import leaves, message_of, stack_of
from lineage_kit.strangers import is_a


def state_after(error: BaseException | None) -> RunState:
    """COMPLETE for None and ``SystemExit(0 or None)``; FAIL for what is an Exception; ABORT for what interrupts."""
    if error is None:
        return RunState.COMPLETE
    if is_a(error, SystemExit):
        return RunState.COMPLETE if _is_success(error) else RunState.FAIL
    if is_a(error, Exception):
        return RunState.FAIL
    if is_a(error, BaseExceptionGroup) and any(is_a(leaf, Exception) for leaf in leaves(error)):
        return RunState.FAIL
    return RunState.ABORT


def error_facet(error: BaseException | str | None) -> ErrorMessageRunFacet | None:
    """The facet for an exception (message and stack) or for words; None where nothing went wrong.

    The exception is read and neither kept nor changed, in a few milliseconds whatever it is.
    """
    if error is None or (is_a(error, SystemExit) and _is_success(error)):
        return None
    if not is_a(error, BaseException):
        return ErrorMessageRunFacet(safe_text(error, MESSAGE_LIMIT), "python")
    said = message_of(error)  # type: ignore[arg-type]
    stack = replace_unsendable(stack_of(error, said))  # type: ignore[arg-type]
    # the stack in whole lines, so that no half of a secret stays unmasked
    return ErrorMessageRunFacet(cut(said, MESSAGE_LIMIT), "python", cap_stack(stack, STACK_LIMIT))


def _is_success(error: Any) -> bool:
    """Whether Python ends with status 0 for this SystemExit: it looks at ``code``, which a subclass may define."""
    codes: list[Any] = []
    if attempt(lambda: codes.append(error.code)) is not None:
        return False
    return codes[0] is None or (is_a(codes[0], int) and not int.__bool__(codes[0]))
