"""Events fold into one record per run, whatever real producers send."""

import itertools
import random

import pytest

from lineage_kit.history import RunKey, RunRecord, runs
from lineage_kit.history.folding import epoch
from tests.support.log_events import daily, dataset, event, run_id


def _only(events: list[dict]) -> RunRecord:
    (record,) = runs(events).values()
    return record


def test_a_run_has_its_job_state_times_and_parent() -> None:
    """START and COMPLETE give a record with everything they say."""
    record = runs(daily())[RunKey(run_id(2), "default", "etl.clean")]
    assert (record.job, record.namespace, record.state) == ("etl.clean", "default", "COMPLETE")
    assert record.started == epoch("2026-11-22T17:31:09.001Z")
    assert record.duration == pytest.approx(0.05, abs=1e-6)
    assert record.parent == RunKey(run_id(1), "default", "daily")
    assert record.events == 2


def test_outputs_have_rows_bytes_and_columns() -> None:
    """The facets outputStatistics and schema become rows, bytes and column names."""
    output = dataset("/x.parquet", rows=748, size=9000, columns=("city", "amount"))
    (found,) = _only([event("COMPLETE", 0, 1, "a", outputs=[output])]).outputs
    assert (found.rows, found.bytes, found.columns) == (748, 9000, ("city", "amount"))


def test_inputs_have_rows_from_either_facet() -> None:
    """The facets inputStatistics and dataQualityMetrics both tell how many rows were read."""
    counted = {"namespace": "file", "name": "/a", "inputFacets": {"inputStatistics": {"rowCount": 3}}}
    measured = {
        "namespace": "file",
        "name": "/b",
        "inputFacets": {"dataQualityMetrics": {"rowCount": 4, "bytes": 5}},
    }
    found = _only([event("COMPLETE", 0, 1, "a", inputs=[counted, measured])]).inputs
    assert [(one.rows, one.bytes) for one in found] == [(3, None), (4, 5)]


def test_datasets_of_any_event_stay() -> None:
    """What START named and the end did not is still known, and the later numbers win."""
    events = [
        event("START", 0, 1, "a", inputs=[dataset("/in")], outputs=[dataset("/out", rows=1)]),
        event("FAIL", 1, 1, "a", outputs=[dataset("/out", rows=2)]),
    ]
    record = _only(events)
    assert [one.name for one in record.inputs] == ["/in"]
    assert [(one.name, one.rows) for one in record.outputs] == [("/out", 2)]


def test_sql_quoting_does_not_make_two_datasets() -> None:
    """A table quoted on START and bare on COMPLETE is one table."""
    events = [
        event("START", 0, 1, "a", outputs=[dataset('"db"."main"."t"', "duckdb")]),
        event("COMPLETE", 1, 1, "a", outputs=[dataset("db.main.t", "duckdb")]),
    ]
    assert [one.name for one in _only(events).outputs] == ["db.main.t"]


def test_one_run_id_may_belong_to_several_jobs() -> None:
    """Runs are told apart by id and job together."""
    events = [
        event("START", 0, 1, "step_a"),
        event("START", 1, 1, "step_b"),
        event("COMPLETE", 2, 1, "step_a"),
    ]
    assert {key.job: record.state for key, record in runs(events).items()} == {
        "step_a": "COMPLETE",
        "step_b": "RUNNING",
    }


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["START"], "RUNNING"),
        (["START", "RUNNING"], "RUNNING"),
        (["START", "COMPLETE"], "COMPLETE"),
        (["START", "COMPLETE", "FAIL"], "FAIL"),
        (["START", "ABORT", "COMPLETE"], "COMPLETE"),
        (["START", "FAIL", "ABORT"], "FAIL"),
        (["OTHER", "START"], "RUNNING"),
        ([None], "OTHER"),
        (["BOGUS"], "OTHER"),
    ],
)
def test_the_state_does_not_depend_on_the_order_of_events(states: list[str | None], expected: str) -> None:
    """A failure is never hidden, a real end beats an ABORT, and files may be read in any order."""
    for order in itertools.permutations(enumerate(states)):
        assert _only([event(state, seconds, 1, "a") for seconds, state in order]).state == expected


def test_records_do_not_depend_on_the_order_of_events() -> None:
    """Shuffled events give the same times, states and parents."""
    expected = {key: (r.state, r.started, r.ended, r.parent) for key, r in runs(daily()).items()}
    for seed in range(5):
        events = daily()
        random.Random(seed).shuffle(events)
        assert {key: (r.state, r.started, r.ended, r.parent) for key, r in runs(events).items()} == expected


def test_without_a_start_there_is_no_duration() -> None:
    """A run whose START is missing ends at a known time and took an unknown one."""
    record = _only([event("FAIL", 5, 1, "a")])
    assert record.started is None
    assert record.duration is None
    assert record.ended == record.seen


def test_a_clock_that_was_set_back_gives_no_negative_duration() -> None:
    """A duration is zero at least."""
    assert _only([event("START", 5, 1, "a"), event("COMPLETE", 2, 1, "a")]).duration == 0


def test_the_first_of_two_fails_is_when_the_run_failed() -> None:
    """Producers that say FAIL twice failed once, and the one with a stack trace tells why."""
    stack = 'Traceback (most recent call last):\n  File "/me/etl.py", line 3, in load\n    boom()\nValueError: no\n'
    events = [
        event("START", 0, 1, "a"),
        event("FAIL", 1, 1, "a", error={"message": "no", "programmingLanguage": "python"}),
        event(
            "FAIL", 2, 1, "a", error={"message": "no", "programmingLanguage": "python", "stackTrace": stack}
        ),
    ]
    record = _only(events)
    assert record.duration == pytest.approx(1.0)
    assert record.error is not None
    assert record.error.type == "ValueError"


def test_the_parent_facet_has_an_older_name() -> None:
    """The facet parentRun is read as parent is, with its root."""
    facet = {
        "run": {"runId": run_id(9).upper()},
        "job": {"namespace": "ns", "name": "flow"},
        "root": {"run": {"runId": run_id(8)}, "job": {"namespace": "ns", "name": "top"}},
    }
    record = _only(
        [event("START", 0, 1, "a", facets={"parentRun": facet, "processingEngine": {"name": "x"}})]
    )
    assert record.parent == RunKey(run_id(9), "ns", "flow")
    assert record.root == RunKey(run_id(8), "ns", "top")


def test_tags_and_nominal_time_are_kept() -> None:
    """Tags of run and job and the nominal time stand in the record."""
    facets = {
        "tags": {"tags": [{"key": "exhausted", "value": "false"}, {"key": "n", "value": 3}, "bad"]},
        "nominalTime": {"nominalStartTime": "2026-11-21T00:00:00Z", "nominalEndTime": None},
    }
    one = event("START", 0, 1, "a", facets=facets)
    one["job"]["facets"] = {"tags": {"tags": [{"key": "team", "value": "sales"}]}}
    record = _only([one])
    assert record.tags == {"exhausted": "false", "n": "3", "team": "sales"}
    assert (record.nominal_start, record.nominal_end) == ("2026-11-21T00:00:00Z", None)


def test_job_and_dataset_events_make_no_run() -> None:
    """Events about designs and data are passed over."""
    assert (
        runs([{"job": {"namespace": "a", "name": "b"}}, {"dataset": {"namespace": "a", "name": "b"}}]) == {}
    )


JUNK = [None, True, 7, "text", [], [[]], {}, {"run": 3}, {"fields": 3}, [{"name": 1}], float("nan"), 10**400]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_shape_of_an_event_raises(junk: object) -> None:
    """Whatever stands where something else is expected counts as absent."""
    runs([junk] if isinstance(junk, dict) else [])
    for path in (
        ("run",),
        ("run", "runId"),
        ("run", "facets"),
        ("run", "facets", "parent"),
        ("run", "facets", "errorMessage"),
        ("run", "facets", "tags"),
        ("run", "facets", "nominalTime"),
        ("job",),
        ("job", "name"),
        ("job", "facets"),
        ("inputs",),
        ("outputs",),
        ("eventTime",),
        ("eventType",),
    ):
        one = event(
            "START", 0, 1, "a", parent=(2, "b"), inputs=[dataset("/a")], outputs=[dataset("/b", rows=1)]
        )
        target = one
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = junk
        runs([one])
    for key in ("namespace", "name", "facets", "outputFacets"):
        runs([event("START", 0, 1, "a", outputs=[{**dataset("/b", rows=1), key: junk}])])
    for key in ("schema", "outputStatistics", "dataQualityMetrics"):
        runs([event("START", 0, 1, "a", outputs=[{**dataset("/b"), "facets": {key: junk}}])])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T01:00:01.5+01:00", 1.5),
        ("1970-01-01T00:00:01.123456789Z", 1.123456),
        ("19700101T000001Z", 1.0),
        ("yesterday", None),
        ("{{ time }}", None),
        (5, None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_times_of_many_spellings_are_read(text: object, expected: float | None) -> None:
    """ISO 8601 in its variants is a time, anything else is none."""
    found = epoch(text)
    if isinstance(text, str) and text.startswith("0001"):
        assert found is None or found < 0
    else:
        assert found == expected
