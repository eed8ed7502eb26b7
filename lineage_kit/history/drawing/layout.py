"""Boxes and edges → layers from left to right, bends for edges that pass others, a place for each box. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

HEIGHT, THIN = 40, 14  # pixels of a box, and of the place where an edge passes between boxes
GAP_X, GAP_Y = 44, 14  # pixels between boxes
SWEEPS = 6

Key = tuple[str, ...]
Edges = dict[tuple[Key, Key], None]


class Box(msgspec.Struct):
    """One dataset or job; one that nobody sees (`kind` is ``bend``) leads a long edge past others.

    state: of a job, the worst of its runs. title: the name in full. x, y: of the upper left corner.
    """

    key: Key
    kind: str
    label: str = ""
    detail: str = ""
    title: str = ""
    state: str = ""
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = HEIGHT


class Placed(NamedTuple):
    """Boxes in their places, each edge as the boxes it leads through, and the size of it all in pixels."""

    boxes: Sequence[Box]
    edges: Sequence[Sequence[Box]]
    width: float
    height: float


def place(boxes: Mapping[Key, Box], edges: Edges) -> Placed:
    """Where everything goes: an edge leads to the right, unless it closes a circle."""
    ranks = _ranks(boxes, edges)
    every = dict(boxes)
    paths = list(_paths(every, edges, ranks))
    layers: list[list[Box]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for key, box in every.items():
        layers[ranks[key]].append(box)
    _order(layers, paths)
    wide, high = _corners(layers)
    return Placed([*boxes.values()], [[every[key] for key in path] for path in paths], wide, high)


def _ranks(boxes: Mapping[Key, Box], edges: Edges) -> dict[Key, int]:
    """The layer of each box: one more than the longest way to it. Of a circle one edge does not count."""
    after: dict[Key, list[Key]] = {key: [] for key in boxes}
    for start, end in edges:
        after[start].append(end)
    ranks = dict.fromkeys(boxes, 0)
    for key in reversed(list(_finished(after))):
        for end in after[key]:
            ranks[end] = max(ranks[end], ranks[key] + 1)
    _bring_near(after, ranks)
    return ranks


def _bring_near(after: Mapping[Key, Sequence[Key]], ranks: dict[Key, int]) -> None:
    """Put what nothing leads to, as datasets that are only read, right before the first that it leads to."""
    led_to = {end for ends in after.values() for end in ends}
    for key, ends in after.items():
        if ends and key not in led_to:
            ranks[key] = min(ranks[end] for end in ends) - 1


def _finished(after: dict[Key, list[Key]]) -> Iterator[Key]:
    """Boxes in the order in which a walk in depth leaves them; edges that close a circle are taken out of `after`."""
    entered: set[Key] = set()
    left: set[Key] = set()
    for first, following in after.items():
        path = [] if first in entered else [(first, iter(list(following)))]
        entered.add(first)
        while path:
            key, ends = path[-1]
            for end in ends:
                if end not in entered:
                    entered.add(end)
                    path.append((end, iter(list(after[end]))))
                    break
                if end not in left:
                    after[key].remove(end)
            else:
                left.add(key)
                path.pop()
                yield key


def _paths(boxes: dict[Key, Box], edges: Edges, ranks: dict[Key, int]) -> Iterator[list[Key]]:
    """Each edge with the bends that lead it through the layers between its ends; they are added to `boxes`."""
    for start, end in edges:
        path = [start]
        for layer in range(ranks[start] + 1, ranks[end]):
            bend = ("bend", str(layer), *start, *end)
            boxes[bend] = Box(bend, "bend", height=THIN)
            ranks[bend] = layer
            path.append(bend)
        yield [*path, end]


def _order(layers: list[list[Box]], paths: Sequence[Sequence[Key]]) -> None:
    """Put each box of a layer near the middle of its neighbours, so that few edges cross."""
    beside: dict[Key, list[Key]] = {}
    for path in paths:
        for one, other in pairwise(path):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    forth = list(pairwise(layers))
    back = [(later, earlier) for earlier, later in reversed(forth)]
    for _ in range(SWEEPS // 2):
        for near, layer in (*forth, *back):
            _near(layer, {box.key: number for number, box in enumerate(near)}, beside)


def _near(layer: list[Box], places: Mapping[Key, int], beside: Mapping[Key, Sequence[Key]]) -> None:
    """Sort one layer by the places of its neighbours in the layer beside it."""
    middle: dict[Key, float] = {}
    for number, box in enumerate(layer):
        known = [places[key] for key in beside.get(box.key, ()) if key in places]
        middle[box.key] = sum(known) / len(known) if known else number
    layer.sort(key=lambda box: middle[box.key])


def _corners(layers: Sequence[Sequence[Box]]) -> tuple[float, float]:
    """Give each box its corner; the width and height of it all."""
    heights = [sum(box.height for box in layer) + GAP_Y * (len(layer) - 1) for layer in layers]
    high, x = max(heights, default=0.0), 0.0
    for layer, taken in zip(layers, heights, strict=True):
        wide, y = max(box.width for box in layer), (high - taken) / 2
        for box in layer:
            box.x, box.y, box.width = x, y, wide
            y += box.height + GAP_Y
        x += wide + GAP_X
    return max(0.0, x - GAP_X), high
