"""Shells without a terminal: cells run as IPython runs them, in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from lineage_kit.testing import Recording
from tests.support.judge import event_breaches


class Notebook:
    """One shell with the extension, and the events of its cells."""

    def __init__(self, events: Recording) -> None:
        self.events = events
        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell(config=settings)
        self.shell.run_line_magic("load_ext", "lineage_kit")
        self.prepare(
            "import lineage_kit as lk\nfrom lineage_kit import Dataset, current_run, lineage_job, run"
        )

    def cell(self, source: str, **settings: Any) -> Any:
        """Run a cell as a person does; gives IPython's result."""
        return self.shell.run_cell(source, **{"store_history": True, **settings})

    def prepare(self, source: str) -> None:
        """Run code that is no cell of the user's."""
        self.shell.run_cell(source).raise_error()

    @property
    def states(self) -> list[str]:
        """State and job of every event, those of the session left out."""
        return [state for state in self.events.states if not state.endswith(f" {self.title}")]

    @property
    def title(self) -> str:
        """What the session's job is called."""
        return "ipython"

    def close(self) -> None:
        """Unload the extension; every event until then has to be valid."""
        self.shell.run_line_magic("unload_ext", "lineage_kit")
        self.shell.restore_sys_module_state()
        for body in self.events.bodies:
            assert not event_breaches(json.loads(body))


@pytest.fixture
def notebook(lineage_events: Recording) -> Iterator[Notebook]:
    """A notebook in which lineage is on."""
    last = getattr(sys, "last_value", None)
    made = Notebook(lineage_events)
    yield made
    made.close()
    sys.last_value = last
