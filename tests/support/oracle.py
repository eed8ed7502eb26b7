"""The conservation oracle: what programs say was accepted, against what backends took and what is still on disk.

Every accepted event must be, at the end, delivered with its very bytes, owed in the journal, or in quarantine; the
first deliveries of a run keep their order; a run whose process died while it was open gets one ABORT, the same
everywhere, and no other run gets one. The journal is read here by a reader of its own: it shares no code with the
package, so that both can be wrong only independently.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

PROGRAM = Path(__file__).with_name("oracle_server.py")
SEAM = b',"event":'
TERMINAL = frozenset({"COMPLETE", "FAIL", "ABORT"})
KEPT, IN_MEMORY, REFUSED = "kept", "memory", "refused"
CLEAN, DEAD, UNCLEAR = "clean", "dead", "unclear"
"""How a process ended: in good order; without a chance to say so; somewhere in between."""


@dataclass(frozen=True)
class Told:
    """An event that a program says it handed over, and how that was taken: kept, in memory only, or refused."""

    pid: int
    run: str
    state: str
    digest: str
    how: str


@dataclass(frozen=True)
class Taken:
    """An event that a backend took, or that lies in quarantine. words: it is what recovery says of a dead run."""

    digest: str
    run: str
    state: str
    words: bool
    body: bytes = b""


class Backend:
    """A recording server in a process of its own; see `oracle_server`. `book`: the file it writes to."""

    def __init__(self, book: Path, *, batches: bool = False, bodies: bool = True, seed: int = 0) -> None:
        self.book = book
        flags = [*(["--batches"] if batches else []), *(["--bodies"] if bodies else []), "--seed", str(seed)]
        self._options = [str(book), *flags]
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self._reply()["port"]
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def tell(self, **command: Any) -> dict[str, int]:
        """``up``, ``faults`` (a share of requests), ``poison``, ``clear``; the answer has ``taken``, ``unreadable``."""
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def taken(self) -> Iterator[Taken]:
        """Every event that was taken so far, in that order, those that came twice twice."""
        self.tell()
        with self.book.open("rb") as lines:
            yield from map(_taken, lines)

    def _reply(self) -> dict[str, int]:
        line = self._process.stdout.readline()
        assert line, "the backend has ended"
        return json.loads(line)


def _taken(line: bytes) -> Taken:
    digest, run, state, words, *body = line.rstrip(b"\n").split(b" ", 4)
    return Taken(digest.decode(), run.decode(), state.decode(), words == b"1", b"".join(body))


def digest_of(body: bytes) -> str:
    """What an event is called in the books."""
    return blake2b(body, digest_size=16).hexdigest()


def quarantined(journal: Path, destination: str) -> list[Taken]:
    """The events that are set aside for a destination."""
    found = []
    for path in sorted((journal / "quarantine" / destination).glob("*.json")):
        body = path.read_bytes().partition(SEAM)[2].removesuffix(b"\n").removesuffix(b"}")
        event = json.loads(body)
        run, state = event.get("run", {}).get("runId", "-"), event.get("eventType", "-")
        words = b"died while the run was open" in body
        found.append(Taken(digest_of(body), run, state, words, body))
    return found


def owed(journal: Path, destination: str) -> set[str]:
    """Digests of the events in the journal that have no verdict of a destination yet."""
    found: set[str] = set()
    for home in homes(journal):
        try:
            found |= _owed_of(home, destination)
        except FileNotFoundError:  # it goes while we look: nothing was owed any more
            continue
    return found


def _owed_of(home: Path, destination: str) -> set[str]:
    acknowledged = _acknowledged(home / f"{destination}.ack")
    return {
        digest_of(body)
        for name in sorted(os.listdir(home))
        if name.endswith(".jsonl")
        for number, body in _bodies(home / name)
        if (int(name.removesuffix(".jsonl")), number) not in acknowledged
    }


def written_off(journal: Path) -> int:
    """How many events the ledger says were given up."""
    path = journal / "ledger.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return sum(json.loads(line).get("events", 1) for line in lines)


def homes(journal: Path) -> list[Path]:
    """The folders of incarnations that are there."""
    names = sorted(os.listdir(journal)) if journal.exists() else []
    return [journal / name for name in names if (journal / name / "lock").exists()]


def with_events(journal: Path) -> set[str]:
    """Which of them have events, whether or not they are owed to anybody."""
    found = set()
    for home in homes(journal):
        try:
            found |= {home.name for name in os.listdir(home) if name.endswith(".jsonl")}
        except FileNotFoundError:  # removed by whoever recovered it
            pass
    return found


def _bodies(segment: Path) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(segment.read_bytes().split(b"\n")[:-1], 1):
        head, seam, body = line.partition(SEAM)
        if seam and b'"carried":true' not in head:
            yield number, body.removesuffix(b"}")


def _acknowledged(path: Path) -> set[tuple[int, int]]:
    if not path.exists():
        return set()
    ranges = re.findall(rb"^(\d+) (\d+)(?:-(\d+))? [a-z]+\n", path.read_bytes(), re.MULTILINE)
    return {(int(one), line) for one, a, b in ranges for line in range(int(a), int(b or a) + 1)}


@dataclass
class Place:
    """What is known of one destination at the end."""

    name: str
    taken: list[Taken]
    aside: list[Taken] = field(default_factory=list)
    owed: set[str] = field(default_factory=set)


@dataclass
class Judgement:
    """The books of one round: counts, and in words whatever does not add up."""

    accepted: int = 0
    memory: int = 0
    refused: int = 0
    delivered: int = 0
    duplicates: int = 0
    quarantined: int = 0
    owed: int = 0
    aborted: int = 0
    untold: int = 0
    lost_in_memory: int = 0
    lost: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Judgement) -> None:
        """The sums of both."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def judge(told: Iterable[Told], ends: dict[int, str], places: list[Place], *, exact: set[int]) -> Judgement:
    """Balance the books. told: in the order in which each program said it. ends: pid → how it ended.

    exact: programs whose disk was sound, so that nothing of theirs was ever in memory alone.
    """
    known = list({one.digest: one for one in told}.values())
    found = Judgement(
        accepted=sum(one.how == KEPT for one in known),
        memory=sum(one.how == IN_MEMORY for one in known),
        refused=sum(one.how == REFUSED for one in known),
    )
    by_digest = {one.digest: (order, one) for order, one in enumerate(known)}
    for place in places:
        _balance(found, place, known)
        _check_order(found, place, by_digest)
        _check_untold(found, place, by_digest)
    _check_ends(found, known, ends, places, exact)
    return found


def _balance(found: Judgement, place: Place, known: list[Told]) -> None:
    taken = {one.digest for one in place.taken}
    aside = {one.digest for one in place.aside}
    found.delivered += len(taken)
    found.duplicates += len(place.taken) - len(taken)
    found.quarantined += len(aside)
    found.owed += len(place.owed)
    there = taken | aside | place.owed
    for one in known:
        if one.digest in there or one.how == REFUSED:
            continue
        if one.how == IN_MEMORY:
            found.lost_in_memory += 1
        else:
            found.lost += 1
            found.problems.append(f"LOST at {place.name}: {one}")


def _firsts(records: list[Taken]) -> dict[str, list[Taken]]:
    """Run → its events in the order of their first delivery."""
    seen: set[str] = set()
    runs: dict[str, list[Taken]] = defaultdict(list)
    for one in records:
        if one.digest not in seen:
            seen.add(one.digest)
            runs[one.run].append(one)
    runs.pop("-", None)
    return runs


def _check_order(found: Judgement, place: Place, by_digest: dict[str, tuple[int, Told]]) -> None:
    """START first, the others as they were told, what recovery adds last."""

    def rank(one: Taken) -> tuple[int, int]:
        if one.words:
            return 3, 0
        if one.state == "START":
            return 0, 0
        known = by_digest.get(one.digest)
        return (1, known[0]) if known else (2, 0)

    for run, events in _firsts(place.taken).items():
        ranks = [rank(one) for one in events]
        if ranks != sorted(ranks):
            found.problems.append(
                f"OUT OF ORDER at {place.name}: {run} came as {' '.join(one.state for one in events)}"
            )


def _check_untold(found: Judgement, place: Place, by_digest: dict[str, tuple[int, Told]]) -> None:
    """A program killed between writing and telling has one event more than it told; nothing else may appear."""
    for run, events in _firsts([*place.taken, *place.aside]).items():
        untold = [one for one in events if not one.words and one.digest not in by_digest]
        found.untold += len(untold)
        if len(untold) > 1 or sum(one.state == "START" for one in events) > 1:
            found.problems.append(
                f"OTHER BYTES at {place.name}: {run} has events that nobody told of: {untold}"
            )


def _check_ends(
    found: Judgement, known: list[Told], ends: dict[int, str], places: list[Place], exact: set[int]
) -> None:
    """One ABORT for each run that was open when its process died, none for others."""
    runs: dict[str, list[Told]] = defaultdict(list)
    for one in known:
        if one.run != "-":
            runs[one.run].append(one)
    everywhere = [
        _firsts([*place.taken, *place.aside, *(_owed_events(place.owed, known))]) for place in places
    ]
    words = {
        run: [{one.digest for one in place.get(run, ()) if one.words} for place in everywhere]
        for run in {run for place in everywhere for run in place}
    }
    found.aborted = sum(any(at) for at in words.values())
    for run, at in words.items():
        if len(set().union(*at)) > 1:
            found.problems.append(f"TWO ENDS: {run} was ended more than once, or differently: {at}")
        states = {one.state for place in everywhere for one in place.get(run, ()) if not one.words}
        events = runs.get(run, [])
        ended = any(one.state in TERMINAL and one.how == KEPT for one in events)
        sound = events[0].pid in exact if events else exact.issuperset(ends)
        if any(at) and (ended or (states & TERMINAL and sound)):
            found.problems.append(f"ENDED TWICE: {run} had ended, and was ended by recovery: {events}")
        if events and not ended:
            _check_open(found, run, events, ends, at, states, exact)


def _check_open(
    found: Judgement,
    run: str,
    events: list[Told],
    ends: dict[int, str],
    at: list[set[str]],
    states: set[str],
    exact: set[int],
) -> None:
    """A run that its program never ended, as far as it told."""
    pid = events[0].pid
    end = ends.get(pid, UNCLEAR)
    if end == CLEAN and any(at):
        found.problems.append(f"ABORT OF THE LIVING: {run} of {pid}, which ended in good order")
    is_open = all(one.how == KEPT for one in events) and not states & TERMINAL
    if end == DEAD and pid in exact and is_open and not all(at):
        found.problems.append(
            f"NO END: {run} of {pid}, which died, has no ABORT at every destination: {events}"
        )


def _owed_events(digests: set[str], known: list[Told]) -> Iterator[Taken]:
    return (Taken(one.digest, one.run, one.state, words=False) for one in known if one.digest in digests)
