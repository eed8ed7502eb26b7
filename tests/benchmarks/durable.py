"""What durability costs and what it brings: emitting through the journal, delivering, recovering, ending.

Every figure is that of a fresh process, for the median of a few; comparisons are made in turns.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SINK = Path(__file__).with_name("sink.py")

EMIT = """
import gc, json, sys, threading, time
from lineage_kit.delivery import BackgroundDelivery, RetryPolicy
from lineage_kit.delivery.journaled import JournaledDelivery, JournalOptions, Wire
from lineage_kit.errors import Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport

class Down(Transport):
    kind = "down"
    def send(self, envelope):
        raise Unreachable("down")

root, threads, count, pause = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float((*sys.argv, "0")[4])
hour = RetryPolicy(total=0, factor=3600.0, longest=3600.0)
memory = BackgroundDelivery(Down(), "memory", limit=1 << 30, retry=hour, exit_timeout=0.0)
journal = JournaledDelivery([Wire("journal", Down(), hour)], JournalOptions(root=root, most=4 << 30), exit_timeout=0.0)
BODY = b'{"a":"' + b"x" * 1000 + b'"}'

def events(first):
    return [Envelope(BODY, "run:n/j", f"{first}-{n // 2}", "COMPLETE" if n % 2 else "START") for n in range(count)]

def times(delivery, first, found):
    clock = time.perf_counter_ns
    for event in events(first):
        if pause:
            time.sleep(pause)  # sleep: what a thread of a real job waits for between its events
        begin = clock()
        delivery.submit(event)
        found.append(clock() - begin)

def together(delivery, label):
    found = [[] for _ in range(threads)]
    workers = [threading.Thread(target=times, args=(delivery, f"{label}{n}", found[n])) for n in range(threads)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    return sorted(sum(found, []))

for delivery in (memory, journal):
    times(delivery, "warm", [])
time.sleep(0.3)  # sleep: until the threads have found out that the destination is down
result = {}
for name, delivery in (("memory", memory), ("journal", journal)) * 3:
    gc.collect()
    took = together(delivery, name + str(len(result)))
    result.setdefault(name, []).append((took[len(took) // 2] / 1e3, took[int(len(took) * 0.99)] / 1e3))
best = {name: [min(one[place] for one in found) for place in (0, 1)] for name, found in result.items()}
print(json.dumps(best))
import os
os._exit(0)
"""

CALLS = """
import json, sys, time
import lineage_kit
from tests.benchmarks import content, words
from tests.benchmarks.sides import _decorated_functions

lineage_kit.configure("http://127.0.0.1:9", config={
    "delivery": {"exit_timeout": 0, "retry_longest": 3600, "journal": {"directory": sys.argv[1], "max_bytes": 4 << 30}},
    "facets": {"source_code_location": {"disabled": True}}})
plain, described = _decorated_functions()
found = []
for function in (plain, described):
    for _ in range(200):
        function()
    time.sleep(0.3)  # sleep: until the thread has found out that nobody listens
    best = []
    for _ in range(9):
        begin = time.perf_counter()
        for _ in range(300):
            function()
        best.append((time.perf_counter() - begin) / 300 * 1e6)
    found.append(sorted(best)[4])
print(json.dumps(found))
import os
os._exit(0)
"""

DELIVER = """
import json, sys, time
kind, url, count, root = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
from tests.benchmarks import content, words
if kind == "ours":
    from lineage_kit import OpenLineageClient
    side = words.ours()
    client = OpenLineageClient(config={"transport": {"type": "http", "url": url},
        "delivery": {"exit_timeout": 60, "journal": {"directory": root}},
        "facets": {"source_code_location": {"disabled": True}}})
else:
    from openlineage.client import OpenLineageClient
    side = words.theirs()
    client = OpenLineageClient(config={"transport": {"type": "async_http", "url": url, "max_queue_size": 100000},
        "facets": {"source_code_location": {"disabled": True}}})
events = [event for _ in range(count // 2) for event in content.minimal_pair(side, content.stamps(side))]
begin, cpu = time.perf_counter(), time.process_time()
for event in events:
    client.emit(event)
if kind == "ours":
    assert client.flush(60)
else:
    client.close(60)
print(json.dumps([len(events) / (time.perf_counter() - begin), (time.process_time() - cpu) / len(events) * 1e6]))
import os
os._exit(0)
"""

FILL = """
import os, sys
from lineage_kit.delivery.journal.places import destination_id
from lineage_kit.delivery.journal.writing.quota import Quota
from lineage_kit.delivery.journal.writing.writer import Journal
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport import HttpConfig, HttpTransport
root, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
name = destination_id("http", HttpTransport(HttpConfig(url=url)))
journal = Journal(root, {name: url}, Quota(root, 8 << 30), 1 << 24, "never")
for number in range(count):
    run, state = "%032d" % (number // 2), "COMPLETE" if number % 2 else "START"
    body = b'{"eventType":"%b","run":{"runId":"%b"},"pad":"%b"}' % (state.encode(), run.encode(), b"x" * 900)
    assert journal.append(Envelope(body, "run:n/j", run, state)) is None
os._exit(0)
"""

RECOVER = """
import json, resource, sys, time
from lineage_kit import OpenLineageClient
from lineage_kit.transport import HttpConfig, HttpTransport
from lineage_kit.event.envelope import Envelope
root, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
HttpTransport(HttpConfig(url=url)).send(Envelope(b"{}", "job:n/j"))  # loads what every program that sends has loaded
client = OpenLineageClient(config={"transport": {"type": "http", "url": url},
    "delivery": {"exit_timeout": 0, "journal": {"directory": root, "max_bytes": 8 << 30}}})
client.status()
before = peak()
begin, cpu = time.perf_counter(), time.process_time()
while not client.recover(0.05):
    pass
took = time.perf_counter() - begin
assert client.status()[0].recovered == count, client.status()
print(json.dumps([count / took, peak() - before, (time.process_time() - cpu) / count * 1e6]))
"""

WAKE = """
import json, sys, threading, time
from lineage_kit.delivery import RetryPolicy
from lineage_kit.delivery.journaled import JournaledDelivery, JournalOptions, Wire
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport

class Noted(Transport):
    kind = "noted"
    def __init__(self):
        self.came = threading.Event()
    def send(self, envelope):
        self.at = time.perf_counter()
        self.came.set()

wire = Noted()
delivery = JournaledDelivery([Wire("noted", wire, RetryPolicy())], JournalOptions(root=sys.argv[1]))
found = []
for number in range(30):
    wire.came.clear()
    begin = time.perf_counter()
    delivery.submit(Envelope(b"{}", "job:n/j"))
    wire.came.wait()
    found.append((wire.at - begin) * 1e3)
    time.sleep(0.05)  # sleep: long enough for the thread to idle
print(json.dumps(sorted(found)[15]))
"""

END = """
import json, sys, time
from lineage_kit import lineage_job
@lineage_job
def load():
    pass
for _ in range(100):
    load()
"""


def rows(folder: Path, *, quick: bool) -> Iterator[tuple[str, float, str, str]]:
    """What, how much, its unit, and what is aimed at."""
    yield from _emitting(folder)
    yield from _calls(folder)
    yield from _delivering(folder, 1000 if quick else 4000)
    yield from _recovering(folder, 100_000 if quick else 1_000_000)
    yield from _waking(folder)
    yield from _ending(folder)


def _emitting(folder: Path) -> Iterator[tuple[str, float, str, str]]:
    alone = _program(EMIT, folder / "emit-1", 1, 4000)
    added = alone["journal"][0] - alone["memory"][0]
    yield "emit 1 KB, journal: added to the same in memory, p50", added, "µs", "≤ 5"
    crowd = _program(EMIT, folder / "emit-8", 8, 2000)
    yield "emit 1 KB, journal, 8 threads that do nothing else, p99", crowd["journal"][1] / 1e3, "ms", "≤ 1"
    busy = _program(EMIT, folder / "emit-8-waiting", 8, 500, 0.001)
    yield "emit 1 KB, journal, 8 threads that wait 1 ms between, p99", busy["journal"][1] / 1e3, "ms", "≤ 1"
    single = _side_by_side(folder, 1)
    yield "emit, 2 processes at once: times as slow", _side_by_side(folder, 2) / single, "×", "≤ 1.5"
    yield (
        "emit, 4 processes on 2 cores: times as slow",
        _side_by_side(folder, 4) / single,
        "×",
        "≤ 1.5, 2 by the cores",
    )


def _side_by_side(folder: Path, count: int) -> float:
    started = [_start(EMIT, folder / f"side-{count}-{number}", 1, 4000) for number in range(count)]
    return statistics.median(_result(process)["journal"][0] for process in started)


def _calls(folder: Path) -> Iterator[tuple[str, float, str, str]]:
    minimal, full = _program(CALLS, folder / "calls")
    yield "run of an empty function, journaled, minimal", minimal, "µs", "≤ 20"
    yield "run of an empty function, journaled, full", full, "µs", "≤ 40"


def _delivering(folder: Path, count: int) -> Iterator[tuple[str, float, str, str]]:
    found: dict[str, list[list[float]]] = {"ours": [], "theirs": [], "batches": []}
    for number in range(3):
        for name, batches in (("ours", "0"), ("theirs", "0"), ("batches", "1")):
            with sink("0.02", batches) as url:
                kind = "theirs" if name == "theirs" else "ours"
                found[name].append(_program(DELIVER, kind, url, count, folder / f"deliver-{name}-{number}"))
    rate, cpu = (
        {name: statistics.median(one[place] for one in runs) for name, runs in found.items()}
        for place in (0, 1)
    )
    yield "delivery at 20 ms, async_http of the other client", rate["theirs"], "/s", ""
    yield "delivery at 20 ms, one by one", rate["ours"], "/s", f"≥ 1.2 × = {1.2 * rate['theirs']:,.0f}"
    yield "delivery at 20 ms, batches", rate["batches"], "/s", f"≥ 3 × = {3 * rate['theirs']:,.0f}"
    yield "… CPU per event of the other client", cpu["theirs"], "µs", ""
    yield "… CPU per event, one by one", cpu["ours"], "µs", f"≤ 1/5 = {cpu['theirs'] / 5:,.0f}"
    yield "… CPU per event, batches", cpu["batches"], "µs", f"≤ 1/20 = {cpu['theirs'] / 20:,.0f}"


def _recovering(folder: Path, count: int) -> Iterator[tuple[str, float, str, str]]:
    with sink("0", "1") as url:
        _run(FILL, folder / "backlog", url, count)
        rate, memory, cpu = _program(RECOVER, folder / "backlog", url, count)
    yield f"recovery of {count:,} events in batches", rate, "/s", "≥ 5,000"
    yield "… memory", memory, "MiB", "≤ 16"
    yield "… CPU per event", cpu, "µs", ""


def _waking(folder: Path) -> Iterator[tuple[str, float, str, str]]:
    yield "from emit to the transport, after idling, p50", _program(WAKE, folder / "wake"), "ms", "≤ 10"


def _ending(folder: Path) -> Iterator[tuple[str, float, str, str]]:
    where = {"OPENLINEAGE_URL": "http://127.0.0.1:9", "LINEAGE_KIT_STATE": str(folder / "end")}
    took = []
    for switch in ({}, {"OPENLINEAGE_DISABLED": "1"}) * 3:
        begin = _now()
        _run(END, **where, **switch)
        took.append(_now() - begin)
    added = statistics.median(took[::2]) - statistics.median(took[1::2])
    yield "exit with a dead backend: a whole program longer than disabled", added, "s", "≤ 2.5"


@contextmanager
def sink(delay: str, batches: str) -> Iterator[str]:
    """A backend in a process of its own; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(SINK), delay, batches],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


def _now() -> float:
    import time

    return time.perf_counter()


def _start(program: str, *arguments: object, **environment: str) -> "subprocess.Popen[str]":
    from lineage_kit.config.env import environment_for_child

    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, *map(str, arguments)],
        cwd=ROOT, env=environment_for_child(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _result(process: "subprocess.Popen[str]") -> Any:
    out, error = process.communicate()
    if process.returncode:
        raise RuntimeError(error)
    return json.loads(out.splitlines()[-1])


def _program(program: str, *arguments: object) -> Any:
    return _result(_start(program, *arguments))


def _run(program: str, *arguments: object, **environment: str) -> None:
    process = _start(program, *arguments, **environment)
    _, error = process.communicate()
    if process.returncode:
        raise RuntimeError(error)
