"""The short form of ``make crash``: some dozens of programs killed, and then the books."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.herd import Herd, Plan, can_trace
from tests.crash.kills import Round, books, programme
from tests.support.oracle import Backend, with_events

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked")

CALLS = ("mkdir", "openat", "write", "flock", "rename", "unlink", "rmdir", "close")
MOST_CALLS = {"openat": 12, "write": 12, "close": 8, "unlink": 8}


@pytest.fixture
def backends(tmp_path: Path) -> Iterator[list[Backend]]:
    """Two backends: one that takes batches and one that does not."""
    with Backend(tmp_path / "book0") as first, Backend(tmp_path / "book1", batches=True) as second:
        yield [first, second]


@pytest.fixture
def herd(tmp_path: Path) -> Iterator[Herd]:
    """Who starts victims and listens to them."""
    with Herd(tmp_path) as herd:
        yield herd


def test_killed_programs_lose_nothing_that_was_accepted(tmp_path: Path) -> None:
    """Whatever kills programs and whenever: what was accepted arrives, in order, and open runs are ended once."""
    seed = random.randrange(10**6)
    totals = programme(20, seed, time.monotonic() + 60, tmp_path)
    assert not totals.books.problems, "\n".join([f"seed {seed}", *totals.books.problems])
    assert totals.books.lost == 0
    assert totals.books.accepted > 0


def test_a_kill_at_any_call_to_the_system_loses_nothing(herd: Herd, backends: list[Backend]) -> None:
    """A program that dies at its n-th call of each kind that the journal makes leaves nothing behind that is lost."""
    if not can_trace():
        pytest.skip("strace is not here, or may not trace")
    one = Round(herd, backends, "calls", traces=True)
    order = one.order_of("walk", {"MODE": "direct", "EXIT_TIMEOUT": "1"}) | {"segment_bytes": 1500}
    counted = [(call, number) for call in CALLS for number in range(1, MOST_CALLS.get(call, 2) + 1)]
    one.kill(
        [Plan(call, order, inject=f"{call}:signal=KILL:when={number}") for call, number in counted],
        changing=False,
    )
    killed = {victim.plan.kind for victim in one.victims if victim.status != 0}
    assert killed >= {"mkdir", "openat", "write", "flock", "rename", "close"}
    assert one.recover(), with_events(one.journal)
    found = books(one, backends)
    assert not found.problems, "\n".join(found.problems)
