"""Events of real producers: read without loss, accepted where they are real, refused for the right reasons."""

import json

import pytest

from lineage_kit.errors import DecodeError
from lineage_kit.event.check import problems
from lineage_kit.event.decoding import decode
from lineage_kit.event.encoding import encode
from lineage_kit.event.facet import BaseFacet
from lineage_kit.event.problem import Problem
from tests.support.judge import event_breaches
from tests.support.shared import CORPUS, FRAGMENTS, WHOLE_EVENT, documents, needs_shared, real_events

pytestmark = needs_shared

MARQUEZ = CORPUS / "marquez" / "test-resources"


def _errors(data: str) -> list[Problem]:
    return [problem for problem in problems(data) if problem.severity == "error"]


def _warnings(data: str) -> list[str]:
    return [str(problem) for problem in problems(data) if problem.severity == "warning"]


def test_decoding_and_encoding_gives_the_same_json() -> None:
    """Every document that is an event at all comes back equal, numbers as they were written included."""
    read = 0
    for name, text in documents():
        try:
            event = decode(text)
        except DecodeError:
            continue
        read += 1
        assert _exact(encode(event)) == _exact(text), name
    assert read > 400


def test_it_comes_back_equal_from_bytes_and_dicts_too() -> None:
    """The form the JSON arrives in makes no difference."""
    for name, text in real_events():
        tree = json.loads(text)
        for data in (text.encode(), f"\ufeff{text}".encode(), tree):
            assert json.loads(encode(decode(data))) == tree, name


def test_only_documents_without_run_job_or_dataset_are_unreadable() -> None:
    """Lenient decoding refuses single facets and lists, and nothing else."""
    for _, text in documents():
        tree = json.loads(text)
        readable = isinstance(tree, dict) and (isinstance(tree.get("job"), dict) or "dataset" in tree)
        if readable:
            decode(text)
        else:
            with pytest.raises(DecodeError):
                decode(text)


def test_most_standard_facets_are_read_typed() -> None:
    """Of the standard's facets in real events nine in ten become objects of their class."""
    typed = plain = 0
    for _, text in real_events():
        event = decode(text)
        for facets in [event.run.facets, event.job.facets] if hasattr(event, "run") else []:
            typed += sum(isinstance(facet, BaseFacet) for facet in facets.values())
            plain += sum(key in {"parent", "sql", "nominalTime", "jobType"} for key in facets) - sum(
                isinstance(facets[key], BaseFacet)
                for key in facets.keys() & {"parent", "sql", "nominalTime", "jobType"}
            )
    assert typed > 500
    assert plain < typed / 10


def test_real_events_are_accepted() -> None:
    """No event of a real producer has an error."""
    assert {name: _errors(text) for name, text in real_events() if _errors(text)} == {}


def test_what_the_schemas_find_is_said() -> None:
    """Whatever the standard's schemas, formats included, hold against a real event is at least a warning."""
    silent = [name for name, text in real_events() if event_breaches(json.loads(text)) and not problems(text)]
    assert silent == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("event_required_no_timezone.json", "has no time zone"),
        ("event_dataset_event.json", "newer than the newest version known here, 2-0-2"),
        ("event_full.json", "points nowhere known"),
        ("event_full.json", "dataQualityMetrics.columnMetrics: is missing"),
        (
            "../../openlineage-compat-consumer/simple_run_event/simple_run_event.json",
            "'run_id' is not a UUID",
        ),
        (
            "../../openlineage-compat-consumer/simple_run_event/simple_run_event.json",
            "'producer' is not a URI",
        ),
    ],
)
def test_bent_events_are_warned_of(name: str, expected: str) -> None:
    """A missing zone or scheme, a schema URL that points nowhere and a home-made run id are warnings."""
    assert any(expected in warning for warning in _warnings((MARQUEZ / name).read_text()))


def test_the_event_that_is_invalid_on_purpose_is_refused() -> None:
    """Its one error is the missing schema URL."""
    found = _errors((MARQUEZ / "event_without_schema_url.json").read_text())
    assert [(problem.path, problem.message) for problem in found] == [
        ("schemaURL", "is missing; it must be a URI")
    ]


def test_templates_are_refused() -> None:
    """Each event of the seed is refused for the times that are still to be filled in, and for nothing else."""
    events = json.loads((CORPUS / "marquez" / "metadata.template.json").read_text())
    for event in events:
        found = _errors(json.dumps(event))
        assert [problem.path for problem in found] == ["eventTime"]
        assert "template" in found[0].message
    assert "must be one JSON object, not a list" in str(_errors(json.dumps(events))[0])


def test_fragments_are_refused() -> None:
    """Single facets and expectations are no events: what they lack is named."""
    for name, text in documents():
        if name.partition("/")[0] in FRAGMENTS and not name.endswith(WHOLE_EVENT):
            messages = [str(problem) for problem in _errors(text)]
            assert any(
                "is missing" in said or "holds neither" in said or "a list" in said for said in messages
            ), name


def _exact(data: bytes | str) -> object:
    """Parsed JSON in which numbers keep their spelling."""
    return json.loads(
        data, parse_int=lambda text: ("int", text), parse_float=lambda text: ("float", float(text))
    )
