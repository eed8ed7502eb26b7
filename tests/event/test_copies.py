"""Events travel: copies and pickles are equal and keep what stands beside the fields; deep ones share nothing."""

import copy
import json
import pickle
from typing import Any

import pytest

from lineage_kit.event.decoding import decode
from lineage_kit.event.encoding import encode
from lineage_kit.event.facets import standard
from lineage_kit.event.model import Dataset, InputDataset, Job, Run, RunEvent, RunState
from tests.support.samples import UUID, sample

WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@every_way
def test_events_come_back_equal(way: Any) -> None:
    """An event with facets and datasets survives."""
    facets = {"sql": sample(standard()["job", "sql"], full=True)}
    event = RunEvent(RunState.START, "t", Run(UUID), Job("n", "j", facets), inputs=[InputDataset("n", "d")])
    assert way(event) == event
    assert encode(way(event)) == encode(event)


@every_way
@pytest.mark.parametrize("kind", standard().values(), ids=lambda kind: kind.__name__)
def test_every_facet_comes_back_equal(way: Any, kind: Any) -> None:
    """Each standard facet survives, with all its parts."""
    facet = sample(kind, full=True)
    assert way(facet) == facet


@every_way
def test_a_template_is_kept(way: Any) -> None:
    """A dataset that is still to be filled in stays one."""
    dataset = Dataset("s3://raw/{table}/x.csv")
    assert way(dataset).template == "s3://raw/{table}/x.csv"
    assert way(dataset) == dataset


@every_way
def test_what_decoding_could_not_place_is_kept(way: Any) -> None:
    """Unknown keys, nulls and a wrong run id of a decoded event survive."""
    tree = {"run": {"runId": "bad", "x": 1}, "job": {"name": None}, "eventType": "WHAT", "more": [None]}
    assert json.loads(encode(way(decode(tree)))) == tree


def test_a_deep_copy_shares_nothing() -> None:
    """Changing the copy leaves the original as it was."""
    event = RunEvent(RunState.START, "t", Run(UUID, {"x": {"a": [1]}}), Job("n", "j"))
    twin = copy.deepcopy(event)
    twin.run.facets["x"]["a"].append(2)
    twin.inputs.append(InputDataset("n", "d"))
    assert event.run.facets == {"x": {"a": [1]}}
    assert event.inputs == []
