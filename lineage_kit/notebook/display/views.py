"""Runs, events and datasets in every form: as text (a tree), HTML and SVG."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from lineage_kit.event.model import Dataset, DatasetEvent, JobEvent, RunEvent
from lineage_kit.history import DatasetRecord, Node, RunRecord, Style, render, runs, tree
from lineage_kit.history.drawing.graph import graph
from lineage_kit.history.drawing.html import dataset_html, event_html, runs_html
from lineage_kit.history.drawing.svg import svg
from lineage_kit.history.folding import Folder
from lineage_kit.history.terminal import cut, printable
from lineage_kit.history.wording import shape

WIDTH = 100  # columns of a tree
MOST_COLUMNS = 50
MOST_DOCUMENT = 20_000  # characters of an event's JSON
NOTHING = "no lineage was recorded yet"


class View:
    """Trees of runs in every form: text, HTML, SVG."""

    def __init__(self, roots: Sequence[Node], title: str = "Lineage") -> None:
        self.roots = roots
        self.title = title

    def __repr__(self) -> str:
        return "\n".join(render(self.roots, Style(width=WIDTH, directory=_directory()))) or NOTHING

    def _repr_html_(self) -> str:
        return runs_html(self.roots, _directory()) if self.roots else f"<i>{NOTHING}</i>"

    def _repr_svg_(self) -> str | None:
        return svg(graph(self.roots, _directory()), self.title, alone=True) or None


class DatasetView:
    """One dataset in every form."""

    def __init__(self, dataset: Dataset) -> None:
        plain = _plain(dataset)
        folder = Folder()
        folder.add({"run": {"runId": "-"}, "outputs": [plain]})
        found = next(iter(folder.records.values())).outputs
        self.record = found[0] if found else DatasetRecord(str(dataset.namespace), str(dataset.name))
        self._kinds = _columns(plain)

    def __repr__(self) -> str:
        told = shape(self.record)
        head = f"{self.record.namespace} · {self.record.name}{f'  {told}' if told else ''}"
        lines = [f"├─ {name}  {kind}".rstrip() for name, kind in self._kinds[:MOST_COLUMNS]]
        if lines:
            lines[-1] = lines[-1].replace("├", "└", 1)
        return "\n".join(cut(printable(line), WIDTH) for line in (head, *lines))

    def _repr_html_(self) -> str:
        return dataset_html(self.record, self._kinds)


class EventView:
    """One event in every form."""

    def __init__(self, event: RunEvent | JobEvent | DatasetEvent) -> None:
        self._plain = _plain(event)
        self._roots = tree(runs([self._plain]))
        said = self._plain.get("eventType") or type(event).__name__
        named = self._plain.get("job") or self._plain.get("dataset") or {}
        self._title = f"{said} {named.get('name', '')}"

    def __repr__(self) -> str:
        tree_lines = "\n".join(render(self._roots, Style(width=WIDTH, directory=_directory())))
        return "\n".join(part for part in (cut(printable(self._title), WIDTH), tree_lines) if part)

    def _repr_html_(self) -> str:
        facts = [("time", str(self._plain.get("eventTime", "")))]
        for key in ("job", "dataset"):
            named = self._plain.get(key)
            if isinstance(named, dict):
                facts.append((key, f"{named.get('namespace', '')} · {named.get('name', '')}"))
        run = self._plain.get("run")
        if isinstance(run, dict):
            facts.append(("run", str(run.get("runId", ""))))
        for side in ("inputs", "outputs"):
            listed = [f"{one.get('namespace')} · {one.get('name')}" for one in self._plain.get(side) or ()]
            if listed:
                facts.append((side, ", ".join(listed)))
        document = msgspec.json.format(msgspec.json.encode(self._plain), indent=2).decode()
        return event_html(self._title, facts, cut(document, MOST_DOCUMENT))

    def _repr_svg_(self) -> str | None:
        return svg(graph(self._roots, _directory()), self._title, alone=True) or None


def run_view(run_id: str, job: tuple[str, str], node: Node | None) -> View:
    """A run with what is below it; only its name, where nothing was heard of it."""
    known = node or Node(RunRecord(run_id=run_id, namespace=job[0], job=job[1]))
    return View([known], job[1])


def _plain(given: Any) -> Any:
    """A struct as plain JSON values."""
    from lineage_kit.event.encoding import encode_reporting

    return msgspec.json.decode(encode_reporting(given)[0])


def _columns(dataset: dict[str, Any]) -> list[tuple[str, str]]:
    facets = dataset.get("facets")
    schema = facets.get("schema") if isinstance(facets, dict) else None
    fields = schema.get("fields") if isinstance(schema, dict) else None
    return [
        (str(one.get("name", "")), str(one.get("type", ""))) for one in fields or () if isinstance(one, dict)
    ]


def _directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""
