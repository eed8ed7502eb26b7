"""Graphs of runs: every box has a place of its own, and edges lead to the right."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_kit.history import DatasetRecord, Node, RunRecord, render
from lineage_kit.history.drawing.graph import MOST_BOXES, MOST_EDGES, graph
from lineage_kit.history.drawing.html import runs_html
from lineage_kit.history.drawing.layout import Box
from lineage_kit.history.drawing.svg import svg

STATES = st.sampled_from([None, "COMPLETE", "FAIL", "ABORT", "RUNNING", "OTHER"])
SOME = st.lists(st.integers(0, 8), max_size=4, unique=True)


def _run(job: str, read: list[int], written: list[int], state: str | None = "COMPLETE") -> Node:
    sides = [[DatasetRecord("s3://b", f"d{number}") for number in side] for side in (read, written)]
    return Node(RunRecord(run_id=job, namespace="n", job=job, state=state, inputs=sides[0], outputs=sides[1]))


def _right(box: Box) -> float:
    return box.x + box.width


@given(st.lists(st.tuples(st.integers(0, 5), SOME, SOME, STATES), max_size=12))
def test_any_runs_become_a_graph_whose_boxes_are_apart(given_runs) -> None:
    """Circles too; each edge of a run is drawn, from box to box."""
    roots = [_run(f"j{job}", read, written, state) for job, read, written, state in given_runs]
    drawn = graph(roots)
    boxes, edges = drawn.placed.boxes, drawn.placed.edges
    wanted = {(f"d{one}", root.record.job) for root in roots for one in map(_number, root.record.inputs)}
    wanted |= {(root.record.job, f"d{one}") for root in roots for one in map(_number, root.record.outputs)}
    assert {(path[0].label, path[-1].label) for path in edges} == wanted
    for one, other in combinations(boxes, 2):
        apart = _right(one) < other.x or _right(other) < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y
    assert all(box.x >= 0 and _right(box) <= drawn.placed.width + 1e-6 for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawn.placed.height + 1e-6 for box in boxes)
    if boxes:
        ET.fromstring(svg(drawn, alone=True))
    else:
        assert svg(drawn) == ""


def _number(dataset: DatasetRecord) -> str:
    return dataset.name.removeprefix("d")


@given(st.lists(st.tuples(st.integers(0, 5), SOME), max_size=8))
def test_without_circles_every_edge_leads_to_the_right(layers) -> None:
    """Through bends where it passes others."""
    roots = [
        _run(f"j{number}", [one for one in read if one < number], [number])
        for number, (_, read) in enumerate(layers)
    ]
    for path in graph(roots).placed.edges:
        assert all(_right(one) < other.x for one, other in pairwise(path))


def test_runs_of_one_job_share_a_box_in_the_worst_state() -> None:
    """And say how many they are."""
    roots = [_run("load", [1], [2], state) for state in ("COMPLETE", "FAIL", "COMPLETE")]
    (job,) = [box for box in graph(roots).placed.boxes if box.kind == "job"]
    assert (job.state, job.detail) == ("FAIL", "FAIL · 3 runs")


def test_a_graph_of_many_is_cut_and_says_so() -> None:
    """No more boxes than a person can look at."""
    drawn = graph([_run(f"j{number}", [], [number]) for number in range(200)])
    assert len(drawn.placed.boxes) == MOST_BOXES
    assert f"and {drawn.left_out} more that are not drawn" in svg(drawn)
    assert drawn.left_out == 400 - MOST_BOXES


def test_runs_without_datasets_are_not_drawn() -> None:
    """A picture of nothing is no picture."""
    assert svg(graph([_run("load", [], [])])) == ""


def test_runs_of_very_many_datasets_are_drawn_and_told_in_part() -> None:
    """In no time: names are told apart among those that are shown."""
    read = [DatasetRecord("postgres://db:5432", f"shop.public.{number:x}") for number in range(20_000)]
    root = Node(
        RunRecord(run_id="r", namespace="n", job="j", state="COMPLETE", inputs=read, outputs=read[:9000])
    )
    assert len(graph([root]).placed.boxes) == MOST_BOXES
    assert "and 19,980 more" in runs_html([root])
    assert "+19997 → " in "\n".join(render([root]))


def test_a_dense_graph_is_drawn_in_part() -> None:
    """Not every edge of many: nobody could follow them."""
    roots = [_run(f"j{number}", list(range(20)), list(range(20, 40))) for number in range(30)]
    assert len(graph(roots).placed.edges) == MOST_EDGES


@pytest.mark.parametrize("character", ["\uffff", "\ufffe", "\ud800", "\0", "\x0b", "<", "&", '"'])
def test_any_name_makes_a_picture_that_can_be_read(character: str) -> None:
    """By a parser of XML."""
    root = _run("j" + character, [1], [])
    root.record.inputs[0].name = f"a{character}.csv"
    assert ET.fromstring(svg(graph([root]), character)) is not None
    assert ET.fromstring(runs_html([root])) is not None
