"""Where in the user's own code an exception came from: not in a library, the interpreter or this package."""

from __future__ import annotations

import os
import re
from types import TracebackType

MAX_FRAMES = 10_000

is_library = re.compile(
    r"[\\/](?:site|dist)-packages[\\/]"  # installed packages
    r"|[\\/]lib(?:64)?[\\/](?:python|pypy)\d[\d.]*[\\/]"  # the standard library of an interpreter
    r"|[\\/](?:python|pypy)\d[\d.]*[\\/]lib[\\/]"  # the same on Windows
    r"|[\\/]lineage_kit[\\/](?:lifecycle|capture|client|delivery|transport|event|notes|naming|session\.py)"
    r"|^<(?:frozen|string|stdin|attrs|decorator|__array_function__)\b",
    re.IGNORECASE,
).search
"""Of the path of a file: whether it is nobody's own code."""

_OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


def own_line(error: BaseException) -> tuple[str, int] | None:
    """File and line of the innermost frame of the user's own code; of an installed library where there is no such one.

    A syntax error is where it says. None where only the interpreter and this package are in the traceback.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno or 0
    own: tuple[str, int] | None = None
    foreign: tuple[str, int] | None = None
    traceback: TracebackType | None = error.__traceback__
    for _ in range(MAX_FRAMES):
        if traceback is None:
            break
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith((_OURS, "<frozen")):
            here = file, traceback.tb_lineno
            own, foreign = (own, here) if is_library(file) else (here, foreign)
        traceback = traceback.tb_next
    return own or foreign


def own_place(error: BaseException) -> str:
    """``, at FILE:LINE`` behind what is said of an exception; empty where `own_line` knows none."""
    found = own_line(error)
    return f", at {found[0]}:{found[1]}" if found else ""
