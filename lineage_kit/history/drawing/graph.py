"""Trees of runs → a graph from left to right: datasets → jobs → datasets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from lineage_kit.history.drawing.flow import telling_end
from lineage_kit.history.drawing.layout import Box, Edges, Key, Placed, place
from lineage_kit.history.forest import Node
from lineage_kit.history.records import DatasetRecord, RunRecord
from lineage_kit.history.terminal import cut, cut_middle, printable, width
from lineage_kit.history.wording import duration, names, shape

MOST_BOXES, MOST_EDGES = 80, 400
LONGEST = 300  # characters of a name in full
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
    """What is drawn, in the order in which it is met; `boxes` are keys until they have their texts."""

    boxes: dict[Key, None]
    edges: Edges
    datasets: dict[Key, DatasetRecord]
    runs: dict[Key, list[RunRecord]]


def graph(roots: Iterable[Node], directory: str = "") -> Drawn:
    """The graph of all runs of these trees that read or wrote something; runs of one job share a box."""
    records = [node.record for root in roots for node in root.walk()]
    whole = _graph([one for one in records if one.inputs or one.outputs])
    kept = list(islice(whole.boxes, MOST_BOXES))
    drawn = set(kept)
    edges = dict.fromkeys(islice((edge for edge in whole.edges if drawn.issuperset(edge)), MOST_EDGES))
    return Drawn(place(_boxes(whole, kept, directory), edges), len(whole.boxes) - len(kept))


def _boxes(whole: _Graph, kept: Sequence[Key], directory: str) -> dict[Key, Box]:
    """The boxes of `kept`, with their texts."""
    datasets = _dataset_boxes({key: whole.datasets[key] for key in kept if key in whole.datasets}, directory)
    return {key: datasets.get(key) or _job_box(key, whole.runs[key]) for key in kept}


def _graph(records: Sequence[RunRecord]) -> _Graph:
    """Each dataset with the shape that the last run which knew it told."""
    found = _Graph({}, {}, {}, {})
    for record in records:
        job: Key = ("job", record.namespace, record.job)
        found.runs.setdefault(job, []).append(record)
        read, written = [*map(_key, record.inputs)], [*map(_key, record.outputs)]
        found.boxes.update(dict.fromkeys((*read, job, *written)))
        found.edges.update(dict.fromkeys([(key, job) for key in read] + [(job, key) for key in written]))
        for dataset in (*record.inputs, *record.outputs):
            key = _key(dataset)
            if key not in found.datasets or shape(dataset):
                found.datasets[key] = dataset
    return found


def _dataset_boxes(datasets: dict[Key, DatasetRecord], directory: str) -> dict[Key, Box]:
    called = names([*datasets.values()], directory)
    boxes = {}
    for (key, dataset), name in zip(datasets.items(), called, strict=True):
        label = cut_middle(telling_end(name, [one for one in called if one != name]), LABEL)
        title = cut(printable(f"{dataset.namespace} · {dataset.name}"), LONGEST)
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
    title = cut(printable(f"{key[1]} · {key[2]}"), LONGEST)
    return _sized(Box(key, "job", label, " · ".join(filter(None, detail)), title, state), MARKER)


def _sized(box: Box, more: float) -> Box:
    label = width(box.label) * COLUMN * (BOLD if box.kind == "job" else 1)
    box.width = max(label, width(box.detail) * COLUMN * 0.9) + 2 * PADDING + more
    return box
