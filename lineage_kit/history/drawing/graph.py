"""Trees of runs → a graph from left to right: datasets → jobs → datasets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lineage_kit.history.drawing.flow import telling_end
from lineage_kit.history.drawing.layout import Box, Edges, Key, Placed, place
from lineage_kit.history.forest import Node
from lineage_kit.history.records import DatasetRecord, RunRecord
from lineage_kit.history.terminal import cut_middle, printable, width
from lineage_kit.history.wording import duration, names, shape

MOST_BOXES = 80
LABEL = 26  # columns of a box's name
COLUMN = 6.9  # pixels of one column of text at 12 px
BOLD = 1.07  # how much wider than others bold letters are
PADDING, MARKER = 12, 22  # pixels left and right of a text; what the marker of a state takes
_WORST = ("FAIL", "ABORT", "RUNNING", "OTHER", "COMPLETE")


class Drawn(NamedTuple):
    """The graph in its places, and how many boxes are left out of it."""

    placed: Placed
    left_out: int


class _Graph(NamedTuple):
    boxes: dict[Key, Box]
    edges: Edges


def graph(roots: Iterable[Node], directory: str = "") -> Drawn:
    """The graph of all runs of these trees that read or wrote something; runs of one job share a box."""
    records = [node.record for root in roots for node in root.walk()]
    whole = _graph([one for one in records if one.inputs or one.outputs], directory)
    boxes = dict(list(whole.boxes.items())[:MOST_BOXES])
    edges = {edge: None for edge in whole.edges if boxes.keys() >= set(edge)}
    return Drawn(place(boxes, edges), len(whole.boxes) - len(boxes))


def _graph(records: Sequence[RunRecord], directory: str) -> _Graph:
    datasets = _dataset_boxes(records, directory)
    boxes: dict[Key, Box] = {}
    edges: Edges = {}
    runs: dict[Key, list[RunRecord]] = {}
    for record in records:
        job: Key = ("job", record.namespace, record.job)
        runs.setdefault(job, []).append(record)
        for key in map(_key, record.inputs):
            boxes[key] = datasets[key]
            edges[key, job] = None
        boxes[job] = _job_box(job, runs[job])
        for key in map(_key, record.outputs):
            boxes[key] = datasets[key]
            edges[job, key] = None
    return _Graph(boxes, edges)


def _dataset_boxes(records: Sequence[RunRecord], directory: str) -> dict[Key, Box]:
    """Each dataset, with the shape that the last run which knew it told."""
    found: dict[Key, DatasetRecord] = {}
    for record in records:
        for dataset in (*record.inputs, *record.outputs):
            if _key(dataset) not in found or shape(dataset):
                found[_key(dataset)] = dataset
    called = names([*found.values()], directory)
    boxes = {}
    for (key, dataset), name in zip(found.items(), called, strict=True):
        label = cut_middle(telling_end(name, [one for one in called if one != name]), LABEL)
        title = printable(f"{dataset.namespace} · {dataset.name}")
        boxes[key] = _sized(Box(key, "dataset", label, shape(dataset), title), 0)
    return boxes


def _key(dataset: DatasetRecord) -> Key:
    return "dataset", dataset.namespace, dataset.name


def _job_box(key: Key, runs: Sequence[RunRecord]) -> Box:
    """One job in the worst state of its runs."""
    states = {record.state for record in runs}
    state = next((one for one in _WORST if one in states), "OTHER")
    times = [record.duration for record in runs if record.duration is not None]
    detail = [state, duration(sum(times)) if times else "", f"{len(runs)} runs" if len(runs) > 1 else ""]
    label = cut_middle(printable(runs[-1].job), LABEL)
    title = printable(f"{key[1]} · {key[2]}")
    return _sized(Box(key, "job", label, " · ".join(filter(None, detail)), title, state), MARKER)


def _sized(box: Box, more: float) -> Box:
    label = width(box.label) * COLUMN * (BOLD if box.kind == "job" else 1)
    box.width = max(label, width(box.detail) * COLUMN * 0.9) + 2 * PADDING + more
    return box
