"""Random faults against a background delivery, then the books: ``python -m tests.delivery.stress [SECONDS [SEED]]``.

Threads submit runs while a transport fails in every way it can, pauses and hangs for a moment; others flush, ask for
the status and fork. In the end the destination gets well, the delivery is closed, and everything must add up.
"""

import os
import random
import sys
import threading
import time
import warnings
from collections import Counter

from lineage_kit.delivery import BackgroundDelivery, RetryPolicy
from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, Unreachable
from lineage_kit.event.envelope import Envelope
from tests.delivery.stand_ins import PATIENCE, Recorder, event, in_order, total

FAULTS = [
    Unreachable("refused"),
    Unreachable("500", status=500),
    Unreachable("503", status=503, retry_after=0.001),
    Rejected("400", status=400),
    TooLarge("413", status=413),
    BrokenDestination("404", status=404),
    ValueError("a mistake"),
    SystemExit(1),
    KeyboardInterrupt(),
]


class Weather:
    """How the destination answers: fine, or with some share of faults, changing as it pleases."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.bad = 0.0

    def __call__(self, envelope: Envelope) -> None:
        if self._chance.random() < 0.01:
            self.bad = self._chance.choice([0.0, 0.0, 0.1, 0.5, 0.95])
        if self._chance.random() < 0.02:
            time.sleep(self._chance.random() / 200)  # sleep: a slow answer
        if self._chance.random() < self.bad:
            raise self._chance.choice(FAULTS)


class Submitter(threading.Thread):
    """Submits runs of random length and size, remembering what was taken."""

    def __init__(self, number: int, seed: int, delivery: BackgroundDelivery, until: float) -> None:
        super().__init__()
        self._number, self._delivery, self._until = number, delivery, until
        self._chance = random.Random(seed * 1000 + number)
        self.submitted = 0
        self.taken: Counter[str] = Counter()
        self.torn: list[str] = []

    def run(self) -> None:
        while time.monotonic() < self._until:
            self._one_run(f"{self._number}-{self.submitted}")
            if self._chance.random() < 0.05:
                time.sleep(self._chance.random() / 100)  # sleep: work between runs

    def _one_run(self, name: str) -> None:
        answers = {}
        for state in ("START", *["RUNNING"] * self._chance.randrange(3), "COMPLETE"):
            self.submitted += 1
            answers[state] = self._delivery.submit(event(name, state, self._chance.choice([10, 300])))
        if answers["START"] != answers["COMPLETE"]:
            self.torn.append(name)


def _disturb(delivery: BackgroundDelivery, chance: random.Random, *, forks: bool) -> None:
    what = chance.randrange(4)
    if what == 0:
        delivery.flush(chance.random() / 50)
    elif what == 1:
        delivery.status()
    elif what == 2 and forks and hasattr(os, "fork"):
        _fork(delivery)
    time.sleep(chance.random() / 100)  # sleep: a random moment


def _fork(delivery: BackgroundDelivery) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads submit: Python 3.12 is right to warn
        pid = os.fork()
    if pid == 0:
        status = delivery.status()[0]
        os._exit(0 if total(status) == 0 and delivery.submit(event("child")) else 1)
    assert os.waitpid(pid, 0)[1] == 0, "a child found something of its parent's"


def stress(seconds: float, seed: int, *, forks: bool = True) -> str:
    """One round; what was seen, in a line. Raises AssertionError when the books do not balance."""
    chance = random.Random(seed)
    weather = Weather(random.Random(seed + 1))
    wire = Recorder(weather)
    limit = chance.choice([20_000, 200_000, 16 * 1024 * 1024])
    retry = RetryPolicy(total=3, factor=0.001, longest=0.01)
    delivery = BackgroundDelivery(wire, "stressed", limit=limit, retry=retry)
    until = time.monotonic() + seconds
    submitters = [Submitter(number, seed, delivery, until) for number in range(4)]
    for submitter in submitters:
        submitter.start()
    while time.monotonic() < until:
        _disturb(delivery, chance, forks=forks)
    for submitter in submitters:
        submitter.join()
    wire.answer = lambda envelope: None
    assert delivery.close(PATIENCE), delivery.status()
    status = delivery.status()[0]
    submitted = sum(submitter.submitted for submitter in submitters)
    assert status.owed == 0
    assert submitted == total(status), (submitted, status)
    assert len(wire.sent) == status.delivered
    assert max(Counter(id(one) for one in wire.sent).values(), default=1) == 1, "an event was delivered twice"
    assert in_order(wire.sent)
    assert wire.most_at_once <= 1
    assert not any(submitter.torn for submitter in submitters), "a run was taken in part"
    return f"seed {seed}: {submitted} submitted, {status.delivered} delivered, dropped {status.dropped}"


def main(seconds: float, seed: int) -> None:
    """Rounds of two seconds until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        print(stress(2.0, seed), flush=True)
        seed += 1


if __name__ == "__main__":
    given = [*sys.argv[1:], *["60", "1"][len(sys.argv) - 1 :]]
    main(float(given[0]), int(given[1]))
