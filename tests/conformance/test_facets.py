"""Every standard facet, judged by the standard's own schemas."""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import lineage_kit.facets as public
from lineage_kit.event.check import problems
from lineage_kit.event.decoding import decode
from lineage_kit.event.encoding import encode, encode_reporting
from lineage_kit.event.facet import BaseFacet, Home
from lineage_kit.event.facets import standard
from lineage_kit.event.model import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from tests.support.judge import event_breaches, facet_breaches, property_names, standard_facets
from tests.support.samples import UUID, field_names, objects, sample
from tests.support.shared import needs_shared

pytestmark = needs_shared

FACETS = sorted(standard().items())
NAMES = [f"{home}-{key}" for (home, key), _ in FACETS]
every_facet = pytest.mark.parametrize(("place", "kind"), FACETS, ids=NAMES)


def test_every_definition_of_the_standard_has_a_class() -> None:
    """The standard's facets and ours are the same: same homes, same keys."""
    assert set(standard()) == set(standard_facets())
    assert {home for home, _ in standard()} == set(get_args(Home))


@every_facet
def test_each_class_names_the_definition_that_judges_it(
    place: tuple[str, str], kind: type[BaseFacet]
) -> None:
    """The schema URL of a facet is the address of its definition in the version at hand."""
    assert sample(kind, full=False).schemaURL == standard_facets()[place]


@every_facet
def test_each_class_is_public(place: tuple[str, str], kind: type[BaseFacet]) -> None:
    """Each facet is found in lineage_kit.facets under its own name."""
    assert getattr(public, kind.__name__) is kind
    assert kind.__name__ in public.__all__


@every_facet
@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
def test_what_we_build_is_valid(place: tuple[str, str], kind: type[BaseFacet], full: bool) -> None:
    """A facet with the least it needs, and one with every field, pass the standard's schema and our own check."""
    body = encode(_event(place, sample(kind, full=full)))
    assert event_breaches(json.loads(body)) == []
    assert problems(body) == []


@every_facet
@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
def test_what_we_build_comes_back_typed(place: tuple[str, str], kind: type[BaseFacet], full: bool) -> None:
    """Decoding gives back an equal object of the same class."""
    facet = sample(kind, full=full)
    assert _facet(decode(encode(_event(place, facet))), place) == facet


@every_facet
def test_each_class_has_the_properties_of_its_definition(
    place: tuple[str, str], kind: type[BaseFacet]
) -> None:
    """Fields and properties have the same names, in nested parts too; one field is known from a later version."""
    later = {"captureDate"} if place == ("dataset", "dataQualityMetrics") else set()
    base = {"_producer", "_schemaURL", "_deleted"}
    assert field_names(kind) - base - later == property_names(*place)


@every_facet
def test_what_a_class_requires_the_standard_requires(place: tuple[str, str], kind: type[BaseFacet]) -> None:
    """A facet with the least it needs is invalid as soon as one of its fields is gone."""
    least = msgspec.to_builtins(sample(kind, full=False))
    for key in least.keys() - {"_producer", "_schemaURL"}:
        without = {name: value for name, value in least.items() if name != key}
        assert facet_breaches(*place, without) != [], key


@pytest.mark.parametrize("facet", [True, 5, "x", [], None, {}], ids=repr)
@every_facet
def test_what_is_no_such_facet_is_refused(place: tuple[str, str], kind: type[BaseFacet], facet: Any) -> None:
    """A value of another kind in a facet's place is an error for the schemas and for us."""
    event = json.loads(encode(_event(place, sample(kind, full=False))))
    _facets(event, place[0])[place[1]] = facet
    assert [problem for problem in problems(event) if problem.severity == "error"]
    assert event_breaches(event)


@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(some.sampled_from(FACETS).flatmap(lambda item: some.tuples(some.just(item[0]), objects(item[1]))))
def test_whatever_texts_and_numbers_a_facet_holds_it_is_valid(
    drawn: tuple[tuple[str, str], BaseFacet],
) -> None:
    """NaN, infinities, NUL, half characters and huge integers in typed facets never leave an invalid event."""
    place, facet = drawn
    body, said = encode_reporting(_event(place, facet))
    tree = json.loads(body)
    assert event_breaches(tree) == [], said
    assert b"\\u0000" not in body
    assert json.loads(encode(decode(body))) == tree


def _event(place: tuple[str, str], facet: BaseFacet) -> RunEvent:
    home, key = place
    held = {name: {key: facet} if name == home else {} for name in get_args(Home)}
    return RunEvent(
        RunState.COMPLETE,
        "2026-11-22T17:31:09Z",
        Run(UUID, held["run"]),
        Job("n", "j", held["job"]),
        inputs=[InputDataset("n", "i", held["dataset"], inputFacets=held["input"])],
        outputs=[OutputDataset("n", "o", outputFacets=held["output"])],
    )


def _facet(event: Any, place: tuple[str, str]) -> Any:
    home, key = place
    holders = {
        "run": lambda: event.run.facets,
        "job": lambda: event.job.facets,
        "dataset": lambda: event.inputs[0].facets,
        "input": lambda: event.inputs[0].inputFacets,
        "output": lambda: event.outputs[0].outputFacets,
    }
    return holders[home]()[key]


def _facets(tree: dict[str, Any], home: str) -> dict[str, Any]:
    holders: dict[str, Any] = {
        "run": lambda: tree["run"]["facets"],
        "job": lambda: tree["job"]["facets"],
        "dataset": lambda: tree["inputs"][0]["facets"],
        "input": lambda: tree["inputs"][0]["inputFacets"],
        "output": lambda: tree["outputs"][0]["outputFacets"],
    }
    return holders[home]()
