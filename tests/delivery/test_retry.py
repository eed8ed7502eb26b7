"""When an event is tried again, and for how long a destination is left alone."""

import random

import pytest

from lineage_kit.delivery.retry import LONGEST_RETRY_AFTER, Pace, RetryPolicy, Verdict, judge, own_chance
from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, TransportError, Unreachable


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _pace(policy: RetryPolicy, chance: float = 0.5) -> "tuple[Pace, Clock]":
    clock = Clock()
    return Pace(policy, clock=clock, chance=lambda: chance), clock


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Unreachable("refused"), Verdict.RETRY),
        (Rejected("malformed"), Verdict.REJECTED),
        (TooLarge("1 MB"), Verdict.REJECTED),
        (BrokenDestination("404"), Verdict.BROKEN),
        (TransportError("something"), Verdict.RETRY),
        (ValueError("a transport's own mistake"), Verdict.RETRY),
        (SystemExit(1), Verdict.RETRY),
    ],
)
def test_what_was_raised_decides_the_verdict(error: BaseException, verdict: Verdict) -> None:
    """Rejected events are never tried again, broken destinations are looked in on, all else is tried again."""
    assert judge(error) is verdict


def test_fast_tries_come_before_the_pause_grows() -> None:
    """The first `total` pauses stay within `factor`, then each may be twice as long as the one before."""
    policy = RetryPolicy(total=3, factor=0.5, longest=60.0)
    assert [policy.pause(failures, 1.0) for failures in range(1, 8)] == [0.5, 0.5, 0.5, 1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("failures", [20, 1000, 10**9])
def test_a_pause_has_a_bound(failures: int) -> None:
    """However often a destination failed, no pause of ours is longer than `longest`."""
    assert RetryPolicy(longest=60.0).pause(failures, 1.0) == 60.0


def test_chance_spreads_a_pause_over_its_whole_length() -> None:
    """Full jitter: many clients of one destination do not come back together."""
    policy = RetryPolicy(total=0, factor=1.0)
    assert policy.pause(3, 0.0) == 0.0
    assert policy.pause(3, 0.25) == 2.0


def test_a_factor_of_zero_does_not_hammer() -> None:
    """Without a factor the fast tries follow at once, but pauses still grow after them."""
    policy = RetryPolicy(total=2, factor=0.0)
    assert [policy.pause(failures, 1.0) for failures in (1, 2, 3, 10)] == [0.0, 0.0, 0.2, 25.6]


def test_the_next_try_is_due_when_the_pause_is_over() -> None:
    """After a failure the destination is left alone for the pause, and not a moment longer."""
    pace, clock = _pace(RetryPolicy(factor=2.0))
    assert pace.wait() == 0.0
    pace.failed(Unreachable("refused"))
    assert pace.wait() == 1.0
    clock.now += 1.0
    assert pace.wait() == 0.0


def test_an_answer_ends_all_pauses() -> None:
    """Once an event got through, the others follow at once, and failures count from one again."""
    pace, _ = _pace(RetryPolicy(total=1))
    for _ in range(9):
        pace.failed(Unreachable("refused"))
    assert pace.known_down
    pace.answered()
    assert (pace.wait(), pace.failures, pace.known_down) == (0.0, 0, False)


def test_a_destination_is_known_to_be_down_after_its_fast_tries() -> None:
    """One failed try does not make an outage; `total` and one more do."""
    pace, _ = _pace(RetryPolicy(total=2))
    seen = []
    for _ in range(3):
        pace.failed(Unreachable("refused"))
        seen.append(pace.known_down)
    assert seen == [False, False, True]


def test_a_destination_may_ask_to_be_left_alone() -> None:
    """Retry-After is honoured for the whole destination, whatever our own pause would be."""
    pace, _ = _pace(RetryPolicy())
    pace.failed(Unreachable("429", status=429, retry_after=42.0))
    assert pace.wait() == 42.0


@pytest.mark.parametrize(("asked", "waited"), [(86_400.0, LONGEST_RETRY_AFTER), (-5.0, 0.0)])
def test_what_a_destination_asks_for_has_bounds(asked: float, waited: float) -> None:
    """A day's Retry-After is cut to minutes, one in the past means now."""
    pace, _ = _pace(RetryPolicy())
    pace.failed(Unreachable("503", status=503, retry_after=asked))
    assert pace.wait() == waited


def test_a_broken_destination_is_looked_in_on_slowly() -> None:
    """A wrong address is not tried in quick succession; the first answer of that kind is enough to know."""
    pace, _ = _pace(RetryPolicy(longest=60.0), chance=0.0)
    pace.failed(BrokenDestination("404"))
    assert (pace.broken, pace.known_down, pace.wait()) == (True, True, 30.0)
    pace.failed(Unreachable("refused"))
    assert not pace.broken


def test_hurry_makes_the_next_try_due_and_may_shorten_all_pauses() -> None:
    """Flush asks for one try at once; a process that ends cannot afford long pauses."""
    pace, _ = _pace(RetryPolicy(factor=10.0))
    pace.failed(Unreachable("refused"))
    pace.hurry()
    assert pace.wait() == 0.0
    pace.failed(Unreachable("refused"))
    assert pace.wait() == 5.0
    pace.hurry(0.1)
    pace.failed(Unreachable("refused"))
    assert pace.wait() == pytest.approx(0.1)


def test_the_users_random_numbers_stay_his() -> None:
    """Jitter takes nothing from the seeded generator that a job's results may depend on."""
    random.seed(0)
    expected = random.random()
    random.seed(0)
    assert 0.0 <= own_chance() < 1.0
    assert random.random() == expected
