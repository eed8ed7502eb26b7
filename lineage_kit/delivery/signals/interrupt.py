"""A program that Ctrl-C has ended still dies of SIGINT, although we had work to do at its exit."""

from __future__ import annotations

import contextlib
import sys


def keep_interrupt() -> None:
    """Let a program that Ctrl-C has ended still die of SIGINT, so that the shell it runs in stops too.

    Python notes the interrupt in a flag which every `eval` of a text clears, also one in a library that a thread of
    ours loads in order to deliver (named tuples are made that way). An interrupt in such a text sets it again.
    """
    error = sys.__dict__.get("last_value")  # what nobody caught
    if type(error) is not KeyboardInterrupt or hasattr(sys, "ps1"):
        return
    traceback = error.__traceback__
    if traceback is None or traceback.tb_frame.f_back is not None:
        return  # it ended a cell of some shell, not the program
    with contextlib.suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt")  # noqa: S102 - a constant
