"""The door: where code that is not ours (a transport, a logging handler) is called from threads of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
