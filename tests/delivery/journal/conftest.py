"""Journals with two destinations, and what reads and delivers them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_kit.delivery.aside.damage import Damage
from lineage_kit.delivery.journal.queue import JournalQueue
from lineage_kit.delivery.journal.writing.quota import Quota
from lineage_kit.delivery.journal.writing.writer import Journal
from lineage_kit.delivery.recovery.adopted import Adopted, adopt
from lineage_kit.delivery.waiting.queue import Ruling
from lineage_kit.event.envelope import Envelope

DESTINATIONS = ("north", "south")


class Program:
    """One process lifetime: a journal and a queue for each destination."""

    def __init__(
        self, root: Path, *, most: int = 1 << 30, sync: Any = "never", memory: int = 1 << 20
    ) -> None:
        self.journal = Journal(
            str(root), dict.fromkeys(DESTINATIONS, "somewhere"), Quota(str(root), most), memory, sync
        )
        self.queues = {
            one: JournalQueue(self.journal, one, Damage(str(root)), self.journal.overflow.gives_back)
            for one in DESTINATIONS
        }
        self.journal.overflow.queues = tuple(self.queues.values())

    def write(self, *envelopes: Envelope) -> None:
        """All are taken."""
        for envelope in envelopes:
            assert self.journal.append(envelope) is None

    def deliver(self, to: str = "", most: int = 10**9) -> list[Envelope]:
        """What one destination takes, or both; gives back what was delivered last."""
        sent: list[Envelope] = []
        for one in (to,) if to else DESTINATIONS:
            sent = delivered(self.queues[one], most)
        return sent

    def die(self) -> None:
        """As SIGKILL does: descriptors are closed, and nothing else happens."""
        self.journal.drop_inherited()


def delivered(queue: JournalQueue, most: int = 10**9) -> list[Envelope]:
    """Take and settle up to `most` events, one after another."""
    sent: list[Envelope] = []
    while len(sent) < most and (entries := queue.take(1, 10**9)):
        sent += [entry.envelope for entry in entries]
        assert queue.settle(entries, Ruling.DELIVERED) == 1
    return sent


def event(run: str, state: str = "START", size: int = 0, hour: int = 10) -> Envelope:
    """An event that can be made an end of."""
    body = (
        f'{{"eventType":"{state}","eventTime":"2026-11-22T{hour}:00:00Z","run":{{"runId":"{run}"}},'
        f'"job":{{"namespace":"n","name":"j"}},"producer":"https://example.com","pad":"{"x" * size}"}}'
    )
    return Envelope(body.encode(), "run:n/j", run, state)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the journal is."""
    return tmp_path / "state" / "journal"


@pytest.fixture
def program(root: Path) -> Iterator[Callable[..., Program]]:
    """Makes programs that are dead when the test is over."""
    made: list[Program] = []

    def make(**options: Any) -> Program:
        made.append(Program(root, **options))
        return made[-1]

    yield make
    for one in made:
        one.die()


@pytest.fixture
def adopted(root: Path) -> Callable[..., list[Adopted]]:
    """Adopts all that are dead, oldest first."""

    def take(on_crash: Any = "abort") -> list[Adopted]:
        found = [adopt(str(home)) for home in sorted(root.iterdir()) if (home / "lock").exists()]
        orphans = [one for one in found if one is not None]
        for one in orphans:
            assert one.count(on_crash)
        return orphans

    return take
