"""Configured tags and environment variables are added without touching what the event says itself."""

from typing import Any

import pytest

from lineage_kit import report
from lineage_kit.client.enrich import environment_facets, tag_job, tag_run
from lineage_kit.event.facets.job import TagsJobFacet, TagsJobFacetFields
from lineage_kit.event.facets.run import (
    EnvironmentVariable,
    EnvironmentVariablesRunFacet,
    TagsRunFacet,
    TagsRunFacetFields,
)

TAGS = {"Team": "sales", "env": "prod"}
ENVIRON = {"REGION": "eu", "EMPTY": "", "DB_PASSWORD": "hunter2"}


def _as_pairs(facet: Any) -> list[tuple[str, ...]]:
    if isinstance(facet, dict):
        return [tuple(tag.values()) for tag in facet["tags"]]
    return [(tag.key, tag.value, tag.source) for tag in facet.tags]


def test_without_configuration_nothing_is_copied() -> None:
    """The same dict comes back."""
    facets = {"tags": TagsJobFacet([])}
    assert tag_job(facets, {}) is facets
    assert tag_run(facets, {}) is facets
    assert environment_facets(facets, ()) is facets


def test_tags_are_added_with_their_source() -> None:
    """A job or run without tags gets the configured ones."""
    for tag, kind in ((tag_job, TagsJobFacet), (tag_run, TagsRunFacet)):
        facets: dict[str, Any] = {"other": {"a": 1}}
        tagged = tag(facets, TAGS)
        assert type(tagged["tags"]) is kind
        assert _as_pairs(tagged["tags"]) == [("Team", "sales", "USER"), ("env", "prod", "USER")]
        assert tagged["other"] is facets["other"]
        assert "tags" not in facets


def test_the_configured_value_wins_and_the_spelling_stays() -> None:
    """Keys match in any case; the event's spelling is kept, other tags are not touched."""
    own = TagsRunFacet([TagsRunFacetFields("TEAM", "mine", "DBT"), TagsRunFacetFields("x", "1")])
    tagged = tag_run({"tags": own}, TAGS)["tags"]
    assert _as_pairs(tagged)[0] == ("TEAM", "sales", "USER")
    assert tagged.tags[1] is own.tags[1]  # type: ignore[index]
    assert _as_pairs(tagged)[2] == ("env", "prod", "USER")
    assert own.tags[0].value == "mine"  # type: ignore[index]


def test_a_dict_of_tags_stays_a_dict() -> None:
    """A facet written as plain JSON is extended as it is."""
    own = {"_producer": "https://x", "tags": [{"key": "team", "value": "mine", "more": 1}, "odd", None]}
    tagged = tag_job({"tags": own}, TAGS)["tags"]
    assert tagged["tags"][0] == {"key": "team", "value": "sales", "more": 1, "source": "USER"}
    assert tagged["tags"][1:] == ["odd", None, {"key": "env", "value": "prod", "source": "USER"}]
    assert tagged["_producer"] == "https://x"
    assert own["tags"][0] == {"key": "team", "value": "mine", "more": 1}  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("empty", [None, TagsJobFacet(), {}, {"tags": None}, {"tags": []}])
def test_an_empty_facet_is_filled(empty: Any) -> None:
    """No facet, and one without a list, take the configured tags."""
    assert len(_as_pairs(tag_job({"tags": empty}, TAGS)["tags"])) == 2


@pytest.mark.parametrize(
    "odd", [[], "x", 5, object(), {"tags": "x"}, {"tags": {"team": "x"}}, [{"key": "team"}]]
)
def test_a_facet_of_another_shape_is_left(odd: Any) -> None:
    """Nothing is raised, nothing is lost, and it is said."""
    facets = {"tags": odd}
    assert tag_job(facets, TAGS) is facets
    assert report.counts() == {"enrich.tags": 1}


def test_tags_of_odd_types_are_kept() -> None:
    """Items that are no tags stay where they are."""
    items: list[Any] = [object(), TagsJobFacetFields(5, "x"), {"key": None}, {"key": ["team"]}]  # type: ignore[arg-type]
    assert tag_job({"tags": {"tags": items}}, TAGS)["tags"]["tags"][:4] == items


def test_chosen_variables_are_read_now() -> None:
    """Values are those at the moment of the event; an empty one is a value, the order is that of the names."""
    facet = environment_facets({}, ("REGION", "EMPTY", "REGION"), ENVIRON)["environmentVariables"]
    assert facet == EnvironmentVariablesRunFacet(
        [EnvironmentVariable("REGION", "eu"), EnvironmentVariable("EMPTY", "")]
    )


def test_names_are_whole_names() -> None:
    """A variable whose name is a part of a configured one does not leave."""
    assert environment_facets({}, ("REGION",), {"REG": "x", "REGION": "eu", "REGION_2": "y"})[
        "environmentVariables"
    ] == EnvironmentVariablesRunFacet([EnvironmentVariable("REGION", "eu")])


@pytest.mark.parametrize(
    "own",
    [
        EnvironmentVariablesRunFacet([EnvironmentVariable("REGION", "us")]),
        {"environmentVariables": [{"name": "REGION", "value": "us"}], "_producer": "https://x"},
    ],
    ids=["typed", "raw"],
)
def test_what_the_event_says_wins(own: Any) -> None:
    """A variable that the event names itself keeps its value; others are added beside it."""
    facets = {"environmentVariables": own}
    assert environment_facets(facets, ("REGION",), ENVIRON) is facets
    added = environment_facets(facets, ("REGION", "EMPTY"), ENVIRON)["environmentVariables"]
    assert type(added) is type(own)
    found = added["environmentVariables"] if isinstance(added, dict) else added.environmentVariables
    assert len(found) == 2
    assert "us" in str(found[0])


@pytest.mark.parametrize("odd", [[], "x", 5, object(), {"environmentVariables": "x"}])
def test_an_environment_facet_of_another_shape_is_left(odd: Any) -> None:
    """Nothing is replaced, and it is said."""
    facets = {"environmentVariables": odd}
    assert environment_facets(facets, ("REGION",), ENVIRON) is facets
    assert report.counts() == {"enrich.environment": 1}


def test_a_missing_variable_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """It is left out; a run of events says so in one line, and no value is ever in it."""
    for _ in range(3):
        assert environment_facets({}, ("MISSING",), ENVIRON) == {}
    assert report.counts() == {"enrich.environment:MISSING": 3}
    assert [record.getMessage() for record in caplog.records] == [
        "environment variable 'MISSING' is configured but not set"
    ]
