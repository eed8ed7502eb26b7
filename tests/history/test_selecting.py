"""The last root run is found without reading what cannot belong to it."""

import os
from pathlib import Path

from lineage_kit.history import last_root, log_directory
from lineage_kit.history.folding import epoch
from tests.support.log_events import at, event, write


def _write(directory: Path, name: str, seconds: float, events: list[dict]) -> Path:
    """A log last written `seconds` after the beginning."""
    path = write(directory / name, events)
    time = epoch(at(seconds))
    assert time is not None
    os.utime(path, (time, time))
    return path


def test_an_empty_log_has_no_last_run(tmp_path: Path) -> None:
    """Nothing in, nothing out."""
    assert last_root(tmp_path) == (None, 0)


def test_the_last_root_has_all_its_children_wherever_they_were_written(tmp_path: Path) -> None:
    """Children that wrote logs of their own stand under the root, whichever file is older."""
    _write(tmp_path, "root.ndjson", 9, [event("START", 5, 1, "root"), event("COMPLETE", 9, 1, "root")])
    _write(tmp_path, "early.ndjson", 6, [event("COMPLETE", 6, 2, "early", parent=(1, "root"))])
    _write(tmp_path, "late.ndjson", 20, [event("COMPLETE", 20, 3, "late", parent=(1, "root"))])
    _write(tmp_path, "before.ndjson", 1, [event("COMPLETE", 1, 4, "before")])
    root, _ = last_root(tmp_path)
    assert root is not None
    assert [node.record.job for node in root.walk()] == ["root", "early", "late"]


def test_logs_that_are_too_old_are_not_read(tmp_path: Path) -> None:
    """What was last written before the root run began is left alone, damaged or not."""
    _write(tmp_path, "new.ndjson", 1000, [event("START", 900, 1, "new")])
    for number in range(20):
        path = tmp_path / f"old{number}.ndjson"
        path.write_text("broken\n")
        os.utime(path, (number, number))
    root, unreadable = last_root(tmp_path)
    assert root is not None
    assert (root.record.job, unreadable) == ("new", 0)


def test_a_root_that_began_long_ago_is_found_by_its_young_child(tmp_path: Path) -> None:
    """A stray child leads further back, to the parent it belongs to."""
    _write(tmp_path, "1.ndjson", 1, [event("START", 0, 1, "service")])
    _write(tmp_path, "2.ndjson", 50, [event("COMPLETE", 50, 2, "other")])
    _write(tmp_path, "3.ndjson", 99, [event("COMPLETE", 99, 3, "task", parent=(1, "service"))])
    root, _ = last_root(tmp_path)
    assert root is not None
    assert root.record.job == "other"
    (tmp_path / "2.ndjson").unlink()
    root, _ = last_root(tmp_path)
    assert root is not None
    assert [node.record.job for node in root.walk()] == ["service", "task"]


def test_a_start_in_a_file_of_its_own_is_found(tmp_path: Path) -> None:
    """A run whose START another process wrote is shown with it."""
    _write(tmp_path, "1.ndjson", 0, [event("START", 0, 1, "script")])
    _write(tmp_path, "2.ndjson", 5, [event("COMPLETE", 5, 1, "script")])
    root, _ = last_root(tmp_path)
    assert root is not None
    assert root.record.duration == 5


def test_the_log_lies_in_the_state_directory() -> None:
    """LINEAGE_KIT_STATE says where."""
    assert log_directory() == Path(os.environ["LINEAGE_KIT_STATE"]) / "log"
