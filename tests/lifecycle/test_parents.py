"""Parents across threads, processes and messages."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from lineage_kit import attach, current_run, lineage_job, propagate, run
from lineage_kit.testing import record_events

ID = "01a2045d-80b1-7272-951b-472436b08284"
ROOT = "01a2045d-80b1-7272-951b-472436b08285"


@pytest.fixture
def events():
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


@lineage_job("child")
def child() -> None:
    """A job to be a child."""


def parent_of_last(events):
    """The parent facet of the last event."""
    return events[-1].run.facets.get("parent")


def test_env_and_attach_round_trip(events):
    """What `env()` gives makes the run a parent elsewhere, with its root."""
    with run("top"), run("mid") as mid:
        carrier = mid.env()
    assert json.loads(carrier["OPENLINEAGE_CONTEXT"])["parent"]["run"]["runId"] == mid.id
    with attach(carrier):
        child()
    facet = parent_of_last(events)
    assert (facet.run.runId, facet.job.name, facet.root.job.name) == (mid.id, "mid", "top")
    child()
    assert parent_of_last(events) is None


@pytest.mark.parametrize(
    "carrier",
    [
        f"ns/dag/{ID}",
        f"ns/dag/{ID}".encode(),
        json.dumps({"parent": {"run": {"runId": ID}, "job": {"namespace": "ns", "name": "dag"}, "x": 1}}),
    ],
)
def test_other_forms_of_carriers(events, carrier):
    """The older slash form and the bare JSON text are read; a missing root is the parent."""
    with attach(carrier):
        child()
    facet = parent_of_last(events)
    assert (facet.job.namespace, facet.job.name, facet.run.runId, facet.root.run.runId) == (
        "ns",
        "dag",
        ID,
        ID,
    )


@pytest.mark.parametrize(
    "carrier",
    [
        "nonsense",
        "a/b",
        f"a/b/c/{ID}",
        "ns/dag/not-a-uuid",
        "{",
        '{"parent": 3}',
        {"parent": {}},
        42,
        {"OPENLINEAGE_CONTEXT": "[]"},
    ],
)
def test_malformed_carriers_are_said_and_ignored(events, caplog, carrier):
    """A carrier that cannot be read changes nothing but a warning."""
    with attach(carrier):
        child()
    assert parent_of_last(events) is None
    assert "parent" in caplog.text


def test_nothing_attached_changes_nothing(events):
    """``attach(None)`` leaves the current run the parent."""
    with run("top"), attach(None):
        child()
    events.completed("child").under("top")


def test_current_run_beats_what_was_attached(events):
    """A run that is open is the parent, also inside an attach."""
    with run("top"), attach(f"ns/dag/{ID}"):
        child()
    events.completed("child").under("top")


def test_environment_is_the_parent_of_roots(events, monkeypatch):
    """OPENLINEAGE_CONTEXT is taken before OPENLINEAGE_PARENT_ID, which takes its root from its own variable."""
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", f"ns/legacy/{ID}")
    monkeypatch.setenv("OPENLINEAGE_ROOT_PARENT_ID", f"ns/legacy_root/{ROOT}")
    child()
    facet = parent_of_last(events)
    assert (facet.job.name, facet.root.job.name, facet.root.run.runId) == ("legacy", "legacy_root", ROOT)
    context = {"parent": {"run": {"runId": ID}, "job": {"namespace": "ns", "name": "modern"}}}
    monkeypatch.setenv("OPENLINEAGE_CONTEXT", json.dumps(context))
    child()
    assert parent_of_last(events).job.name == "modern"
    monkeypatch.setenv("OPENLINEAGE_CONTEXT", "broken")
    child()
    assert parent_of_last(events).job.name == "legacy"


@pytest.mark.parametrize(
    "form", [lambda r: r, lambda r: r.env(), lambda r: f"default/other/{r.id}", lambda r: r.root]
)
def test_explicit_parent_beats_the_current_run(events, form):
    """A parent can be given as a run, a carrier, a slash form or a reference."""
    with run("other") as other:
        pass
    with run("top"), run("x", parent=form(other)):
        pass
    started = events.started("x")
    assert started.facet("parent").run.runId == other.id


def test_pool_threads_are_roots_unless_propagated(events):
    """A pool thread has no current run; `propagate` lends it one for the call and no longer."""
    with run("top") as top, ThreadPoolExecutor(1) as pool:
        pool.submit(child).result()
        assert parent_of_last(events) is None
        pool.submit(propagate(child)).result()
        assert parent_of_last(events).run.runId == top.id
        pool.submit(child).result()
        assert parent_of_last(events) is None
        assert pool.submit(propagate(lambda: current_run().id)).result() == top.id


def test_a_hundred_threads_are_a_hundred_runs(events):
    """Concurrent calls have ids of their own and one terminal event each."""
    with ThreadPoolExecutor(100) as pool:
        list(pool.map(lambda _: child(), range(100)))
    ids = [event.run.runId for event in events]
    assert len(ids) == 200
    assert len(set(ids)) == 100
    assert all(ids.count(one) == 2 for one in set(ids))
