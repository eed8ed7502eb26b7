"""Files of events are read whatever state they are in."""

import io
import json
import os
from pathlib import Path

import pytest

from lineage_kit.history import Document, documents, read
from lineage_kit.history import reading as module
from tests.support.log_events import daily, event, write


def _documents(text: str | bytes) -> list[Document]:
    data = text.encode() if isinstance(text, str) else text
    return list(documents(io.BytesIO(data)))


def test_a_log_gives_its_events_in_order(tmp_path: Path) -> None:
    """Reading NDJSON gives one dict per line, unchanged."""
    assert list(read(write(tmp_path / "a.ndjson", daily()))) == daily()


def test_a_directory_gives_the_events_of_all_its_logs_the_oldest_first(tmp_path: Path) -> None:
    """Files of a directory are read by the time they were last written; other files are left alone."""
    write(tmp_path / "a.ndjson", [event("START", 2, 2, "younger")])
    os.utime(write(tmp_path / "b.ndjson", [event("START", 1, 1, "older")]), (1, 1))
    (tmp_path / "notes.txt").write_text("{not an event}")
    assert [one["job"]["name"] for one in read(tmp_path)] == ["older", "younger"]


def test_broken_lines_are_counted_and_passed_over(tmp_path: Path) -> None:
    """A line that is no JSON object costs itself only."""
    path = write(tmp_path / "a.ndjson", [event("START", 0, 1, "a")])
    with path.open("ab") as file:
        file.write(b'{"eventTime": \n[]\n7\n\x00\x00\x00\n\xff\xfe\n')
    with path.open("a") as file:
        file.write(json.dumps(event("COMPLETE", 1, 1, "a")) + "\n")
    reading = read(path)
    assert [one["eventType"] for one in reading] == ["START", "COMPLETE"]
    assert reading.unreadable == 5


def test_a_first_line_that_is_broken_does_not_hide_the_others(tmp_path: Path) -> None:
    """A log whose first line was damaged is still a log."""
    path = write(tmp_path / "a.ndjson", daily())
    path.write_bytes(path.read_bytes()[40:].replace(b"{", b"{", 1))
    reading = read(path)
    assert len(list(reading)) == len(daily()) - 1
    assert reading.unreadable == 1


def test_a_torn_last_line_is_not_counted_as_broken(tmp_path: Path) -> None:
    """What a process is still writing, or was killed at, is no damage."""
    path = write(tmp_path / "a.ndjson", daily())
    path.write_bytes(path.read_bytes()[:-30])
    reading = read(path)
    assert len(list(reading)) == len(daily()) - 1
    assert reading.unreadable == 0


def test_a_last_line_without_line_end_counts_when_it_is_whole(tmp_path: Path) -> None:
    """One event per file, without a line end, as file transports write it, is read."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event("START", 0, 1, "a")))
    assert len(list(read(path))) == 1


def test_an_indented_document_is_one_event(tmp_path: Path) -> None:
    """JSON spread over lines is read as the one document it is."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event("START", 0, 1, "a"), indent=2))
    assert len(list(read(path))) == 1


def test_the_members_of_an_array_know_their_lines() -> None:
    """Each event of an array is given with the line it begins in."""
    text = '\n[\n  {"a": "x, [y]"},\n\n  {"b": 1}, {"c": [1,\n 2]},\n  7\n]\n'
    assert [(one.line, one.value) for one in _documents(text)] == [
        (3, {"a": "x, [y]"}),
        (5, {"b": 1}),
        (5, {"c": [1, 2]}),
        (7, 7),
    ]


def test_an_array_on_one_line_is_taken_apart() -> None:
    """An array needs no line breaks."""
    assert [one.value for one in _documents('[{"a": 1}, {"b": 2}]')] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("text", ["", "\n \n", "[]", "[\n]"])
def test_a_file_may_hold_nothing(text: str) -> None:
    """Empty files, blank lines and an empty array hold no document."""
    assert _documents(text) == []


def test_a_byte_order_mark_is_ignored() -> None:
    """Files saved by editors that write one are read."""
    assert [one.value for one in _documents(b'\xef\xbb\xbf{"a": 1}\n{"b": 2}\n')] == [{"a": 1}, {"b": 2}]


def test_faults_of_a_document_name_their_place() -> None:
    """A broken document gives one fault, with line and column."""
    (only,) = _documents('{\n  "a": 1,\n  "b": oops\n}\n')
    assert only.value is None
    assert only.fault == "not JSON: expecting value at line 3, column 8"


def test_nan_is_read_and_named_a_fault() -> None:
    """A NaN that some producers write costs nothing when reading back, yet is told to who checks."""
    (only,) = _documents('{"a": NaN}\n')
    assert isinstance(only.value, dict)
    assert only.fault == "not JSON: NaN is no JSON value (use null or leave it out)"


def test_bytes_that_are_not_utf8_are_named() -> None:
    """A fault says which byte is no UTF-8."""
    (only,) = _documents(b'{"a": "\xe9"}\n')
    assert only.fault == "not UTF-8: byte 0xe9 at position 7"


def test_a_lone_surrogate_is_readable() -> None:
    """Escapes that are no character do not cost the event."""
    assert [one.value for one in _documents('{"a": "\\ud800"}\n')] == [{"a": "\ud800"}]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_deep_nesting_is_a_fault(text: str) -> None:
    """A bomb of brackets is refused with words."""
    faults = [one.fault for one in _documents(text + "\n") if one.fault]
    assert faults == ["not readable: nested too deeply"]


def test_a_line_without_end_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line over the bound is passed over, and the ones after it are read."""
    monkeypatch.setattr(module, "MAX_LINE", 1000)
    text = '{"a": 1}\n{"b": "' + "x" * 5000 + '"}\n{"c": 2}\n'
    found = _documents(text)
    assert [one.value for one in found] == [{"a": 1}, None, {"c": 2}]
    assert found[1].fault.startswith("longer than")


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """A missing file is an error to whoever named it."""
    with pytest.raises(FileNotFoundError):
        list(read(tmp_path / "missing.ndjson"))
