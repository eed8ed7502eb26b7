"""One cell of the table: a fault, a transport, two programs over one journal, and the books at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.faults.play import RESULT, STATUS
from tests.faults.stage import Actor, Stage
from tests.support.oracle import (
    CLEAN,
    REFUSED,
    Judgement,
    Place,
    Taken,
    Told,
    digest_of,
    judge,
    owed,
    quarantined,
)
from tests.support.scripts import Folder
from tests.support.servers import HttpServer

SINGLE, BATCH, KAFKA, CUSTOM, COMPOSITE = "http single", "http batch", "kafka", "custom", "composite"
COLUMNS = (SINGLE, BATCH, KAFKA, CUSTOM, COMPOSITE)
OVER_HTTP = (SINGLE, BATCH, CUSTOM, COMPOSITE)
ILL = {SINGLE: "http", BATCH: "http", KAFKA: "kafka", CUSTOM: "tests.faults.wires.Courier", COMPOSITE: "ill"}
"""What the destination that has the fault is called."""
TIMEOUT = 0.4  # seconds for an attempt
JOBS = 20  # runs of the first program within one that is open around them
TOPIC = "events"


Status = tuple[int, int, int, dict[str, int], bool, str]
"""Owed, delivered, quarantined, dropped, broken, durability."""


class Scene:
    """What many cells share, because to start it takes time: the stage, two backends, a Kafka cluster."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.stage = Stage(folder)
        self.ill, self.well = HttpServer(), HttpServer()

    def __enter__(self) -> Self:
        for one in (self.stage, self.ill, self.well):
            self._stack.enter_context(one)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()


@dataclass(frozen=True)
class Fault:
    """A row. before: set the scene. during: after the first program has emitted. after: the fault is over.

    Each is called with the cell. act, part: what the first program does and needs. options: of the destination.
    holds: the first event is on its way until all are emitted, so that many wait when the fault comes.
    expects: raises AssertionError unless the cell shows what it should. alone: there is no second program.
    """

    name: str
    columns: tuple[str, ...] = COLUMNS
    before: Callable[[Cell], object] = lambda cell: None
    during: Callable[[Cell], object] = lambda cell: None
    after: Callable[[Cell], object] = lambda cell: None
    expects: Callable[[Cell], object] = lambda cell: None
    act: str = "daily"
    part: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    holds: bool = False
    alone: bool = False
    heir: bool = False
    needs: Callable[[], str] = lambda: ""
    """Why this cannot be had here; empty where it can."""


@dataclass
class Cell:
    """What is seen while a fault is played."""

    scene: Scene
    fault: Fault
    column: str
    path: Path
    first: Actor | None = None
    second: Actor | None = None
    third: Actor | None = None
    url: str = ""
    kept: int = 0
    delivered: int = 0
    delivered_after: int = 0
    books: Judgement = field(default_factory=Judgement)
    cluster: Any = None
    variables: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    own: HttpServer | None = None
    status_at_end: Status | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def ill(self) -> HttpServer:
        """The backend that has the fault."""
        return self.own or self.scene.ill

    def use(self, server: HttpServer) -> None:
        """Have another backend be the ill one, in this cell alone."""
        self.own = self._stack.enter_context(server)
        self.url = server.url

    @property
    def state(self) -> Path:
        """The state directory of the programs."""
        return self.path / "state"

    @property
    def journal(self) -> Path:
        """Where their journal is."""
        return Path(self.variables.get("LINEAGE_KIT_STATE", self.state)) / "journal"

    def clean(self, call: Callable[[], object]) -> None:
        """Have this done at the end, whatever happens."""
        self._stack.callback(call)

    def taken(self, server: HttpServer) -> list[bytes]:
        """Every event that a backend said it took, in that order."""
        return [body for request in server.requests() for body in request.taken]

    def taken_by_the_ill(self) -> list[bytes]:
        """The same of the one with the fault, whatever it speaks."""
        return self.cluster.values(TOPIC) if self.column == KAFKA else self.taken(self.ill)

    def destination(self, name: str) -> str:
        """What a destination is called on disk."""
        return next(found for found, shown in self.first.heard("D") if shown == name)

    def events(self) -> list[dict[str, Any]]:
        """What the ill one took, each once, in the order of the first arrival."""
        return [json.loads(body) for body in dict.fromkeys(self.taken_by_the_ill())]

    def losses(self) -> list[dict[str, Any]]:
        """What is in the ledger."""
        path = self.journal / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def status(self) -> Status:
        """Owed, delivered, quarantined, dropped, broken, durability, as the first program says of the ill one."""
        return self._status_of(self.first)

    def _status_of(self, actor: Actor) -> Status:
        found = json.loads(actor.do("status")[0])
        return next(tuple(one[1:]) for one in found if one[0] == ILL[self.column])

    def play(self) -> Self:
        """From the first event to the last verdict."""
        try:
            self._play()
        finally:
            for actor in (self.first, self.second, self.third):
                if actor is not None:
                    actor.kill()
            self._stack.close()
        return self

    def words(self) -> str:
        """What was seen, short."""
        found = [f"delivered {self.delivered}"] if self.delivered else []
        found += [f"kept {self.kept}"] if self.kept else []
        found += [f"quarantined {self.books.quarantined}"] if self.books.quarantined else []
        found += [f"in memory {self.books.memory}"] if self.books.memory else []
        found += [f"refused {self.books.refused}"] if self.books.refused else []
        found += [f"ledger {sum(one.get('events', 1) for one in self.losses())}"] if self.losses() else []
        found += [f"delivered {self.delivered_after} after"] if self.delivered_after else []
        return ", ".join(found)

    def _play(self) -> None:
        self._set_up()
        self.fault.before(self)
        self.first = self._enter("first", self.fault.act, JOBS, "0.5" if self.fault.heir else "10")
        self.first.wait_for("emitted")
        if self.fault.holds:
            self.ill.wait_for(1)
        self.fault.during(self)
        if not self.fault.alone:
            self.second = self._enter("second", "daily", 1, "0.2")
            self._check_end(self.second)
        self.kept = len(owed(self.journal, self.destination(ILL[self.column])))
        self.delivered = self._delivered_so_far()
        if self.column == COMPOSITE:  # the other one has everything, whatever happens to this one
            self.scene.well.wait_for(sum(words[4] != REFUSED for words in self.first.heard("E")))
        self.fault.after(self)
        last = self.first
        if self.fault.heir:
            self._check_end(self.first)
            last = self.third = self._enter("third", "nothing", 0, "10")
            last.wait_for("emitted")
        assert last.do("finish") == ["True", "True"], last.errors()
        self.status_at_end = self._status_of(last)
        self._check_end(last)
        self._balance()
        self.fault.expects(self)

    def _set_up(self) -> None:
        for server in (self.ill, self.scene.well):
            server.come_up()
            server.forget()
        if self.column == BATCH:
            self.ill.take_batches()
        if self.column == KAFKA:
            from tests.support.kafka_trouble import TroubledCluster

            self.cluster = self._stack.enter_context(TroubledCluster())
            self.cluster.make_topic(TOPIC)
        if self.fault.holds:
            self.ill.answer(201, fault="hold")
        self.url = self.ill.url

    def _configure(self) -> None:
        """Write the configuration; a fault may have changed the address by now."""
        options = {"timeout": TIMEOUT, **self.fault.options}
        over_http = {"type": "http", "url": self.url, **options, **self.options}
        transport = {
            SINGLE: over_http | {"batch": False},
            BATCH: over_http | {"batch": True},
            CUSTOM: {"type": "tests.faults.wires.Courier", "url": self.url, "timeout": TIMEOUT},
            COMPOSITE: {
                "type": "composite",
                "transports": {"ill": over_http, "well": {"type": "http", "url": self.scene.well.url}},
            },
        }.get(self.column) or {
            "type": "kafka",
            "topic": TOPIC,
            "config": {
                "bootstrap.servers": self.cluster.address,
                "message.timeout.ms": 500,
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 50,
                **self.fault.options,
            },
        }
        (self.path / "openlineage.yml").write_text(json.dumps({"transport": transport}))

    def _enter(self, name: str, act: str, jobs: int, exit_timeout: str) -> Actor:
        if not (self.path / "openlineage.yml").exists():
            self._configure()
        environ = Folder(self.path).environ(OPENLINEAGE__DELIVERY__EXIT_TIMEOUT=exit_timeout)
        part = {"folder": str(self.path), "environ": environ | self.variables, "name": name}
        return self.scene.stage.enter(part | {"act": act, "jobs": jobs} | self.fault.part)

    def _check_end(self, actor: Actor) -> None:
        """Neither the result nor the status of a program is another one because of us."""
        status = actor.end()
        assert (status, actor.output()) == (STATUS, f"{RESULT}\n"), (status, actor.errors())
        assert "Traceback" not in actor.errors(), actor.errors()

    def _delivered_so_far(self) -> int:
        if self.column == KAFKA:  # who is away cannot be asked
            return (
                len({one.digest for one in self._told() if one.how != REFUSED}) - self.kept - self.status()[2]
            )
        return len(set(self.taken_by_the_ill()))

    def _told(self) -> Iterator[Told]:
        for actor in (self.first, self.second, self.third):
            for pid, run, state, digest, how in actor.heard("E") if actor is not None else ():
                yield Told(int(pid), run, state, digest, how)

    def _balance(self) -> None:
        told = list(self._told())
        places = [self._place(ILL[self.column], self.taken_by_the_ill(), told)]
        if self.column == COMPOSITE:
            places.append(self._place("well", self.taken(self.scene.well), told))
        self.books = judge(told, {one.pid: CLEAN for one in told}, places, exact=set())
        self.delivered_after = len(set(self.taken_by_the_ill())) - self.delivered
        lost = sum(one.get("events", 1) for one in self.losses() if one["reason"] == "damaged")
        assert self.books.lost <= lost, [problem[:300] for problem in self.books.problems]
        assert len(self.books.problems) == self.books.lost, [problem[:300] for problem in self.books.problems]
        lost_in_memory = sum(one.get("events", 1) for one in self.losses() if one["reason"] == "exit")
        assert self.books.lost_in_memory <= lost_in_memory, (self.books, self.losses())
        fresh = [one["eventType"] for one in self.events() if one["job"]["name"] == "fresh"]
        assert fresh == ["START", "COMPLETE"], (fresh, self.losses()[-2:])
        assert self.books.owed == 0, [sorted(place.owed) for place in places]

    def _place(self, name: str, bodies: list[bytes], told: list[Told]) -> Place:
        one = self.destination(name)
        taken = [_taken(body, told) for body in bodies]
        return Place(name, taken, quarantined(self.journal, one), owed(self.journal, one))


def _taken(body: bytes, told: list[Told]) -> Taken:
    """An event that arrived; in its smaller form it counts as what it was made from."""
    event = json.loads(body)
    run, state = event.get("run", {}).get("runId", "-"), event.get("eventType", "-")
    digest = digest_of(body)
    if b"lineageKit_leftOut" in body:
        digest = next(one.digest for one in told if (one.run, one.state) == (run, state))
    return Taken(digest, run, state, words=False, body=body)
