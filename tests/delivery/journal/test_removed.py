"""A journal whose folder somebody removes: that is noticed, and what comes afterwards outlives the process again."""

import shutil
import time
from pathlib import Path

import pytest

from lineage_kit.delivery.journal.writing.own_segment import TRUSTED, OwnSegment
from lineage_kit.delivery.journaled import JournaledDelivery, JournalOptions, Wire
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.event.envelope import Envelope
from tests.delivery.stand_ins import PATIENCE, Outage, Recorder
from tests.support.oracle import digest_of, homes, owed


def test_a_removed_segment_is_not_writable_however_often_one_asks(tmp_path: Path) -> None:
    """That it was asked a moment ago makes no difference."""
    segment = OwnSegment(str(tmp_path), 1)
    segment.put(b"line\n")
    Path(segment.path).unlink()
    time.sleep(2 * TRUSTED)  # sleep: for so long a file is taken to be where it was
    assert [segment.is_writable() for _ in range(3)] == [False] * 3
    segment.seal()


@pytest.mark.parametrize("more", [0, 10])
def test_events_after_a_removal_are_on_disk_and_arrive(tmp_path: Path, more: int) -> None:
    """In a folder of their own, also where some went into the removed file just before."""
    outage = Outage()
    wire = Recorder(outage)
    policy = RetryPolicy(factor=0.01, longest=0.01)
    delivery = JournaledDelivery(
        [Wire("wire", wire, policy)], JournalOptions(root=str(tmp_path / "state" / "journal"))
    )
    before = [Envelope(b'{"before":%d}' % number, "k", f"b{number}", "START") for number in range(10 + more)]
    after = [Envelope(b'{"after":%d}' % number, "k", f"a{number}", "START") for number in range(2)]
    for one in before[:10]:
        delivery.submit(one)
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    for one in before[10:]:
        delivery.submit(one)
    time.sleep(2 * TRUSTED)  # sleep: for so long a file is taken to be where it was
    for one in after:
        delivery.submit(one)
    journal = tmp_path / "state" / "journal"
    [home] = [one for one in homes(journal) if list(one.glob("*.jsonl"))]
    assert {digest_of(one.body) for one in after} <= owed(journal, next(home.glob("*.ack")).stem)
    outage.over()
    assert delivery.flush(PATIENCE)
    assert {one.body for one in after} <= {one.body for one in wire.sent}
    delivery.close(PATIENCE)
