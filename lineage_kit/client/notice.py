"""The local log where nothing was configured, which says once that events stay on this machine.

At a terminal that is one line at exit; elsewhere, and in workers of a pool, one warning at the first event, which says
where a configuration was looked for. ``notice: never`` or ``transport: {type: local}`` silences it.
"""

from __future__ import annotations

import atexit
import os
import sys

from lineage_kit import report
from lineage_kit.config.model import Settings
from lineage_kit.delivery.process import is_pool_worker
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.local import LocalTransport


class _Said:
    elsewhere = False


def say_elsewhere() -> None:
    """Nothing is said here from now on: notebooks say it beneath the first cell that has lineage."""
    _Said.elsewhere = True


class EmbeddedLog(LocalTransport):
    """A `LocalTransport` that speaks at its first event."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._notice = settings.notice
        self._searched = settings.searched
        self._silent = settings.notice == "never"

    def send(self, envelope: Envelope) -> None:
        """Keep the event."""
        super().send(envelope)
        if not self._silent and not _Said.elsewhere:
            self._silent = True
            self._speak()

    def _speak(self) -> None:
        is_worker = is_pool_worker()
        if not is_worker and (self._notice == "always" or is_terminal()):
            atexit.register(self._say_at_exit, os.getpid())
            return
        here = " in this worker process" if is_worker else ""
        looked = f" (looked for {', '.join(self._searched)})" if self._searched else ""
        why = (
            ". What the program that started it was told by configure() does not reach here; "
            "openlineage.yml and OPENLINEAGE_URL do"
        )
        report.problem(
            "notice.local",
            f"no lineage backend is configured{here}{looked}: events stay in {self.directory}"
            + (why if is_worker else ""),
        )

    def _say_at_exit(self, pid: int) -> None:
        if pid == os.getpid() and sys.stderr is not None:
            events = "1 lineage event" if self.count == 1 else f"{self.count} lineage events"
            print(f"{events} in {self.directory}: see them with lineage-kit log", file=sys.stderr)


def is_terminal() -> bool:
    """True where somebody sees at once what is said on standard error; cron and CI keep it, or mail it."""
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # no stderr, or one that is closed
        return False
