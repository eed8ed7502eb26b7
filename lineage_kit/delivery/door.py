"""The door: where code that is not ours (a transport, a logging handler) is called from threads of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ROOM = 150  # calls on top of each other that the end of a run may need, from its wrapper down to the wire


def attempt(function: Callable[..., Any], *arguments: Any) -> BaseException | None:
    """Call ``function(*arguments)``; None when it returned, else what it raised.

    Everything stops here, SystemExit and KeyboardInterrupt too: no signal reaches the threads this is called on, so
    that one of these is a foreign object's mistake and must not end the delivery.
    """
    try:
        function(*arguments)
    except BaseException as error:  # the door
        return error
    return None


def has_room(levels: int = ROOM) -> bool:
    """Whether the stack has room for `levels` more calls; where it has not, a RecursionError is nobody's mistake."""
    try:
        return levels == 0 or has_room(levels - 1)
    except RecursionError:
        return False
