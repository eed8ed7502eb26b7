"""What has been written is on disk, whole, readable and private, whatever happens to the folder and the file."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from lineage_kit.delivery.journal.writing import writer
from lineage_kit.event.envelope import Envelope
from tests.delivery.journal.conftest import DESTINATIONS, delivered, event

LINES = "*/[0-9]*.jsonl"


def test_an_event_is_a_line_of_json_with_its_body_as_it_is(program, root: Path) -> None:
    """Head and jq read it; the body is the bytes that will be sent."""
    one = event("a", size=50)
    program().write(one)
    (segment,) = root.glob(LINES)
    text = segment.read_bytes()
    line = json.loads(text)
    assert (line["run"], line["state"], line["key"]) == ("a", "START", "run:n/j")
    assert line["event"]["run"] == {"runId": "a"}
    assert one.body in text


def test_files_are_for_their_user_alone(program, root: Path) -> None:
    """0600 in 0700, whatever the umask allows."""
    before = os.umask(0)
    try:
        program().write(event("a"))
    finally:
        os.umask(before)
    for path in [root.parent, root, *root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_nothing_is_made_before_the_first_event(program, root: Path) -> None:
    """A program that sends nothing leaves no folder."""
    program()
    assert not root.exists()


def test_what_is_delivered_is_removed_and_numbers_are_not_used_again(
    program, root: Path, monkeypatch
) -> None:
    """However often everything is delivered and its files go: what comes then is read, and no verdict speaks of it."""
    monkeypatch.setattr(writer, "SMALL", 500)
    one = program()
    seen: set[str] = set()
    for number in range(5):
        events = [event(f"{number}-{run}", "COMPLETE", 400) for run in range(4)]
        one.write(*events)
        files = {path.name for path in root.glob(LINES)}
        assert not files & seen
        seen |= files
        assert one.deliver() == events
        assert list(root.glob(LINES)) == []
    one.journal.end()
    assert list(root.iterdir()) == []


def test_segments_are_rolled_and_go_when_both_destinations_have_them(
    program, root: Path, monkeypatch
) -> None:
    """One destination that is behind keeps what it is owed, and no more."""
    monkeypatch.setattr(writer, "SEGMENT_BYTES", 2000)
    one = program()
    events = [event(str(run), "COMPLETE", 300) for run in range(20)]
    one.write(*events)
    files = len(list(root.glob(LINES)))
    assert files > 4
    one.deliver("north")
    assert len(list(root.glob(LINES))) == files
    assert one.deliver("south", 10) == events[:10]
    assert 0 < len(list(root.glob(LINES))) < files
    assert one.deliver("south") == events[10:]


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_cleaner_that_removes_the_journal_costs_nothing(
    program, root: Path, what: str, monkeypatch
) -> None:
    """What comes afterwards goes to a new place; what was written before is sent from the file that has no name."""
    monkeypatch.setattr("lineage_kit.delivery.journal.writing.own_segment.TRUSTED", 0.0)
    one = program()
    one.write(event("a"))
    assert len(one.deliver("north")) == 1  # the file is open for reading
    one.write(event("b"))
    for path in root.glob("*/*" if what == "folder" else LINES):
        path.unlink()
    for home in root.iterdir() if what == "folder" else ():
        home.rmdir()
    one.write(event("c"))
    assert [sent.run_id for sent in one.deliver("north")] == ["b", "c"]
    assert any(b'"run":"c"' in path.read_bytes() for path in root.glob(LINES))


def test_a_descriptor_that_was_closed_by_number_is_not_written_to(
    program, root: Path, tmp_path: Path
) -> None:
    """A file of the program's under our number gets no line of ours, and no event is lost."""
    one = program()
    one.write(event("a"))
    number = one.journal._active._file.descriptor
    os.close(number)
    mine = os.open(tmp_path / "mine", os.O_WRONLY | os.O_CREAT)
    try:
        if mine != number:
            os.dup2(mine, number)
        one.write(event("b"))
        assert (tmp_path / "mine").read_bytes() == b""
        assert [sent.run_id for sent in one.deliver("north")] == ["a", "b"]
    finally:
        os.close(number)


def test_new_runs_are_refused_whole_when_the_journal_is_full(program) -> None:
    """And those that were taken may finish."""
    one = program(most=20_000)
    taken = []
    while one.journal.append(event(str(len(taken)), size=300)) is None:
        taken.append(str(len(taken)))
    assert len(taken) > 3
    assert one.journal.append(event(str(len(taken)), "COMPLETE")) == "full"
    for run in taken:
        assert one.journal.append(event(run, "COMPLETE", size=300)) is None


def test_what_others_have_written_counts(program) -> None:
    """The quota is for all programs together."""
    first = program(most=20_000)
    first.write(*(event(str(run), "COMPLETE", 1500) for run in range(8)))
    assert program(most=20_000).journal.append(event("late", size=2000)) == "full"


def test_a_disk_that_takes_nothing_costs_durability_only(program, root: Path) -> None:
    """Events wait in memory, in order, and the journal is used again once it can be."""
    root.parent.mkdir()
    root.write_text("in the way")
    one = program()
    one.write(event("a"))
    assert one.journal.durability() == "memory"
    root.unlink()
    one.journal._off_until = 0.0
    one.write(event("b"), event("a", "COMPLETE"))
    assert one.journal.durability() == "journal"
    assert [(sent.run_id, sent.state) for sent in one.deliver("north")] == [
        ("a", "START"), ("b", "START"), ("a", "COMPLETE"),
    ]  # fmt: skip
    assert all(len(queue) == (0 if name == "north" else 3) for name, queue in one.queues.items())


def test_memory_for_what_cannot_be_written_is_bounded(program, root: Path) -> None:
    """When that is full too the event is refused, which whoever hands it over counts."""
    root.parent.mkdir()
    root.write_text("in the way")
    one = program(memory=10_000)
    results = [one.journal.append(event(str(run), "COMPLETE", 500)) for run in range(30)]
    assert results[0] is None
    assert results[-1] == "unkept"
    one.deliver()
    assert one.journal.append(event("again", "COMPLETE")) is None


def test_who_was_interrupted_is_known_again(program) -> None:
    """An event that comes again after an interrupt is found, on disk or in memory; another is not."""
    one = program()
    here, there = event("a"), event("b")
    one.write(here)
    assert one.journal.has_had(here)
    assert not one.journal.has_had(there)


def test_a_hundred_threads_write_whole_lines(program, root: Path) -> None:
    """Every event of every thread is there once, those of one run in their order."""
    one = program()

    def work(number: int) -> None:
        one.write(event(str(number)), event(str(number), "RUNNING"), event(str(number), "COMPLETE"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for path in sorted(root.glob(LINES)) for line in path.read_text().splitlines()]
    assert len(lines) == 300
    for number in range(100):
        assert [line["state"] for line in lines if line["run"] == str(number)] == [
            "START",
            "RUNNING",
            "COMPLETE",
        ]


def test_synced_means_that_the_medium_has_it(program) -> None:
    """`sync: always` says so; the file system is asked after each event."""
    one = program(sync="always")
    one.write(event("a"))
    assert one.journal.durability() == "journal, synced"
    assert len(one.deliver("north")) == 1


def test_a_body_of_several_lines_is_one_record(program) -> None:
    """JSON that somebody has laid out for reading is written on one line, and sent so."""
    one = program()
    one.write(Envelope(b'{\n "a": 1\n}', "job:n/j"))
    assert [json.loads(sent.body) for sent in one.deliver("north")] == [{"a": 1}]


def test_memory_stays_the_same_whatever_waits(program, monkeypatch) -> None:
    """Only a window of what is owed is in memory."""
    one = program()
    one.write(*(event(str(run), "COMPLETE", 2000) for run in range(5000)))
    queue = one.queues[DESTINATIONS[0]]
    assert queue.take(1, 10**6)
    assert len(queue) == 5000
    assert queue._lanes.bytes < 3 * 1024 * 1024
    assert len(delivered(one.queues[DESTINATIONS[1]])) == 5000
