"""How this process ends when its command has: with the same status, or by the same signal, after all is delivered."""

from __future__ import annotations

import atexit
import os
import signal
from types import FrameType

_IMPATIENT = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
]


class Ending:
    """Made before anything else registers for the exit, because what is registered first runs last."""

    def __init__(self) -> None:
        self.signal = 0
        """The signal to end by, 0 for none."""
        self._is_delivering = False
        atexit.register(self._die)

    def hurry_on_signals(self) -> None:
        """From now on a signal does one thing: cut short the wait for destinations when the process ends."""
        for number in _IMPATIENT:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hurry)
        atexit.register(self._begin)

    def _begin(self) -> None:
        self._is_delivering = True

    def _hurry(self, number: int, frame: FrameType | None) -> None:
        if self._is_delivering:
            raise KeyboardInterrupt

    def _die(self) -> None:
        """End by the signal that ended the command, so that the shell sees what it would have seen; without a core."""
        self._is_delivering = False
        if not self.signal:
            for number in _IMPATIENT:  # Python would go back to the default actions now
                signal.signal(number, signal.SIG_IGN)
            return
        import resource  # not on Windows, where no signal ends a command

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if self.signal not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(self.signal, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {self.signal})
        os.kill(os.getpid(), self.signal)
