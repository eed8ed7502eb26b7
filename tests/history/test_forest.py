"""Runs stand under the runs that started them."""

import random

from lineage_kit.history import Node, failures, of_job, runs, tree
from tests.support.log_events import daily, event, run_id


def _outline(nodes: list[Node]) -> list:
    return [
        (node.record.job, _outline(node.children)) if node.children else node.record.job for node in nodes
    ]


def _tree(events: list[dict]) -> list:
    return _outline(tree(runs(events)))


def test_children_stand_under_their_parent_in_start_order() -> None:
    """The tree follows parent facets, and siblings the clock, in whatever order events come."""
    events = daily()
    for seed in range(5):
        random.Random(seed).shuffle(events)
        assert _tree(events) == [("daily", ["etl.clean", "etl.totals"])]


def test_roots_come_in_start_order() -> None:
    """The last root is the one that began last."""
    assert _tree([event("START", 2, 2, "b"), event("START", 1, 1, "a"), event("START", 3, 3, "c")]) == [
        "a",
        "b",
        "c",
    ]


def test_a_parent_without_events_keeps_its_children_together() -> None:
    """A scheduler that reports elsewhere still is one root, without state."""
    roots = tree(
        runs([event("START", 1, 2, "b", parent=(1, "dag")), event("START", 2, 3, "c", parent=(1, "dag"))])
    )
    assert _outline(roots) == [("dag", ["b", "c"])]
    assert (roots[0].record.state, roots[0].record.events) == (None, 0)


def test_an_unseen_parent_stands_under_a_root_that_is_known() -> None:
    """Where the middle run is unknown the chain is kept by the root that is named."""
    step = event("START", 1, 3, "step", parent=(2, "middle"))
    step["run"]["facets"]["parent"]["root"] = {
        "run": {"runId": run_id(1)},
        "job": {"namespace": "default", "name": "top"},
    }
    assert _tree([event("START", 0, 1, "top"), step]) == [("top", [("middle", ["step"])])]


def test_a_parent_is_found_by_its_run_id_when_the_job_is_called_differently() -> None:
    """Parent facets that spell the job in another way still point to the run."""
    assert _tree([event("START", 0, 1, "dag"), event("START", 1, 2, "t", parent=(1, "DAG"))]) == [
        ("dag", ["t"])
    ]


def test_jobs_that_share_a_run_id_do_not_become_each_others_parents() -> None:
    """Steps with the run id of their pipeline stand under the pipeline, known or not."""
    steps = [
        event("START", 1, 1, "step_a", parent=(1, "job")),
        event("START", 2, 1, "step_b", parent=(1, "job")),
    ]
    assert _tree(steps) == [("job", ["step_a", "step_b"])]
    assert _tree([event("START", 0, 1, "job"), *steps]) == [("job", ["step_a", "step_b"])]


def test_a_run_that_is_its_own_parent_is_a_root() -> None:
    """Pointing at oneself is no parent."""
    assert _tree([event("START", 0, 1, "a", parent=(1, "a"))]) == ["a"]


def test_circles_are_cut() -> None:
    """Runs that are each other's parents are all shown, once."""
    events = [event("START", n, n, f"j{n}", parent=((n % 3) + 1, f"j{(n % 3) + 1}")) for n in (1, 2, 3)]
    nodes = [node for root in tree(runs(events)) for node in root.walk()]
    assert sorted(node.record.job for node in nodes) == ["j1", "j2", "j3"]


def test_deep_chains_are_no_matter() -> None:
    """Ten thousand runs one under the other make one tree."""
    events = [
        event("START", n / 1000, n, f"j{n}", parent=(n - 1, f"j{n - 1}") if n else None)
        for n in range(10_000)
    ]
    (root,) = tree(runs(events))
    assert sum(1 for _ in root.walk()) == 10_000


def test_only_what_failed_and_what_leads_to_it_can_be_kept() -> None:
    """Pruning keeps failed and aborted runs with their ancestors and drops the rest."""
    events = [
        event("START", 0, 1, "ok"),
        event("COMPLETE", 1, 1, "ok"),
        event("START", 2, 2, "top"),
        event("COMPLETE", 9, 2, "top"),
        event("COMPLETE", 4, 3, "fine", parent=(2, "top")),
        event("FAIL", 5, 4, "bad", parent=(2, "top")),
        event("ABORT", 6, 5, "stopped", parent=(2, "top")),
    ]
    roots = tree(runs(events))
    assert _outline(failures(roots)) == [("top", ["bad", "stopped"])]
    assert _outline(roots) == ["ok", ("top", ["fine", "bad", "stopped"])]


def test_the_runs_of_a_job_are_found_by_name_or_pattern() -> None:
    """A job is asked for by its name, with wildcards, or with its namespace; below a match nothing is listed twice."""
    roots = tree(runs(daily()))
    assert _outline(of_job(roots, "etl.clean")) == ["etl.clean"]
    assert _outline(of_job(roots, "etl.*")) == ["etl.clean", "etl.totals"]
    assert _outline(of_job(roots, "default/etl.t*")) == ["etl.totals"]
    assert _outline(of_job(roots, "*")) == [("daily", ["etl.clean", "etl.totals"])]
    assert of_job(roots, "clean") == []
