"""What the dead have left is delivered, and each of their open runs gets one end."""

import json
import os
import signal
from pathlib import Path

import pytest

from lineage_kit.delivery.aside import ledger
from lineage_kit.delivery.journal import places
from lineage_kit.delivery.journal.segment import LONGEST_LINE
from lineage_kit.delivery.recovery.adopted import adopt
from lineage_kit.delivery.recovery.last_words import last_words
from lineage_kit.event.decoding import decode
from lineage_kit.event.envelope import Envelope
from tests.delivery.journal.conftest import DESTINATIONS, delivered, event


def test_the_living_are_not_adopted(program, root: Path) -> None:
    """A lock tells, and it is held by this very process."""
    program().write(event("a"))
    (home,) = root.iterdir()
    assert adopt(str(home)) is None


def test_who_is_stopped_lives(root: Path, program) -> None:
    """A process that does nothing, for however long, keeps what is its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        program().write(event("a"))
        os.write(writer, b".")
        signal.pause()
    assert os.read(reader, 1) == b"."
    os.kill(child, signal.SIGSTOP)
    (home,) = root.iterdir()
    try:
        assert adopt(str(home)) is None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    orphan = adopt(str(home))
    assert orphan is not None
    orphan.abandon()


def test_what_is_owed_is_delivered_and_open_runs_are_ended(program, adopted, root: Path) -> None:
    """Each destination gets what it has no verdict on, then one ABORT for each run that was open."""
    one = program()
    one.write(event("done"), event("open"), event("done", "COMPLETE"))
    one.deliver("north", 2)
    one.die()
    (orphan,) = adopted()
    north, south = (delivered(orphan.queue(to)) for to in DESTINATIONS)
    assert [(sent.run_id, sent.state) for sent in north] == [("done", "COMPLETE"), ("open", "ABORT")]
    assert [(sent.run_id, sent.state) for sent in south] == [
        ("done", "START"), ("open", "START"), ("done", "COMPLETE"), ("open", "ABORT"),
    ]  # fmt: skip
    assert north[-1].body == south[-1].body
    orphan.let_go()
    assert list(root.iterdir()) == []


def test_the_end_of_a_dead_run_says_who_died_and_when(program, adopted) -> None:
    """It has everything the last event had, another state, and an error message; it is a valid event."""
    one = program()
    one.write(event("a"))
    one.die()
    (orphan,) = adopted()
    end = delivered(orphan.queue("north"))[-1]
    told = json.loads(end.body)
    assert told["job"] == {"namespace": "n", "name": "j"}
    assert f"the process {os.getpid()} on " in told["run"]["facets"]["errorMessage"]["message"]
    assert told["eventTime"] > "2026-11-22T10:00:00Z"
    decode(end.body)
    orphan.abandon()


@pytest.mark.parametrize(("on_crash", "state"), [("abort", "ABORT"), ("fail", "FAIL"), ("none", "START")])
def test_how_runs_of_the_dead_end_can_be_chosen(program, adopted, on_crash: str, state: str) -> None:
    """abort, fail, or not at all."""
    one = program()
    one.write(event("a"))
    one.die()
    (orphan,) = adopted(on_crash)
    assert delivered(orphan.queue("north"))[-1].state == state
    orphan.abandon()


def test_an_end_is_the_same_whoever_makes_it_and_made_once(program, adopted) -> None:
    """Whoever adopts is killed in the middle: the next sends the same bytes, and no second end."""
    one = program()
    one.write(event("a"), event("b"))
    one.die()
    (first,) = adopted()
    sent = delivered(first.queue("north"))
    first.drop()
    (second,) = adopted()
    assert delivered(second.queue("north")) == []
    assert delivered(second.queue("south")) == sent
    second.let_go()


def test_who_ended_in_good_order_has_no_open_runs(program, adopted) -> None:
    """A run begun by hand may be ended by another process."""
    one = program()
    one.write(event("a"))
    one.journal.forget_runs()
    one.journal.end()
    (orphan,) = adopted()
    assert [sent.state for sent in delivered(orphan.queue("north"))] == ["START"]
    orphan.abandon()


def test_a_journal_with_open_runs_is_not_let_go_of(program, adopted, root: Path) -> None:
    """What begins after the program has ended its runs ends in the same folder, or is one of the dead's."""
    one = program()
    one.journal.forget_runs()
    one.write(event("late"))
    one.journal.end()
    (home,) = root.iterdir()
    assert adopt(str(home)) is None
    one.write(event("late", "COMPLETE"))
    one.journal.end()
    (orphan,) = adopted()
    assert [sent.state for sent in delivered(orphan.queue("north"))] == ["START", "COMPLETE"]
    orphan.abandon()


def test_runs_that_began_elsewhere_are_not_ended(program, adopted) -> None:
    """A worker that tells of a run of its parent's has no say in its end."""
    one = program()
    one.write(event("of my parent", "RUNNING"), event("mine"), event("mine", "RUNNING"))
    one.die()
    (orphan,) = adopted()
    ends = [sent.run_id for sent in delivered(orphan.queue("north")) if sent.state == "ABORT"]
    assert ends == ["mine"]
    orphan.abandon()


def test_an_end_that_could_not_be_written_is_no_missing_end(program, adopted) -> None:
    """It was in memory while the disk was full, and delivered: once the disk takes lines again that is written down."""
    one = program()
    one.write(event("a"), event("b"))
    one.journal._off_until = float("inf")
    one.write(event("a", "COMPLETE"))
    one.journal._off_until = 0.0
    one.deliver()
    one.write(event("c"))
    one.die()
    (orphan,) = adopted()
    ends = [sent.run_id for sent in delivered(orphan.queue("north")) if sent.state == "ABORT"]
    assert ends == ["b", "c"]
    orphan.abandon()


def test_damage_costs_the_damaged_record(program, adopted, root: Path) -> None:
    """Bad records are passed over, counted and entered in the ledger; a torn tail is no record at all."""
    one = program()
    one.write(*(event(str(run), "COMPLETE", 50) for run in range(3)))
    one.die()
    (segment,) = root.glob("*/0*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"xxxx", b"xxxy", 1)
    segment.write_bytes(b"".join([*lines[:2], b"garbage\n", lines[2], lines[0][:40]]))
    (orphan,) = adopted()
    assert [sent.run_id for sent in delivered(orphan.queue("north"))] == ["0", "2"]
    assert orphan.damaged == 2
    assert [(loss.reason, loss.to) for loss in ledger.losses(str(root))] == [("damaged", "north")] * 2
    orphan.abandon()


@pytest.mark.parametrize("ack", [b"000001 1-9", b"garbage\n", b"000001 2-1 delivered\n", b"9" * 5000 + b"\n"])
def test_verdicts_that_cannot_be_read_mean_a_duplicate_never_a_loss(
    program, adopted, root: Path, ack
) -> None:
    """Torn, senseless or endless lines count for nothing, or for the one line they name."""
    one = program()
    one.write(event("a", "COMPLETE"), event("b", "COMPLETE"), event("c", "COMPLETE"))
    one.die()
    (path,) = root.glob("*/north.ack")
    path.write_bytes(ack)
    (orphan,) = adopted()
    assert [sent.run_id for sent in delivered(orphan.queue("north"))][-1] == "c"
    assert len(delivered(orphan.queue("south"))) == 3
    orphan.abandon()


def test_another_version_is_left_untouched(program, root: Path) -> None:
    """Whoever wrote it will know what to do with it."""
    one = program()
    one.write(event("a"))
    one.die()
    (meta,) = root.glob("*/meta.json")
    meta.write_text('{"version": 99}')
    assert adopt(str(meta.parent)) is None
    assert meta.exists()


def test_what_is_known_of_a_process_may_be_damaged(program, adopted, root: Path) -> None:
    """Without meta.json, or without verdicts, everything that is owed is delivered all the same."""
    for name in ("meta.json", "north.ack"):
        one = program()
        one.write(event("a", "COMPLETE"))
        one.die()
        (path,) = root.glob(f"*/{name}")
        path.unlink()
        (orphan,) = adopted()
        assert [len(delivered(orphan.queue(to))) for to in DESTINATIONS] == [1, 1]
        orphan.let_go()


def test_an_endless_line_costs_itself(program, adopted, root: Path) -> None:
    """Megabytes without a newline are one damaged record; what stands behind them is delivered."""
    one = program()
    one.write(event("a", "COMPLETE"))
    one.die()
    (segment,) = root.glob("*/0*.jsonl")
    segment.write_bytes(b"x" * (LONGEST_LINE + 5000) + b"\n" + segment.read_bytes())
    (orphan,) = adopted()
    assert [sent.run_id for sent in delivered(orphan.queue("north"))] == ["a"]
    assert orphan.damaged == 1
    orphan.abandon()


def test_a_lock_that_somebody_removed_is_made_again_when_nobody_can_live(
    program, adopted, root: Path
) -> None:
    """Not while there are signs of life; a folder with events is never taken for rubbish."""
    one = program()
    one.write(event("a", "COMPLETE"))
    one.die()
    (home,) = root.iterdir()
    (home / "lock").unlink()
    assert adopt(str(home)) is None
    for path in [home, *home.iterdir()]:
        os.utime(path, (1, 1))
    os.utime(home, (1, 1))
    assert places.is_whole(str(home))
    orphan = adopt(str(home))
    assert orphan is not None
    assert orphan.count("abort")
    assert len(delivered(orphan.queue("north"))) == 1
    orphan.abandon()


def test_links_and_pipes_in_the_place_of_files_are_not_followed(
    program, adopted, root: Path, tmp_path: Path
) -> None:
    """Verdicts behind a link, and a pipe that would wait for somebody, count for nothing."""
    one = program()
    one.write(event("a", "COMPLETE"))
    one.die()
    (home,) = root.iterdir()
    (tmp_path / "elsewhere").write_text("000001 1 delivered\n")
    (home / "north.ack").unlink()
    (home / "north.ack").symlink_to(tmp_path / "elsewhere")
    (home / "south.ack").unlink()
    os.mkfifo(home / "south.ack")
    (orphan,) = adopted()
    assert (orphan.owed("north"), orphan.owed("south")) == (1, 1)
    orphan.abandon()


def test_a_segment_that_cannot_be_read_stays(program, adopted, root: Path) -> None:
    """The others are delivered; the folder is not removed."""
    one = program()
    one.write(event("a", "COMPLETE"))
    one.die()
    (home,) = root.iterdir()
    (home / "000009.jsonl").symlink_to("nowhere")
    (orphan,) = adopted()
    assert [len(delivered(orphan.queue(to))) for to in DESTINATIONS] == [1, 1]
    orphan.let_go()
    assert home.exists()


def test_folders_that_died_young_are_known(root: Path) -> None:
    """One without a segment is not whole, and nothing else is taken for a folder of ours."""
    root.mkdir(parents=True)
    young = root / "0196ed52-e0d8-7f0d-9d3f-1f8b7e1c2a55"
    young.mkdir()
    (young / "lock").touch()
    (root / "quarantine").mkdir()
    (root / "notes").mkdir()
    assert list(places.homes(str(root))) == [str(young)]
    assert not places.is_whole(str(young))


def test_last_words_never_go_back_in_time() -> None:
    """The end of a run is not before its last event, whatever clock that was told by."""
    last = event("a", hour=23)
    end = last_words(last, "abort", 0.0, "it")
    assert end is not None
    assert json.loads(end.body)["eventTime"] == "2026-11-22T23:00:00Z"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"run": 5}', b'{"eventTime": 7}', b"\xff"])
def test_what_is_no_event_has_no_last_words(body: bytes) -> None:
    """A record that somebody else has written ends no run."""
    assert last_words(Envelope(body, "run:n/j", "a", "START"), "abort", 0.0, "it") is None
