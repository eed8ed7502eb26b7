"""`run()` as a block, and the run it gives."""

from __future__ import annotations

import copy
import pickle
import threading
from contextlib import ExitStack
from uuid import UUID, uuid4

import pandas as pd
import pytest

from lineage_kit import Dataset, attach, configure, current_run, lineage_job, run
from lineage_kit.facets import NominalTimeRunFacet, RunFacet, SQLJobFacet
from lineage_kit.testing import MemoryTransport, frozen, record_events


@pytest.fixture
def lenient():
    """Everything emitted, with internal trouble said and left out."""
    with record_events() as recording:
        yield recording


def test_nothing_happens_before_enter(events):
    """A block that is described and never entered emits nothing."""
    run("never")
    assert len(events) == 0


def test_name_of_the_caller(events):
    """Without a name the block is called by the function around it."""
    with run():
        pass
    assert events[0].job.name.endswith("test_block.test_name_of_the_caller")


def test_each_enter_is_a_new_run(events):
    """One spec entered three times, nested and in threads, opens a run each time."""
    spec = run("again")
    with spec as first, spec as second:
        assert first.id != second.id
        thread = threading.Thread(target=lambda: spec.__enter__() and spec.__exit__(None, None, None))
        thread.start()
        thread.join()
        assert current_run().id == second.id
    assert sorted(events.states) == ["COMPLETE again"] * 3 + ["START again"] * 3


def test_facts_about_the_run(events):
    """An active run tells id, job, parent, root and state, and prints as one line."""
    with run("outer") as outer, run("inner") as inner:
        assert UUID(inner.id).version == 7
        assert (inner.job.namespace, inner.job.name, str(inner.state)) == ("default", "inner", "START")
        assert inner.parent.id == inner.root.id == outer.id
        assert outer.parent is None and outer.root.id == outer.id
        assert outer
        assert "inner" in str(inner) and "\n" not in str(inner)
    assert str(inner.state) == "COMPLETE"


def test_own_run_id_and_namespace(events):
    """A run can be given its id (once) and its job's namespace."""
    mine = uuid4()
    spec = run("x", run_id=mine, namespace="shop")
    with spec as first:
        pass
    with spec as second:
        pass
    assert first.id == str(mine) != second.id
    assert events[0].job.namespace == "shop"


def test_first_end_wins(events):
    """What ends a run first decides; the block's own end adds nothing."""
    with run("done") as r:
        r.complete()
        assert current_run().id == r.id
    with pytest.raises(ValueError, match="late"), run("later") as r:
        r.complete()
        raise ValueError("late")
    with run("gone") as r:
        r.fail("no rows")
    with run("stopped") as r:
        r.abort("not needed")
    assert [line for line in events.states if not line.startswith("START")] == [
        "COMPLETE done", "COMPLETE later", "FAIL gone", "ABORT stopped",
    ]  # fmt: skip
    events.failed("gone").with_error("no rows")
    events.aborted("stopped").with_error("not needed")


def test_use_after_the_end_is_left_out_with_one_warning(lenient, caplog):
    """Adding to an ended run raises nothing, changes nothing and is said once."""
    with run("over") as r:
        pass
    for _ in range(3):
        assert r.add_input("a/b.csv") == "a/b.csv"
        r.add_run_facet({}, "x")
        r.complete()
    assert lenient.states == ["START over", "COMPLETE over"]
    assert len([record for record in caplog.records if "over" in record.message]) == 1


def test_add_output_hands_the_place_back_and_notes_schema_and_rows(events, tmp_path):
    """`add_output(path, frame)` gives the path back and notes what the frame shows."""
    frame = pd.DataFrame({"city": ["a", "b"], "amount": [1.5, 2.5]})
    with run("write") as r:
        path = tmp_path / "out.parquet"
        assert r.add_output(path, frame) is path
    events.completed("write").wrote(path, rows=2, columns=["city", "amount"])


def test_rows_add_up_and_facets_merge(events):
    """The same dataset noted twice is one, with rows and bytes added and facets merged."""
    orders = Dataset("postgres://db:5432", "shop.public.orders")
    with run("load") as r:
        r.add_output(orders, rows=10, bytes=100)
        r.add_output(orders, rows=5, bytes=50, facets={"mine": {"a": 1}})
        r.add_input("raw/orders.csv", rows=15)
    match = events.completed("load").wrote(orders, rows=15).read("raw/orders.csv", rows=15)
    assert len(match.event.outputs) == 1
    assert match.event.outputs[0].outputFacets["outputStatistics"].size == 150
    assert match.event.outputs[0].facets["mine"]["a"] == 1


def test_declared_and_added_datasets_meet(events):
    """A dataset declared on the block and added in the body is one dataset."""
    with run("meet", inputs="raw/orders/2026-11-22.csv", outputs=["out/a.csv", "out/b.csv"]) as r:
        r.add_input("raw/orders/2026-11-23.csv", rows=3)
    match = events.completed("meet").read("raw/orders/2026-11-24.csv", rows=3)
    assert len(match.event.inputs) == 1
    locations = match.event.inputs[0].inputFacets["subset"].inputCondition.locations
    assert [location.rpartition("/")[2] for location in locations] == ["2026-11-22.csv", "2026-11-23.csv"]


def test_facets_and_tags(events):
    """Run and job facets and tags given or added are on the events from then on."""

    class LateRowsRunFacet(RunFacet, key="lateRows", schema="https://example.com/LateRows.json"):
        bad_rows: int

    with run("f", tags={"team": "shop"}, facets=[SQLJobFacet("select 1")], nominal_time="2026-11-22") as r:
        r.add_run_facet(LateRowsRunFacet(3))
        r.add_job_facet({"level": 2}, "importance")
        r.run_tag("late", True)
    events.started("f").with_tag("team", "shop").with_facet("sql", query="select 1")
    events.completed("f").with_tag("late", "true").with_facet("lateRows", bad_rows=3).with_facet(
        "importance", level=2
    )
    assert events.completed("f").facet("nominalTime") == NominalTimeRunFacet("2026-11-22T00:00:00Z")


def test_heartbeat_is_running_with_what_is_known(events):
    """`heartbeat()` sends a RUNNING event with everything so far."""
    with run("h") as r:
        r.add_input("a/b.csv")
        r.heartbeat()
    assert events.states == ["START h", "RUNNING h", "COMPLETE h"]
    assert len(events[1].inputs) == 1


def test_forgotten_f_string_is_said_once_and_left_out(lenient, caplog):
    """Braces in a block's name or datasets are not sent."""
    with run("load {table}", inputs=["raw/{day}.csv", "raw/a.csv"]):
        pass
    assert events_names(lenient) == {"test_block.test_forgotten_f_string_is_said_once_and_left_out"}
    assert len(lenient[0].inputs) == 1
    assert "f-string" in caplog.text


def events_names(events) -> set[str]:
    """The job names of all events, without the path of the tests' own package."""
    return {event.job.name.replace("tests.lifecycle.", "") for event in events}


def test_unusable_settings_never_hurt_the_block(lenient):
    """Whatever is given to `run`, the block runs and has a run."""
    with run(
        3,
        inputs=[4, "orders"],
        nominal_time=5,
        run_id="x",
        parent=object(),
        tags=6,
        facets=7,  # type: ignore[arg-type]
    ) as r:
        assert r.add_input(object()) is not None
        r.add_output("orders", rows=-1)
        r.add_run_facet(3)
    assert lenient.states[0].startswith("START")


def test_disabled_gives_the_same_kind_of_run():
    """With lineage off a block gives a run with an id that does nothing."""
    configure(enabled=False)
    with run("off") as r:
        assert UUID(r.id)
        assert r.add_output("a/b.csv", rows=1) == "a/b.csv"
        r.run_tag("a", "b")
        r.complete()
        assert r.env() == {}
        assert r


@pytest.mark.parametrize("switch", ["code", "variable", "filter"])
def test_a_run_that_is_not_recorded_has_a_job_all_the_same(switch, monkeypatch):
    """Switching lineage off never makes ``r.job.name`` or ``r.root.id`` fail: they tell what would have been."""
    settings = {"namespace": "shop"}
    if switch == "variable":
        monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
        settings["namespace"] = "default"  # nothing else is read
    else:
        filters = [{"type": "exact", "match": name} for name in ("off", "mine")] if switch == "filter" else []
        configure(
            transport=MemoryTransport(),
            enabled=switch != "code",
            namespace="shop",
            config={"filters": filters},
        )
    with run("off") as r, run("mine", namespace="own") as own:
        assert (r.job.namespace, r.job.name) == (settings["namespace"], "off")
        assert r.root == (r.id, settings["namespace"], "off")
        assert (own.job.namespace, own.job.name) == ("own", "mine")
        assert (r.parent, r.state) == (None, None)


def test_no_run_has_a_job_called_so(events):
    """Outside of runs `current_run().job` and ``.root`` are there and harmless."""
    nothing = current_run()
    assert (nothing.job.namespace, nothing.job.name) == ("default", "no_run")
    assert nothing.root == (nothing.id, "default", "no_run")


@pytest.mark.parametrize("journey", [lambda ref: ref, lambda ref: pickle.loads(pickle.dumps(ref))])
def test_what_is_not_recorded_is_no_parent(journey, events):
    """No event names a run as parent or root that was never told of."""
    with run("child", parent=journey(current_run().root)):
        pass
    with attach(journey(current_run().root)), run("attached"):
        pass
    events.completed("child").is_root()
    events.completed("attached").is_root()


def test_disabled_in_the_middle_of_a_run_leaves_no_half_run(events):
    """A run that sent START sends its end, whatever is configured meanwhile."""
    with run("half"):
        configure(enabled=False)
        with run("none"):
            pass
    assert events.states == ["START half", "COMPLETE half"]


def test_outside_of_runs_current_run_is_falsy_and_harmless():
    """`current_run()` outside every run does nothing."""
    assert not current_run()
    assert current_run().add_input("a/b.csv") == "a/b.csv"


def test_exit_stack_and_interleaved_exits(events):
    """Runs closed in another order than opened each end once, and nothing stays current."""
    with ExitStack() as stack:
        stack.enter_context(run("a"))
        stack.enter_context(run("b"))
    first, second = run("c"), run("d")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert not current_run()
    assert events.states[4:] == ["START c", "START d", "COMPLETE c", "COMPLETE d"]


def test_spec_travels():
    """A block pickles, copies and prints."""
    spec = run("travel", inputs="a/b.csv")
    for other in (pickle.loads(pickle.dumps(spec)), copy.deepcopy(spec)):
        assert other.lineage == spec.lineage
    assert repr(spec) == "run('travel')"


def test_times_never_go_backwards(events):
    """Events of one run carry times that do not decrease, and the clock can be frozen."""
    with frozen("2026-01-01T00:00:00Z") as clock, run("timed") as r:
        clock.advance(-10)
        r.heartbeat()
        clock.advance(20.5)
    assert [event.eventTime for event in events] == [
        "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:10.500000Z",
    ]  # fmt: skip
    assert events[0].run.runId == "00000000-0000-7000-8000-000000000001"


def test_jobs_in_blocks_are_children(events):
    """A decorated function called in a block is its child, with the block as root."""
    job = lineage_job("child")(lambda: None)
    with run("top"), run("mid"):
        job()
    parent = events.completed("child").under("mid").facet("parent")
    assert parent.root.job.name == "top"
    events.completed("mid").under("top")


def test_new_root(events):
    """``parent=None`` starts a new chain inside a run."""
    with run("top"), run("own", parent=None):
        pass
    events.completed("own").is_root()


def test_each_unusable_setting_is_said_once(lenient, caplog):
    """One warning for each value that cannot be used, whatever else was wrong, and however often."""
    for _ in range(2):
        with run("odd", inputs=[4, "orders"], nominal_time=5, run_id="x", tags=6, facets=7):
            pass
    for setting, values in (("inputs", 2), ("nominal_time", 1), ("run_id", 1), ("tags", 1), ("facets", 1)):
        said = [record for record in caplog.records if f"{setting} of run odd is left" in record.message]
        assert len(said) == values, setting


def test_an_interrupted_enter_leaves_no_run_open(events, monkeypatch):
    """Ctrl-C between START and the first line of the block: the run is an ABORT, and nothing stays current."""

    class Interrupted(list):
        def append(self, one) -> None:
            super().append(one)
            raise KeyboardInterrupt

    block = run("entered")
    block._entered = Interrupted()
    with pytest.raises(KeyboardInterrupt), block:
        raise AssertionError
    assert events.states == ["START entered", "ABORT entered"]
    assert not current_run()


@pytest.mark.parametrize(("end", "said"), [("fail", "failed without"), ("abort", "aborted without")])
@pytest.mark.parametrize("reason", [(), (None,)])
def test_an_end_without_a_reason_says_so(events, end, said, reason):
    """A failure or abort that was given no words, or None, has an errorMessage all the same."""
    with run("ends") as r:
        getattr(r, end)(*reason)
    facet = (events.failed if end == "fail" else events.aborted)("ends").facet("errorMessage")
    assert facet.message.startswith(said)
