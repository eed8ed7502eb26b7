"""What actors do: emit as users do, then what they are told line by line, and end with a result and a status.

What they say over the pipe: ``E pid run state digest how`` (an event was taken: ``kept``, in ``memory`` alone, or
``refused``), ``emitted``, ``done …`` (a command was carried out), ``D id address`` (a destination).
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import random
import resource
import shutil
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from lineage_kit import current_run, flush, lineage_job, run, session, status
from lineage_kit.delivery.journaled import JournaledDelivery
from lineage_kit.event.envelope import Envelope
from tests.support.oracle import IN_MEMORY, KEPT, REFUSED

RESULT, STATUS = "result 42", 3
PATIENCE = 20.0
PRODUCER = "https://example.com/etl"
A_DAY = 86_400.0


class Play:
    """One actor. part: what it is to do."""

    def __init__(self, part: dict[str, Any], mouth: int) -> None:
        self.part = part
        self.jobs: int = part["jobs"]
        self._mouth = mouth
        self._lock = threading.RLock()

    def say(self, *words: object) -> None:
        """One line in one call; who reads is not always there any more."""
        data = " ".join(map(str, words)).encode() + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._mouth, data) :]
            except OSError:
                pass


def perform(part: dict[str, Any], mouth: int) -> int:
    """An actor's life; its exit status."""
    play = Play(part, mouth)
    _listen(play)
    play.say("pid", os.getpid())
    if part.get("file_size"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (part["file_size"], resource.RLIM_INFINITY))
    if part.get("bound"):
        _give_up_rights()
    ACTS[part["act"]](play)
    for name, address in _destinations().items():
        play.say("D", name, address)
    play.say("emitted")
    for line in sys.stdin:
        command, *words = line.split()
        play.say("done", COMMANDS[command](play, *words))
    print(RESULT, flush=True)
    return STATUS


def _give_up_rights() -> None:
    """Root may write everywhere: from now on permissions hold for it as for everybody."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # this process, capabilities of 64 bits: none
    if ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def _listen(play: Play) -> None:
    """From now on whatever is submitted is told, once the delivery has said how it took it."""
    submit = JournaledDelivery.submit

    def telling(self: JournaledDelivery, envelope: Envelope, *, again: bool = False) -> bool:
        before = self._here.get().journal.durability()
        taken = submit(self, envelope, again=again)
        after = self._here.get().journal.durability()
        how = KEPT if taken else REFUSED
        if taken and "memory" in (before, after):
            how = IN_MEMORY
        play.say("E", os.getpid(), envelope.run_id or "-", envelope.state or "-", envelope.event_id, how)
        return taken

    JournaledDelivery.submit = telling


def _destinations() -> dict[str, str]:
    client = session.open_client()
    parts = getattr(client._delivery, "_deliveries", [client._delivery])
    found = [one for one in parts if isinstance(one, JournaledDelivery)]
    return {
        outlet.id: outlet.wire.name.replace(" ", "-") for one in found for outlet in one._here.get().outlets
    }


def _daily(play: Play) -> None:
    """A run with other runs in it."""
    with run("daily"):
        for number in range(play.jobs):
            _load(number)


@lineage_job("load", inputs="s3://raw/{number}.csv", outputs="s3://lake/orders.parquet")
def _load(number: int) -> int:
    return number


def _poison(play: Play) -> None:
    """The same with one run in the middle that the backend cannot read."""
    with run("daily"):
        for number in range(play.jobs):
            if number == 1:
                with run("poison"):
                    pass
            _load(number)


def _facet(text: str) -> dict[str, str]:
    return {"_producer": PRODUCER, "_schemaURL": PRODUCER, "text": text}


def _filled(play: Play, text: str, name: str = "filled") -> None:
    with run("daily"):
        for number in range(play.jobs):
            with run(name):
                current_run().add_run_facet(_facet(text + str(number)), "filler")


def _wide(play: Play) -> None:
    """Events with a facet that packs well."""
    _filled(play, "orders " * 9000)


def _dense(play: Play) -> None:
    """Events with a facet that does not pack."""
    _filled(play, random.Random(1).randbytes(30_000).hex())


def _giant(play: Play) -> None:
    """One run that is too large for the backend whatever goes, among others."""
    with run("daily"):
        for number in range(play.jobs):
            if number == 1:
                with run("giant"):
                    pass
            _load(number)


def _crowd(play: Play) -> None:
    """A hundred threads at once."""
    start = threading.Barrier(100)

    def work(number: int) -> None:
        start.wait()
        _load(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _tasks(play: Play) -> None:
    """Tasks of asyncio, every other of which is cancelled in the middle."""

    @lineage_job("task")
    async def task(number: int) -> int:
        if number % 2 == 0:
            await asyncio.Event().wait()
        return number

    async def everything() -> None:
        tasks = [asyncio.create_task(task(number)) for number in range(play.jobs * 2)]
        await asyncio.gather(*tasks[1::2])
        for one in tasks[::2]:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(everything())


def _hostile(play: Play) -> None:
    """Values that no JSON or database likes."""
    with run("daily\0\ud800"):
        for number in range(play.jobs):
            with run(f"half \ud800 {number}"):
                facet = _facet("a\0b \udfff") | {"nan": float("nan"), "inf": float("inf"), "deep": [[[[{}]]]]}
                current_run().add_run_facet(facet, "hostile")


def _failing(play: Play) -> None:
    """Runs that fail with a message of two megabytes."""
    with run("daily"):
        for number in range(play.jobs):
            try:
                with run("failing"):
                    raise ValueError(f"{number} " + "é\n" * 1_000_000)
            except ValueError:
                pass


def _clock(play: Play, step: float) -> None:
    """The clock is set in the middle of a run, and again in the middle of the next."""
    clock, clock_ns = time.time, time.time_ns
    shift = 0.0
    time.time = lambda: clock() + shift
    time.time_ns = lambda: clock_ns() + int(shift * 1e9)
    with run("daily"):
        for number in range(play.jobs):
            with run("stepping"):
                shift += step if number % 2 == 0 else -step
            _load(number)


def _by_number(play: Play) -> None:
    """As programs do that become daemons: every descriptor is closed by its number, in the middle."""
    with run("daily"):
        for number in range(play.jobs):
            if number == play.jobs // 2:
                os.closerange(3, 256)
            _load(number)


def _by_another(play: Play) -> None:
    """The same, and the numbers are those of files of the program's own afterwards."""
    with run("daily"):
        for number in range(play.jobs):
            if number == play.jobs // 2:
                flush(
                    PATIENCE
                )  # a call that is under way cannot know that its number means another file by now
                os.closerange(3, 64)
                mine = [open(f"mine{one}", "w") for one in range(20)]  # noqa: SIM115 - open as long as it lives
            _load(number)
    for one in mine:
        one.write("x")
        one.flush()
        assert os.fstat(one.fileno()).st_size == 1, "somebody wrote to a file of the user's"


def _removed(play: Play, seconds: float) -> None:
    """The state directory goes in the middle, after so many seconds for what waits."""
    with run("daily"):
        for number in range(play.jobs):
            if number == play.jobs // 2:
                flush(seconds)
                shutil.rmtree(os.environ["LINEAGE_KIT_STATE"], ignore_errors=True)
            _load(number)


ACTS: dict[str, Callable[[Play], None]] = {
    "nothing": lambda play: None,
    "daily": _daily,
    "poison": _poison,
    "wide": _wide,
    "dense": _dense,
    "giant": _giant,
    "crowd": _crowd,
    "tasks": _tasks,
    "hostile": _hostile,
    "failing": _failing,
    "clock back": lambda play: _clock(play, -A_DAY),
    "clock forward": lambda play: _clock(play, A_DAY),
    "by number": _by_number,
    "by another": _by_another,
    "removed": lambda play: _removed(play, PATIENCE),
    "removed at once": lambda play: _removed(play, 0.0),
}


def _emit(play: Play) -> str:
    """One run more."""
    with run("more"):
        pass
    return ""


def _finish(play: Play) -> str:
    """The fault is over: what is owed and what others left arrives, and so does a fresh event."""
    with run("fresh"):
        pass
    client = session.open_client()
    deadline = time.monotonic() + PATIENCE
    while not (flushed := client.flush(1)) and time.monotonic() < deadline:
        pass  # each call knocks once more
    return f"{flushed} {client.recover(PATIENCE)}"


def _lift(play: Play) -> str:
    """Files may be of any size again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return ""


def _status(play: Play) -> str:
    one = status()["destinations"]
    return json.dumps([[entry.name.replace(" ", "-"), entry.owed, entry.delivered, entry.quarantined, entry.dropped,
                        entry.broken, entry.durability] for entry in one]).replace(" ", "")  # fmt: skip


COMMANDS: dict[str, Callable[..., str]] = {
    "emit": _emit,
    "flush": lambda play, seconds: str(flush(float(seconds))),
    "finish": _finish,
    "lift": _lift,
    "status": _status,
}
