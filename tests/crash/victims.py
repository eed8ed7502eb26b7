"""The programs that are killed: small, real, and saying over a pipe what they handed over once it was taken.

What is said: ``H pid`` (begun), ``E pid run state digest how`` (an event was taken), ``D id address`` (a destination),
``L pid`` (about to end in good order). How is ``kept``, ``memory`` when the disk was not to be had, or ``refused``.
"""

from __future__ import annotations

import ctypes
import faulthandler
import multiprocessing
import os
import random
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lineage_kit import current_run, lineage_job, session
from lineage_kit.client.client import OpenLineageClient
from lineage_kit.delivery.journal.writing import writer
from lineage_kit.delivery.journaled import JournaledDelivery
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.ids import new_id, now_ns, timestamp
from lineage_kit.event.model import Job, JobEvent, Run, RunEvent
from tests.support.oracle import IN_MEMORY, KEPT, REFUSED, owed, with_events

PRODUCER = "https://example.com/victim"
PATIENCE = 8.0  # seconds after which a recovery without faults is given up


class Mouth:
    """Says things over a pipe, each in one call, from whatever process and thread."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        self.events = 0

    def say(self, *words: object) -> None:
        """One line; what cannot be said is not said."""
        try:
            os.writev(
                self._descriptor, [" ".join(map(str, words)).encode() + b"\n"]
            )  # no call that is tampered with
        except OSError:
            pass


class Life:
    """What a victim's program needs. order: as given by the herd."""

    def __init__(self, order: dict[str, Any], mouth: Mouth) -> None:
        self.name = f"v{order['number']}"
        self.chance = random.Random(order["seed"])
        self.runs: int = order["runs"]
        self.pace: float = order["pace"]
        self.suicide: tuple[str, int] | None = order.get("suicide") and tuple(order["suicide"])
        self.mouth = mouth
        self.filler = "x" * order.get("filler", 0)
        self.awaited: str = order.get("awaited", "")
        self.poison = order.get("poison", 0.0)

    def job(self, what: str, chance: random.Random | None = None) -> str:
        """A name; of a few jobs one that backends refuse."""
        spoilt = (chance or self.chance).random() < self.poison
        return f"{self.name}.{what}{'.poison' if spoilt else ''}"

    def rest(self, chance: random.Random | None = None) -> None:
        """The work of a job."""
        if self.pace:
            time.sleep((chance or self.chance).random() * self.pace)  # sleep: the job's own work

    def event(self, run: str, state: str, job: str) -> RunEvent:
        """An event of a run."""
        time_now = timestamp(now_ns())
        facets = {"filler": {"_producer": PRODUCER, "_schemaURL": PRODUCER, "text": self.filler}}
        return RunEvent(
            eventTime=time_now,
            producer=PRODUCER,
            run=Run(runId=run, facets=facets),
            job=Job(namespace="crash", name=job),
            eventType=state,
        )


def live(order: dict[str, Any]) -> int:
    """A victim's life; its exit status."""
    mouth = Mouth(order["mouth"])
    if order.get("gate"):
        os.close(os.open(order["gate"], os.O_RDONLY))  # opens when somebody watches
    writer.SEGMENT_BYTES = order.get("segment_bytes") or writer.SEGMENT_BYTES
    if order.get("file_size"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_size"], order["file_size"]))
    life = Life(order, mouth)
    _listen(life)
    sys.unraisablehook = _shout
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # where one hangs, into its log
    mouth.say("H", os.getpid())
    PROGRAMS[order["program"]](life)
    mouth.say("L", os.getpid())
    return 0


def _shout(found: Any) -> None:
    """Into the log, the gist first: a thread that fails while the process ends may not come to the end of its words."""
    at, places = found.exc_traceback, []
    while at is not None:
        places.append(f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}")
        at = at.tb_next
    os.write(2, f"Traceback: {found.exc_value!r} in {' < '.join(reversed(places))}\n".encode())


def _listen(life: Life) -> None:
    """From now on whatever is submitted is told, once the delivery has said how it took it."""
    submit = JournaledDelivery.submit

    def telling(self: JournaledDelivery, envelope: Envelope, *, again: bool = False) -> bool:
        before = self._here.get().journal.durability()
        taken = submit(self, envelope, again=again)
        after = self._here.get().journal.durability()
        how = KEPT if taken else REFUSED
        if taken and "memory" in (before, after):
            how = IN_MEMORY
        run, state = envelope.run_id or "-", envelope.state or "-"
        life.mouth.say("E", os.getpid(), run, state, envelope.event_id, how)
        life.mouth.events += 1
        if life.suicide is not None and life.mouth.events == life.suicide[1]:
            SUICIDES[life.suicide[0]]()
        return taken

    JournaledDelivery.submit = telling


def _segfault() -> None:
    ctypes.string_at(0)


def _exec() -> None:
    os.execv("/bin/true", ["true"])


SUICIDES: dict[str, Callable[[], object]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "abort": os.abort,
    "segfault": _segfault,
    "_exit": lambda: os._exit(0),
    "exec": _exec,
}


def functions(life: Life) -> None:
    """Decorated functions, one calling another; some fail."""

    @lineage_job(f"{life.name}.inner")
    def inner(number: int) -> int:
        life.rest()
        if number % 7 == 3:
            raise ValueError(number)
        return number

    @lineage_job(f"{life.name}.outer")
    def outer(number: int) -> None:
        current_run().add_run_facet({"text": life.filler}, "filler")
        try:
            inner(number)
        except ValueError:
            pass

    for number in range(life.runs):
        outer(number)


def emits(life: Life) -> None:
    """Events made by hand: several runs open at a time, some never ended, and events of jobs between them."""
    with OpenLineageClient() as client:
        _emit_runs(life, client, life.chance)
        life.mouth.say("L", os.getpid())  # closing is the end in good order


def at_exit(life: Life) -> None:
    """The same, but the client is never closed: the end of the process sees to that."""
    _emit_runs(life, OpenLineageClient(), life.chance)


def _emit_runs(life: Life, client: OpenLineageClient, chance: random.Random) -> None:
    still_open: list[tuple[str, str]] = []
    for number in range(life.runs):
        one = new_id(), life.job(f"job{number % 5}", chance)
        client.emit(life.event(one[0], "START", one[1]))
        still_open.append(one)
        life.rest(chance)
        while still_open and chance.random() < 0.6:
            run, job = still_open.pop(chance.randrange(len(still_open)))
            for state in (*["RUNNING"] * chance.randrange(3), chance.choice(["COMPLETE", "FAIL"])):
                client.emit(life.event(run, state, job))
        if chance.random() < 0.1:
            job = Job(namespace="crash", name=life.job("static", chance))
            client.emit(JobEvent(eventTime=timestamp(now_ns()), producer=PRODUCER, job=job))


def threads(life: Life) -> None:
    """Four threads, each with runs of its own, one client."""
    client = OpenLineageClient()
    chances = [random.Random(life.chance.random()) for _ in range(4)]
    started = [threading.Thread(target=_emit_runs, args=(life, client, chance)) for chance in chances]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def family(life: Life) -> None:
    """Children of multiprocessing by fork, which emit at the same time as their parent."""
    client = OpenLineageClient()
    client.emit(life.event(new_id(), "START", life.job("before")))
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_child, args=(life, client, life.chance.random())) for _ in range(2)]
    for child in children:
        child.start()
        functions(life)
    for child in children:
        child.join()


def _child(life: Life, client: OpenLineageClient, seed: float) -> None:
    life.mouth.say("H", os.getpid())
    _emit_runs(life, client, random.Random(seed))
    life.mouth.say("L", os.getpid())


def long_run(life: Life) -> None:
    """One run is open from beginning to end, while segments come and go with the many small ones beside it."""
    client = OpenLineageClient()
    run, job = new_id(), life.job("long")
    client.emit(life.event(run, "START", job))
    for _ in range(life.runs):
        _small_run(life, client)
        if life.chance.random() < 0.1:
            client.emit(life.event(run, "RUNNING", job))
    client.emit(life.event(run, "COMPLETE", job))


def _small_run(life: Life, client: OpenLineageClient) -> None:
    run, job = new_id(), life.job("small")
    client.emit(life.event(run, "START", job))
    life.rest()
    client.emit(life.event(run, "COMPLETE", job))


def walk(life: Life) -> None:
    """One run around three others, and each thing the journal does: to begin, to rotate, to remove, to end."""
    client = OpenLineageClient()
    run, job = new_id(), life.job("around")
    client.emit(life.event(run, "START", job))
    for _ in range(3):
        _small_run(life, client)
    client.emit(life.event(run, "COMPLETE", job))
    client.emit(life.event(new_id(), "START", life.job("open")))


def _opened() -> tuple[OpenLineageClient, JournaledDelivery]:
    client = session.open_client()
    return client, next(one for one in client._delivery._deliveries if isinstance(one, JournaledDelivery))


def recover_half(life: Life) -> None:
    """A program that comes while one backend is away, and goes on until nothing is owed to the other."""
    client, delivery = _opened()
    _small_run(life, client)
    here = delivery._here.get()
    shown = {outlet.wire.transport.describe(): outlet.id for outlet in here.outlets}
    awaited = next(name for address, name in shown.items() if address.startswith(life.awaited))
    journal = Path(here.journal.home).parent
    deadline = time.monotonic() + PATIENCE
    while (left := len(owed(journal, awaited))) and time.monotonic() < deadline:
        delivery.recover()
        time.sleep(0.02)  # sleep: what is awaited happens on the disk
    life.mouth.say("O", left, awaited)


def recover(life: Life) -> None:
    """A program that comes later: asked to look by name, it goes on until nothing is left of others."""
    client, delivery = _opened()
    delivery.recover()
    _until_alone(life, client, delivery, look_again=True)


def drift_by(life: Life) -> None:
    """A program that comes later and does its own work: recovery happens beside it."""
    client, delivery = _opened()
    _small_run(life, client)
    _until_alone(life, client, delivery, look_again=False)


def _until_alone(
    life: Life, client: OpenLineageClient, delivery: JournaledDelivery, *, look_again: bool
) -> None:
    """Wait until what others left is delivered, then show that a fresh event passes."""
    _small_run(life, client)
    for outlet in delivery._here.get().outlets:
        life.mouth.say("D", outlet.id, outlet.wire.transport.describe())
    deadline = time.monotonic() + PATIENCE
    own = delivery._here.get().journal.home
    journal = Path(own).parent
    while time.monotonic() < deadline and with_events(journal) - {os.path.basename(own)}:
        time.sleep(0.01)  # sleep: what is awaited happens on the disk
        if look_again:
            delivery.recover()
    life.mouth.say("F", client.flush(PATIENCE))


PROGRAMS: dict[str, Callable[[Life], None]] = {
    "functions": functions,
    "emits": emits,
    "at_exit": at_exit,
    "threads": threads,
    "family": family,
    "long_run": long_run,
    "walk": walk,
    "recover_half": recover_half,
    "recover": recover,
    "drift_by": drift_by,
}

if __name__ == "__main__":
    sys.exit("run by tests.crash.zygote")
