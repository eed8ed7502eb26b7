"""Events, runs, jobs and datasets: built as the documentation of the standard builds them, checked where they are."""

import json
import uuid
from typing import Any

import pytest

from lineage_kit.errors import EventError
from lineage_kit.event.encoding import encode
from lineage_kit.event.ids import new_id
from lineage_kit.event.model import (
    Dataset,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)

TIME = "2026-11-22T17:31:09Z"
ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"


def _event(**changes: Any) -> RunEvent:
    return RunEvent(**{"eventTime": TIME, "run": Run(ID), "job": Job("n", "j"), **changes})


def test_positional_arguments_stand_in_the_documented_order() -> None:
    """RunEvent takes state, time, run, job, producer, inputs, outputs."""
    inputs, outputs = [InputDataset("n", "i")], [OutputDataset("n", "o")]
    event = RunEvent(RunState.START, TIME, Run(ID), Job("n", "j"), "https://example.com", inputs, outputs)
    assert (event.eventType, event.eventTime, event.producer) == (RunState.START, TIME, "https://example.com")
    assert (event.inputs, event.outputs) == (inputs, outputs)


def test_keywords_give_the_same_event() -> None:
    """Every field can be named."""
    named = RunEvent(
        eventType=RunState.START, eventTime=TIME, run=Run(runId=ID), job=Job(namespace="n", name="j")
    )
    assert named == RunEvent(RunState.START, TIME, Run(ID), Job("n", "j"))


def test_an_event_carries_its_schema_and_a_producer() -> None:
    """The JSON of each kind of event names its definition in OpenLineage 2-0-2."""
    events = [_event(), JobEvent(eventTime=TIME, job=Job("n", "j")), DatasetEvent(TIME, Dataset("n", "d"))]
    for event in events:
        tree = json.loads(encode(event))
        assert tree["schemaURL"].endswith(f"2-0-2/OpenLineage.json#/$defs/{type(event).__name__}")
        assert tree["producer"].startswith("https://")


def test_what_was_not_given_is_absent() -> None:
    """No empty facets, no null eventType; the lists of datasets are there even when empty."""
    tree = json.loads(encode(_event()))
    assert tree["run"] == {"runId": ID}
    assert tree["job"] == {"namespace": "n", "name": "j"}
    assert "eventType" not in tree
    assert (tree["inputs"], tree["outputs"]) == ([], [])


@pytest.mark.parametrize("state", ["START", RunState.START])
def test_a_state_is_given_as_member_or_text(state: Any) -> None:
    """Both give the member."""
    assert _event(eventType=state).eventType is RunState.START


@pytest.mark.parametrize("state", ["BOGUS", "start", 5, object()])
def test_an_unknown_state_is_an_error(state: Any) -> None:
    """The message lists the states there are."""
    with pytest.raises(EventError, match="is none of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER"):
        _event(eventType=state)


@pytest.mark.parametrize(
    "given", [ID, ID.upper(), uuid.UUID(ID), f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", "")]
)
def test_a_run_id_is_any_form_of_a_uuid(given: Any) -> None:
    """Forms other than the canonical one become canonical."""
    assert Run(given).runId.lower() == ID


@pytest.mark.parametrize("given", ["", "run_id", 5, None, f"{ID}0"])
def test_a_wrong_run_id_is_a_value_error(given: Any) -> None:
    """The message says what makes one."""
    with pytest.raises(ValueError, match=r"is not a UUID; lineage_kit\.event\.new_id\(\) makes one"):
        Run(given)


@pytest.mark.parametrize("name", ["", "  ", None, 5])
@pytest.mark.parametrize("make", [Job, Dataset, InputDataset, OutputDataset])
def test_an_empty_name_is_an_error(make: Any, name: Any) -> None:
    """Namespaces and names are texts that are not blank."""
    with pytest.raises(EventError, match=r"\.name must be a text"):
        make("n", name)
    with pytest.raises(EventError, match=r"\.namespace must be a text"):
        make(name, "n")


@pytest.mark.parametrize(
    ("make", "missing"),
    [
        (lambda: RunEvent(eventTime=TIME, job=Job("n", "j")), "RunEvent needs run"),
        (lambda: RunEvent(eventTime=TIME, run=Run(ID)), "RunEvent needs job"),
        (lambda: RunEvent(run=Run(ID), job=Job("n", "j")), "RunEvent needs eventTime"),
        (lambda: JobEvent(eventTime=TIME), "JobEvent needs job"),
        (lambda: DatasetEvent(eventTime=TIME), "DatasetEvent needs dataset"),
    ],
)
def test_a_missing_part_is_an_error(make: Any, missing: str) -> None:
    """The message names the event and the part."""
    with pytest.raises(EventError, match=missing):
        make()


def test_datasets_may_come_in_any_sequence() -> None:
    """A tuple becomes a list, None an empty one; a text is refused."""
    assert _event(inputs=(InputDataset("n", "i"),)).inputs == [InputDataset("n", "i")]
    assert _event(outputs=None).outputs == []
    with pytest.raises(EventError, match="lists of datasets"):
        _event(inputs="s3://raw/orders")


def test_new_ids_are_uuids_that_sort_by_time() -> None:
    """Ids are version 7 in canonical form, and a run takes them as they are."""
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {uuid.UUID(text).version for text in ids} == {7}
    assert [text[:13] for text in ids] == sorted(text[:13] for text in ids)
    assert Run(ids[0]).runId == ids[0]
