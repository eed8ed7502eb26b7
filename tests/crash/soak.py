"""One program, very many events, a backend that comes and goes: ``python -m tests.crash.soak [--events N] [--seed S]``.

The program emits START and COMPLETE of one run after another, about a kilobyte each, and samples its own memory and the
size of its journal. It slows down when much waits, as a quota is no subject here. In the end every event has arrived
with its bytes, each run in order, and neither memory nor journal grew beyond their bounds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.support.oracle import Backend, digest_of
from tests.support.scripts import ROOT, Folder

MEBIBYTE = 1 << 20
MEMORY = 16 * MEBIBYTE  # what the package may take besides what it takes at rest
JOURNAL = 256 * MEBIBYTE
WARM_UP = 1000  # events before memory is measured for the first time
LOOK = 500  # events between two looks at memory and journal
ENDLESS = 600.0
PRODUCER = "https://example.com/soak"


def emit(events: int) -> dict[str, Any]:
    """The program's whole life, and what it saw."""
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.event.ids import new_id

    with OpenLineageClient() as client:
        told = _listen(client)
        seen: dict[str, Any] = {"most_memory": 0, "most_journal": 0}
        began = time.monotonic()
        for number in range(0, events, 2):
            run, job = new_id(), f"job{number % 50}"
            client.emit(_event(run, "START", job))
            client.emit(_event(run, "COMPLETE", job))
            if number == WARM_UP:
                client.flush(ENDLESS)
                seen["memory_at_rest"] = memory()
            if number % LOOK == 0:
                _look(seen)
        seen["seconds_emitting"] = time.monotonic() - began
        seen["flushed"] = client.flush(ENDLESS)
        seen["seconds"] = time.monotonic() - began
        _look(seen)
        dropped = [one.dropped for one in client.status()]
        return seen | {"told": f"{told[0]:032x}", "dropped": dropped}


def _listen(client: Any) -> list[int]:
    """The sum of the digests of all events that were handed over: it says whether others came."""
    told, hand_over = [0], client.hand_over

    def telling(envelope: Any, **how: Any) -> None:
        hand_over(envelope, **how)
        told[0] ^= int(digest_of(envelope.body), 16)

    client.hand_over = telling
    return told


def _event(run: str, state: str, job: str) -> Any:
    from lineage_kit.event.ids import now_ns, timestamp
    from lineage_kit.event.model import Job, Run, RunEvent

    facets = {"filler": {"_producer": PRODUCER, "_schemaURL": PRODUCER, "text": "x" * 400}}
    return RunEvent(
        eventTime=timestamp(now_ns()),
        producer=PRODUCER,
        run=Run(runId=run, facets=facets),
        job=Job(namespace="soak", name=job),
        eventType=state,
    )


def memory() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _journal_size() -> int:
    folder = Path(os.environ["LINEAGE_KIT_STATE"]) / "journal"
    sizes = 0
    for path in folder.glob("*/*"):
        try:
            sizes += path.stat().st_size
        except FileNotFoundError:
            continue
    return sizes


def _look(seen: dict[str, Any]) -> None:
    seen["most_memory"] = max(seen["most_memory"], memory())
    size = _journal_size()
    seen["most_journal"] = max(seen["most_journal"], size)
    while size > JOURNAL // 2:
        time.sleep(0.05)  # sleep: much waits; the backend has to catch up
        size = _journal_size()


class Weather(threading.Thread):
    """Lets a backend come and go until told to stop; then it is there."""

    def __init__(self, backend: Backend, seed: int, longest: float) -> None:
        super().__init__()
        self._backend, self._chance, self._longest = backend, random.Random(seed), longest
        self._over = threading.Event()
        self.falls = 0

    def run(self) -> None:
        up = True
        while not self._over.wait(self._chance.random() * self._longest):
            up = not up
            self.falls += not up
            self._backend.tell(up=up, faults=self._chance.choice([0.0, 0.0, 0.05]))
        self._backend.tell(up=True, faults=0.0)

    def stop(self) -> None:
        """Good weather from now on."""
        self._over.set()
        self.join()


def soak(events: int, seed: int, folder: Path, *, longest: float = 3.0) -> dict[str, Any]:
    """What the program saw, and under ``problems`` what is not as it should be."""
    with Backend(folder / "book", batches=True, bodies=False, seed=seed) as backend:
        weather = Weather(backend, seed, longest)
        command = [sys.executable, "-m", "tests.crash.soak", "--emit", str(events)]
        settings = {"RETRY_LONGEST": "0.2", "JOURNAL__MAX_BYTES": str(4 * JOURNAL)}
        given = {f"OPENLINEAGE__DELIVERY__{name}": value for name, value in settings.items()}
        environ = Folder(folder).environ(OPENLINEAGE_URL=backend.url, **given)
        with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as program:
            weather.start()
            try:
                seen = json.loads(program.stdout.readline() or "{}")
            finally:
                weather.stop()
                program.stdout.read()
        seen["falls"] = weather.falls
        seen["status"] = program.returncode
        return _checked(seen, events, backend)


def _checked(seen: dict[str, Any], events: int, backend: Backend) -> dict[str, Any]:
    begun: set[str] = set()
    seen_ids: set[int] = set()
    torn = duplicates = total = 0
    for one in backend.taken():
        number = int(one.digest, 16)
        if number in seen_ids:
            duplicates += 1
            continue
        seen_ids.add(number)
        total ^= number
        torn += (one.state == "COMPLETE") != (one.run in begun)
        (begun.discard if one.state == "COMPLETE" else begun.add)(one.run)
    growth = seen.get("most_memory", 0) - seen.get("memory_at_rest", 0)
    problems = {
        f"the program ended with {seen['status']}": seen["status"] != 0,
        f"{len(seen_ids)} of {events} events arrived": len(seen_ids) != events,
        "events arrived with other bytes than they were handed over with": f"{total:032x}"
        != seen.get("told"),
        f"{torn} events came out of order": torn > 0,
        f"memory grew by {growth / MEBIBYTE:.1f} MiB": growth > MEMORY,
        f"the journal grew to {seen.get('most_journal', 0) / MEBIBYTE:.0f} MiB": seen.get("most_journal", 0)
        > JOURNAL,
    }
    return seen | {
        "duplicates": duplicates,
        "growth": growth,
        "problems": [text for text, is_so in problems.items() if is_so],
    }


def main() -> int:
    """1 when there is a problem."""
    options = argparse.ArgumentParser(prog="make soak")
    options.add_argument("--events", type=int, default=10**6)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--emit", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.emit:
        print(json.dumps(emit(chosen.emit)), flush=True)
        return 0
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        seen = soak(chosen.events, chosen.seed, Path(folder))
    for name, value in seen.items():
        print(f"{name.replace('_', ' '):>20}  {value}")
    if seen.get("seconds"):
        print(f"{'events a second':>20}  {chosen.events / seen['seconds']:.0f}")
    return int(bool(seen["problems"]))


if __name__ == "__main__":
    sys.exit(main())
