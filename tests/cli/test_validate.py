"""``lineage-kit validate`` accepts what real producers send and refuses what is no event."""

import json
from pathlib import Path

import pytest

from tests.support.log_events import daily, event, write

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real events is not beside this checkout"
)


def _good() -> dict:
    return event("START", 0, 1, "a")


def test_valid_events_are_counted(apart, tmp_path: Path) -> None:
    """Files of valid events give one line of summary and status 0, in a process of its own."""
    one, more = tmp_path / "one.json", tmp_path / "more.ndjson"
    one.write_text(json.dumps(_good(), indent=2))
    write(more, [_good(), _good()])
    result = apart("validate", one, more)
    assert (result.stdout, result.stderr, result.returncode) == ("3 events in 2 files: all valid\n", "", 0)


def test_each_problem_is_told_with_file_line_and_path(here, tmp_path: Path) -> None:
    """A problem names the file, the line where its event begins, its path in the event, and what is wrong."""
    bad = _good()
    bad["eventType"] = "BEGIN"
    del bad["job"]["name"]
    path = write(tmp_path / "a.ndjson", [_good(), bad])
    result = here("validate", path)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith(f"{path}:2: error: eventType: ") for line in lines)
    assert any(line.startswith(f"{path}:2: error: job.name: ") for line in lines)
    assert lines[-1] == "2 events: 1 invalid, 2 errors"


def test_arrays_and_standard_input_are_read(here) -> None:
    """An array is as good as NDJSON, and - is standard input."""
    bad = _good() | {"eventTime": 5}
    result = here("validate", "-", stdin=json.dumps([_good(), bad], indent=1))
    assert "standard input:" in result.stdout
    assert result.stdout.endswith("2 events: 1 invalid, 1 error\n")


def test_warnings_are_errors_when_strict(here, tmp_path: Path) -> None:
    """A time without zone is a warning, and an error with --strict."""
    path = write(tmp_path / "a.ndjson", [_good() | {"eventTime": "2026-11-22T17:31:09"}])
    lenient, strict = here("validate", path), here("validate", "--strict", path)
    assert (lenient.exit_code, strict.exit_code) == (0, 1)
    assert f"{path}:1: warning: eventTime: " in lenient.stdout
    assert lenient.stdout.endswith("1 event: valid, 1 warning\n")
    assert f"{path}:1: error: eventTime: " in strict.stdout


def test_a_warning_that_comes_again_is_shown_once(here, tmp_path: Path) -> None:
    """Thousands of events with the same flaw give one line and a count."""
    path = write(tmp_path / "a.ndjson", [_good() | {"producer": "etl"}] * 1000)
    result = here("validate", path)
    assert result.stdout.count("warning: producer") == 1
    assert result.stdout.endswith("1,000 events: all valid, 1,000 warnings (each kind shown once)\n")


def test_what_is_no_json_is_invalid(here, tmp_path: Path) -> None:
    """Broken lines, a torn end, NaN, arrays in a line and numbers are errors, each in its line."""
    path = write(tmp_path / "a.ndjson", [_good()])
    whole = json.dumps(_good())
    path.write_text(path.read_text() + f'oops\n7\n{whole[:-1]}, "x": NaN}}\n{whole[:50]}')
    result = here("validate", path)
    assert result.exit_code == 1
    assert f"{path}:2: error: not JSON: expecting value" in result.stdout
    assert f"{path}:3: error: event: must be one JSON object, not 7" in result.stdout
    assert f"{path}:4: error: not JSON: NaN is no JSON value" in result.stdout
    assert f"{path}:5: error: not JSON" in result.stdout
    assert "(the last line is cut off)" in result.stdout


def test_a_key_that_stands_twice_is_told(here, tmp_path: Path) -> None:
    """Of two equal keys readers keep one; the second is a warning."""
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(_good()).replace('"producer"', '"producer": "https://a.example", "producer"', 1)
    )
    assert "warning: producer: stands twice" in here("validate", path).stdout


@pytest.mark.parametrize("text", ["", "\n\n", "[]"])
def test_a_file_without_events_is_invalid(here, tmp_path: Path, text: str) -> None:
    """A pipeline that wrote nothing does not pass for one that wrote valid events."""
    path = tmp_path / "a.ndjson"
    path.write_text(text)
    result = here("validate", path)
    assert result.exit_code == 1
    assert (
        result.stdout
        == f"{path}: error: holds no event\nnothing was checked, 1 file or directory without events\n"
    )


def test_files_that_cannot_be_read_have_a_status_of_their_own(here, tmp_path: Path) -> None:
    """A missing file gives status 2, and the others are checked all the same."""
    path = write(tmp_path / "a.ndjson", daily())
    result = here("validate", tmp_path / "missing.json", path)
    assert result.exit_code == 2
    assert "missing.json: cannot be read: No such file or directory" in result.stderr
    assert result.stdout.endswith("6 events: all valid, 1 file could not be read\n")


def test_a_directory_stands_for_its_files(here, tmp_path: Path) -> None:
    """All logs of a directory are checked."""
    write(tmp_path / "d" / "a.ndjson", daily())
    write(tmp_path / "d" / "b.ndjson", daily())
    assert here("validate", tmp_path / "d").stdout == "12 events in 2 files: all valid\n"


def test_nothing_that_can_be_read_is_not_called_valid(here) -> None:
    """Where no file could be read the summary says that nothing was checked."""
    result = here("validate", "missing.json", "gone.json")
    assert (result.exit_code, result.stdout) == (2, "nothing was checked, 2 files could not be read\n")


@pytest.mark.parametrize("inside", [[], ["below/a.ndjson"], ["notes.txt"], ["folder.ndjson/a.ndjson"]])
def test_a_directory_without_logs_is_told(here, tmp_path: Path, inside: list[str]) -> None:
    """A directory that holds other files, or only directories, says which files are looked for; status 1."""
    directory = tmp_path / "d"
    directory.mkdir()
    for name in inside:
        write(directory / name, daily())
    result = here("validate", directory)
    assert (result.exit_code, result.stderr) == (1, "")
    first, last = result.stdout.splitlines()
    assert first.startswith(f"{directory}: error: holds no file that ends in .ndjson, .jsonl or .json")
    assert last == "nothing was checked, 1 file or directory without events"
    more = write(tmp_path / "a.ndjson", daily())
    assert here("validate", directory, more).stdout.endswith(
        "\n6 events: all valid, 1 file or directory without events\n"
    )


REAL = sorted(
    path
    for folder in ("airflow", "dbt", "openlineage-compat-consumer", "marquez/test-resources")
    for path in (CORPUS / folder).rglob("*.*json")
    if path.name != "event_without_schema_url.json"
)


@needs_corpus
def test_real_events_are_accepted(here) -> None:
    """Events of Airflow, dbt, Spark and Marquez are valid; what they bend is a warning."""
    result = here("validate", *REAL)
    assert result.exit_code == 0
    assert "error" not in result.stdout
    assert "warning: run.facets.gcp_dataproc_spark._schemaURL: " in result.stdout
    assert "warning: eventTime: '2020-12-28T19:51:01.641499' has no time zone" in result.stdout


@needs_corpus
def test_events_made_with_care_are_valid_strictly(here) -> None:
    """Airflow and dbt of today pass without a warning."""
    result = here("validate", "--strict", CORPUS / "airflow", CORPUS / "dbt")
    assert result.stdout == "202 events in 5 files: all valid\n"


@needs_corpus
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("marquez/test-resources/event_without_schema_url.json", "error: schemaURL: is missing"),
        ("marquez/metadata.template.json", "error: eventTime: holds a template"),
        ("openlineage-spec-tests/SchemaDatasetFacet/1.json", "error: event: holds neither run and job"),
    ],
)
def test_what_is_no_event_is_refused_for_the_right_reason(here, path: str, reason: str) -> None:
    """An event without schema, a template and a lone facet are told apart."""
    result = here("validate", CORPUS / path)
    assert result.exit_code == 1
    assert reason in result.stdout


@needs_corpus
def test_templates_and_fragments_are_all_refused(here) -> None:
    """No expectation with holes in it and no lone facet passes for an event."""
    fragments = sorted((CORPUS / "openlineage-compat-producer").rglob("*.json"))
    facets = sorted((CORPUS / "openlineage-spec-tests").glob("*/*.json"))
    assert fragments
    assert facets
    accepted = [path for path in (*fragments, *facets) if here("validate", path).exit_code != 1]
    assert accepted == []
