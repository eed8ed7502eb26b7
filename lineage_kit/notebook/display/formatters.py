"""Has IPython show runs, events and datasets as trees and graphs, without their classes knowing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lineage_kit.delivery.door import attempt
from lineage_kit.event.model import Dataset, DatasetEvent, InputDataset, JobEvent, OutputDataset, RunEvent
from lineage_kit.lifecycle.active import ActiveRun
from lineage_kit.notebook.display.views import DatasetView, EventView, run_view
from lineage_kit.notebook.heard import Heard

METHODS = {"text/plain": "__repr__", "text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}

KINDS = (ActiveRun, RunEvent, JobEvent, DatasetEvent, Dataset, InputDataset, OutputDataset)


def register(shell: Any, heard: Heard) -> None:
    """From now on `shell` shows objects of ours so."""

    def view(thing: Any) -> Any:
        if isinstance(thing, ActiveRun):
            return run_view(thing.id, (thing.job.namespace, thing.job.name), heard.below(thing.id))
        return DatasetView(thing) if isinstance(thing, Dataset) else EventView(thing)

    formatters = shell.display_formatter.formatters
    for mime, method in METHODS.items():
        for kind in KINDS:
            formatters[mime].for_type(kind, _plain(view) if mime == "text/plain" else _rich(view, method))


def unregister(shell: Any) -> None:
    """Take it back."""
    for mime in METHODS:
        for kind in KINDS:
            attempt(shell.display_formatter.formatters[mime].pop, kind, None)


def _plain(view: Callable[[Any], Any]) -> Callable[[Any, Any, bool], None]:
    def show(thing: Any, printer: Any, cycle: bool) -> None:
        found: list[str] = []
        attempt(lambda: found.append(repr(view(thing))))
        printer.text(found[0] if found else repr(thing))

    return show


def _rich(view: Callable[[Any], Any], method: str) -> Callable[[Any], str | None]:
    def show(thing: Any) -> str | None:
        found: list[str | None] = []
        attempt(lambda: found.append(getattr(view(thing), method, lambda: None)()))
        return found[0] if found else None

    return show
