"""Real programs killed at random moments, then the books: ``python -m tests.crash.kills [--kills N] [--seed S] …``.

A round is a journal, two backends with changing weather, and some dozen programs that emit into it and are killed: by a
signal, by their own hand, or at the n-th of their system calls; the disks of some are full or broken. Later programs,
some of them killed too, recover what is left, in good weather. Then everything must add up, see `tests.support.oracle`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.herd import Herd, Plan, Victim, can_trace
from tests.support.oracle import (
    KEPT,
    Backend,
    Judgement,
    Place,
    homes,
    judge,
    owed,
    quarantined,
    with_events,
    written_off,
)
from tests.support.scripts import Folder

AT_ONCE = 4
A_ROUND = 24
RECOVERIES = 6
PROGRAMS = ("functions", "emits", "at_exit", "threads", "family", "long_run")
ERRORS = {
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "openat": ("ENOSPC", "EMFILE", "EACCES"),
    "mkdir": ("ENOSPC", "EROFS"),
    "flock": ("ENOLCK",),
    "unlink": ("EACCES", "EROFS"),
    "rename": ("EIO",),
    "truncate": ("EIO",),
    "fdatasync": ("EIO",),
    "read": ("EIO",),
    "close": ("EIO",),
}


@dataclass
class Totals:
    """What a whole programme has seen."""

    books: Judgement = field(default_factory=Judgement)
    killed: Counter[str] = field(default_factory=Counter)
    survived: Counter[str] = field(default_factory=Counter)
    in_recovery: int = 0
    litter: int = 0
    written_off: int = 0
    rounds: int = 0

    @property
    def kills(self) -> int:
        """Processes that died before their time."""
        return sum(self.killed.values()) + self.in_recovery


class Round:
    """One journal from its first event to the last verdict."""

    def __init__(self, herd: Herd, backends: list[Backend], seed: str, *, traces: bool) -> None:
        self._herd = herd
        self._backends = backends
        self._chance = random.Random(seed)
        self._traces = traces
        self.folder = Path(tempfile.mkdtemp(prefix="round-", dir=herd.folder))
        self._next_weather = 0.0
        self.victims: list[Victim] = []
        self.recoverers: list[Victim] = []

    @property
    def journal(self) -> Path:
        """Where the victims' journal is."""
        return self.folder / "state" / "journal"

    def kill(self, plans: list[Plan], *, changing: bool = True) -> None:
        """Victims die as planned, in changing weather or in good one."""
        meanwhile = self._change_weather if changing else lambda: None
        self.victims += self._herd.run(plans, AT_ONCE, meanwhile)

    def recover(self) -> bool:
        """Programs that come later, in good weather, until nothing is left; True when one got so far.

        Now and then one of the backends stays away for a while: the other has to get everything all the same.
        """
        for backend in self._backends:
            backend.tell(up=True, faults=0.0)
        if self._chance.random() < 0.4:
            self._backends[0].tell(up=False)
            order = self.order_of("recover_half", {"EXIT_TIMEOUT": "2"})
            order["awaited"] = self._backends[1].url
            self.recoverers += self._herd.run([Plan("recovery", order)], 1, lambda: None)
            self._backends[0].tell(up=True)
        for turn in range(RECOVERIES):
            plan = self._recovery(is_last=turn >= RECOVERIES - 2)
            self.recoverers += self._herd.run([plan], 1, lambda: None)
            if self.recoverers[-1].status == 0 and not with_events(self.journal):
                return True
        return False

    def plan(self) -> Plan:
        """A victim and its death."""
        chance = self._chance
        kinds = (
            ["moment"] * 5 + ["event"] * 4 + ["start", "exit", "exit", "suicide", "suicide", "full", "none"]
        )
        if self._traces:
            kinds += ["syscall"] * 5 + ["error"] * 3
        kind = chance.choice(kinds)
        order = self._order(chance.choice(PROGRAMS))
        group = chance.random() < 0.5
        if kind == "moment":
            return Plan(kind, order, "start", chance.random() * order["runs"] * order["pace"] * 1.2, group)
        if kind == "start":
            return Plan(kind, order, "start", chance.random() * 0.01, group)
        if kind == "event":
            return Plan(kind, order, chance.randrange(1, 3 * order["runs"]), chance.random() * 0.01, group)
        if kind == "exit":
            return Plan(kind, order, "leaving", chance.random() * chance.choice([0.02, 0.4]), group)
        if kind == "suicide":
            how = chance.choice(["kill", "abort", "segfault", "_exit", "exec"])
            return Plan(f"{kind} {how}", order | {"suicide": [how, chance.randrange(1, 2 * order["runs"])]})
        return self._plan_on_bad_disk(kind, order, group)

    def _plan_on_bad_disk(self, kind: str, order: dict[str, object], group: bool) -> Plan:
        chance = self._chance
        at_a_moment = {"after": "start", "delay": chance.random() * 0.5, "group": group}
        if kind == "syscall":
            call = chance.choice(["write", "write", "openat", "close", "unlink", "flock", "mkdir", "rename"])
            most = {"write": 120, "openat": 60, "close": 60, "unlink": 12}.get(call, 2)
            call = "write,openat,close,unlink,flock,mkdir,rename" if chance.random() < 0.4 else call
            return Plan(kind, order, inject=f"{call}:signal=KILL:when={chance.randint(1, most)}")
        if kind == "error":
            call = chance.choice(list(ERRORS))
            first = chance.randint(1, 60 if call in ("write", "openat", "close", "read") else 4)
            when = chance.choice([f"{first}", f"{first}..{first + 5}", f"{first}+"])
            inject = f"{call}:error={chance.choice(ERRORS[call])}:when={when}"
            return Plan(f"{kind} {call}", order, inject=inject, sound=False, **at_a_moment)
        if kind == "full":
            order = order | {"file_size": chance.randint(500, 30_000)}
            return Plan(kind, order, sound=False, **at_a_moment)
        return Plan("none", order)

    def _order(self, program: str) -> dict[str, object]:
        chance = self._chance
        variables = {
            "EXIT_TIMEOUT": chance.choice(["0", "0.3", "2"]),
            "JOURNAL__SYNC": "always" if chance.random() < 0.15 else "never",
            "MODE": "direct" if chance.random() < 0.1 else "background",
            "BUDGET": "0.02",
        }
        runs = chance.choice([3, 15, 40]) if program != "family" else chance.choice([2, 6])
        return self.order_of(program, variables) | {
            "runs": runs,
            "pace": chance.choice([0.0, 0.002, 0.02]),
            "filler": chance.choice([0, 0, 300, 3000]),
            "poison": chance.choice([0.0, 0.05]),
            "segment_bytes": chance.choice([None, 1, 3000, 20_000]),
        }

    def order_of(self, program: str, variables: dict[str, str]) -> dict[str, object]:
        """What a victim is told to do, with these settings of its deliveries."""
        chance = self._chance
        given = {f"OPENLINEAGE__DELIVERY__{name}": value for name, value in variables.items()}
        given["OPENLINEAGE__DELIVERY__RETRY_LONGEST"] = "0.2"
        for name, backend in zip("AB", self._backends, strict=True):
            prefix = f"OPENLINEAGE__TRANSPORT__TRANSPORTS__{name}"
            given |= {f"{prefix}__TYPE": "http", f"{prefix}__URL": backend.url, f"{prefix}__TIMEOUT": "2"}
        given["OPENLINEAGE__TRANSPORT__TYPE"] = "composite"
        return {
            "program": program,
            "folder": str(self.folder),
            "environ": Folder(self.folder).environ(**given),
            "seed": chance.randrange(1 << 30),
            "runs": 1,
            "pace": 0.0,
        }

    def _recovery(self, *, is_last: bool) -> Plan:
        chance = self._chance
        program = "recover" if is_last else chance.choice(["recover", "drift_by"])
        order = self.order_of(program, {"EXIT_TIMEOUT": "2"})
        if is_last or chance.random() < 0.5:
            return Plan("recovery", order)
        if self._traces and chance.random() < 0.4:
            call = chance.choice(
                ["write", "openat", "unlink", "rename", "close", "write,openat,unlink,close"]
            )
            number = chance.randint(1, 6 if call in ("unlink", "rename") else 60)
            return Plan("recovery", order, inject=f"{call}:signal=KILL:when={number}")
        after = chance.choice(["start", "start", 1, "leaving"])
        return Plan("recovery", order, after, chance.random() * chance.choice([0.05, 0.3]))

    def _change_weather(self) -> None:
        now = time.monotonic()
        if now < self._next_weather:
            return
        self._next_weather = now + self._chance.choice([0.05, 0.2, 0.5])
        backend = self._chance.choice(self._backends)
        backend.tell(up=self._chance.random() < 0.7, faults=self._chance.choice([0.0, 0.0, 0.1, 0.5, 0.9]))


def books(one: Round, backends: list[Backend]) -> Judgement:
    """The judgement on a round that is over."""
    everybody = [*one.victims, *one.recoverers]
    told = [event for victim in everybody for event in victim.told]
    ends = {pid: end for victim in everybody for pid, end in victim.ends().items()}
    sound = {pid for victim in everybody if victim.plan.sound for pid in victim.pids}
    ids = {words[2]: words[1] for victim in everybody for words in victim.said if words[0] == "D"}
    places = []
    for backend in backends:
        name = next((ids[address] for address in ids if address.startswith(backend.url)), "unknown")
        places.append(
            Place(name, list(backend.taken()), quarantined(one.journal, name), owed(one.journal, name))
        )
    found = judge(told, ends, places, exact=sound)
    found.problems += [f"UNREADABLE at {one.url}" for one in backends if one.tell()["unreadable"]]
    owners = {pid: victim for victim in everybody for pid in victim.pids}
    found.problems += [
        f"HELD BACK: {words[1]} events that {words[2]} would have taken, while the other backend was away\n"
        f"{victim.describe()}\n{victim.log.read_text()}"
        for victim in one.recoverers
        for words in victim.said
        if words[0] == "O" and words[1] != "0"
    ]
    found.problems = [_with_owner(text, owners) for text in found.problems]
    for victim in everybody:
        found.problems += _complaints(victim)
    return found


def _with_owner(text: str, owners: dict[int, Victim]) -> str:
    """The problem, and what became of the program that it names."""
    named = re.search(r"of (\d+)|pid=(\d+)", text)
    victim = owners.get(int(named[1] or named[2])) if named else None
    return text if victim is None else f"{text}\n      {victim.describe()}"


def _complaints(victim: Victim) -> list[str]:
    """What is wrong with one victim, whatever the books say."""
    found = []
    log = victim.log.read_text(errors="replace") if victim.log.exists() else ""
    if victim.hangs:
        found.append(f"HANGS: {victim.describe()}\n{log}")
    if "Traceback" in log and victim.plan.sound:
        found.append(f"TRACEBACK of {victim.describe()}\n{log}")
    if victim.plan.sound and any(one.how != KEPT for one in victim.told):
        found.append(f"NOT ON DISK, although that is sound: events of {victim.describe()}\n{log}")
    return found


def programme(
    kills: int, seed: int, until: float, folder: Path, *, keep: bool = False, first: int = 1
) -> Totals:
    """Rounds until there were so many kills, or the monotonic time `until` has come."""
    totals = Totals(rounds=first - 1)
    traces = can_trace()
    if not traces:
        print("without strace: nobody is killed at a system call of his choice", flush=True)
    with ExitStack() as stack:
        backends = [
            stack.enter_context(Backend(folder / f"book{n}", batches=n == 1, seed=seed + n)) for n in range(2)
        ]
        herd = stack.enter_context(Herd(folder))
        while totals.kills < kills and time.monotonic() < until:
            totals.rounds += 1
            one = Round(herd, backends, f"{seed}:{totals.rounds}", traces=traces)
            one.kill([one.plan() for _ in range(min(A_ROUND, kills - totals.kills + 2))])
            ended = one.recover()
            _enter(totals, one, books(one, backends), ended=ended)
            for backend in backends:
                backend.tell(clear=True, up=True, faults=0.0)
            if not keep:
                shutil.rmtree(one.folder)
                for victim in (*one.victims, *one.recoverers):
                    victim.log.unlink(missing_ok=True)
    return totals


def _enter(totals: Totals, one: Round, found: Judgement, *, ended: bool) -> None:
    left = with_events(one.journal)
    if not ended:
        found.problems.append(f"NOT RECOVERED: after {RECOVERIES} programs in good weather there are {left}")
    totals.written_off += written_off(one.journal)
    totals.litter += len(homes(one.journal)) - len(left)
    for victim in one.victims:
        died = victim.killed or victim.status != 0 or victim.pid not in victim.left
        (totals.killed if died else totals.survived)[victim.plan.kind] += 1
    totals.in_recovery += sum(victim.status != 0 for victim in one.recoverers)
    found.problems = [f"round {totals.rounds}: {text}" for text in found.problems]
    totals.books.add(found)
    line = f"round {totals.rounds}: {totals.kills} kills, {totals.books.accepted} accepted"
    print(f"{line}, {totals.books.lost} lost, {len(totals.books.problems)} problems", flush=True)
    for text in found.problems:
        print(f"  {text}", flush=True)


def table(totals: Totals) -> str:
    """What was seen, in lines."""
    kinds = sorted(totals.killed | totals.survived)
    lines = [f"{'killed':>10} {'survived':>10}"]
    lines += [f"{totals.killed[kind]:>10} {totals.survived[kind]:>10}  {kind}" for kind in kinds]
    lines.append(f"{totals.in_recovery:>10} {'':>10}  in recovery")
    counts = {name: value for name, value in vars(totals.books).items() if name != "problems"}
    lines += ["", *(f"{value:>10}  {name.replace('_', ' ')}" for name, value in counts.items())]
    lines.append(f"{totals.written_off:>10}  in the ledger")
    lines.append(f"{totals.litter:>10}  empty folders left behind")
    lines.append(f"{len(totals.books.problems):>10}  problems")
    return "\n".join(lines)


def main() -> int:
    """1 when anything is lost, out of order, doubled in meaning, or left behind."""
    options = argparse.ArgumentParser(prog="make crash")
    options.add_argument("--kills", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=15.0)
    options.add_argument("--first", type=int, default=1, help="the round to begin with")
    options.add_argument("--keep", action="store_true", help="leave the folders of all rounds")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    until = time.monotonic() + chosen.minutes * 60
    try:
        totals = programme(chosen.kills, chosen.seed, until, folder, keep=chosen.keep, first=chosen.first)
    finally:
        if chosen.keep:
            print(f"kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(totals))
    enough = totals.kills >= chosen.kills
    if not enough:
        print(f"only {totals.kills} of {chosen.kills} kills in {chosen.minutes} minutes")
    return int(bool(totals.books.problems) or not enough)


if __name__ == "__main__":
    assert hasattr(os, "fork"), "victims are forked"
    sys.exit(main())
