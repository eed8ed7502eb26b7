"""A child followed to its end: signals that were meant for it are passed on, stops and continues are shared.

The child stays in our process group, so that the terminal treats both as one job: what is typed there (Ctrl-C, Ctrl-Z)
the kernel delivers to both, and it must not be passed on a second time. All signals are blocked here before anything is
started, and are taken one by one with their origin, so that none can be lost or end this process before its child.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NamedTuple


def _numbers(names: str) -> frozenset[int]:
    """The signals of these names that this system has."""
    return frozenset(int(getattr(signal, name)) for name in names.split() if hasattr(signal, name))


PASSED_ON = _numbers(
    "SIGHUP SIGINT SIGQUIT SIGTERM SIGUSR1 SIGUSR2 SIGALRM SIGWINCH SIGIO SIGURG SIGPWR SIGINFO SIGTSTP SIGCONT"
) | frozenset(range(signal.SIGRTMIN, signal.SIGRTMAX + 1) if hasattr(signal, "SIGRTMIN") else ())
SHARED = _numbers("SIGHUP SIGINT SIGQUIT SIGWINCH SIGINFO SIGTSTP SIGCONT")
"""Signals that the kernel sends to a whole process group, so that the child has them already."""
STOPS = _numbers("SIGTSTP SIGTTIN SIGTTOU")
CONTINUE_SECONDS = 0.05


class Signal(NamedTuple):
    """A signal that was taken: who sent it (0 where nobody can tell), and whether the whole group got it."""

    number: int
    sender: int
    is_shared: bool


class Follower:
    """The signals of this process, from `block` to `unblock`."""

    def __init__(self) -> None:
        self._taken = {*PASSED_ON, int(signal.SIGCHLD)}
        self.mask: set[int] = set()

    def block(self) -> None:
        """Hold every signal back; `mask` is what was held back before, and is the child's to inherit."""
        signal.signal(
            signal.SIGCHLD, signal.SIG_DFL
        )  # inherited as ignored, it would cost us the child's status
        self.mask = set(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, self._taken)))

    def unblock(self) -> None:
        """Let signals through again, those that wait too."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)

    def forget(self) -> None:
        """Drop the signals that wait: they came too late for the child."""
        while waiting := signal.sigpending() & self._taken:
            signal.sigwait(waiting)

    def follow(self, child: int) -> int:
        """Pass signals on until the child has ended; its wait status."""
        while True:
            taken = _next(self._taken)
            if taken.number != signal.SIGCHLD:
                if not taken.is_shared and taken.sender != child:
                    os.kill(child, taken.number)
                continue
            pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
            if pid and not os.WIFSTOPPED(status):
                return status
            if pid and os.WSTOPSIG(status) in STOPS:
                self._stop_too(child, os.WSTOPSIG(status))

    def _stop_too(self, child: int, number: int) -> None:
        """Stop as the child did, so that the shell which started us notices; go on when it says so.

        Where there is no shell (an orphaned process group) the kernel drops the signal, and nothing stops.
        """
        if hasattr(signal, "sigtimedwait") and signal.sigtimedwait({signal.SIGCONT}, CONTINUE_SECONDS):
            os.kill(child, signal.SIGCONT)  # both were continued, and we were first
            return
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, {number})
        os.kill(os.getpid(), number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})  # stopped here, until SIGCONT
        signal.pthread_sigmask(signal.SIG_BLOCK, {number} & PASSED_ON)


def _take_with_origin(wanted: set[int]) -> Signal:
    info = signal.sigwaitinfo(wanted)
    by_kernel = info.si_code > 0
    return Signal(info.si_signo, info.si_pid, by_kernel and info.si_signo in SHARED)


def _take_without_origin(wanted: set[int]) -> Signal:
    """Where the system does not tell (macOS): what a keyboard can send is taken for typed in the foreground."""
    number = signal.sigwait(wanted)
    is_typed = number != signal.SIGHUP and number in SHARED and _is_in_foreground()
    return Signal(number, 0, is_typed)


def _is_in_foreground() -> bool:
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


_next: Callable[[set[int]], Signal] = _take_with_origin if sys.platform == "linux" else _take_without_origin
