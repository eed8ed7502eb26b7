"""Ctrl-C and full stacks in the middle of hand-overs: each run has START once and one end, or nothing at all."""

from __future__ import annotations

import json
import signal
from collections import defaultdict

import pytest

from tests.support.servers import HttpServer

ENDS = {"COMPLETE", "FAIL", "ABORT"}


def torn(events):
    """What the runs of `events` went through, where that is not START and one end."""
    runs = defaultdict(list)
    for event in events:
        runs[event["run"]["runId"]].append(event["eventType"])
    assert runs
    return [
        states
        for states in runs.values()
        if len(states) != 2 or states[0] != "START" or states[1] not in ENDS
    ]


STORM = """
    import contextlib, random, signal
    from lineage_kit import current_run, flush, lineage_job, run

    @lineage_job("row")
    def row(): ...

    @lineage_job("stream")
    def stream():
        yield from range(3)

    def plain():
        row()

    def generator():
        list(stream())

    def block():
        with run("block"):
            pass

    signal.signal(signal.SIGALRM, signal.default_int_handler)
    row()
    flush(5)
    for _ in range({interrupts}):
        with contextlib.suppress(KeyboardInterrupt):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0003 + random.random() / 1000)
                for _ in range({calls}):
                    {shape}()
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    flush(30)
"""

posix = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers here")
shapes = pytest.mark.parametrize("shape", ["plain", "generator", "block"])


@posix
@shapes
def test_runs_in_the_local_log_survive_a_storm_of_interrupts(folder, shape):
    """Four hundred of them: no end without START, none told twice or in two ways, and none said to be lost."""
    done = folder.run(STORM.format(shape=shape, interrupts=400, calls=1000))
    assert done.returncode == 0, done.stderr
    assert "lost" not in done.stderr
    assert torn(folder.events()) == []


@posix
@shapes
def test_runs_on_their_way_to_http_survive_a_storm_of_interrupts(folder, shape):
    """The same through the queue of a background delivery."""
    with HttpServer() as server:
        done = folder.run(
            STORM.format(shape=shape, interrupts=100, calls=10),
            OPENLINEAGE_URL=server.url,
            OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="30",
        )
        events = [json.loads(request.body) for request in server.requests()]
    assert done.returncode == 0, done.stderr
    assert "lost" not in done.stderr
    assert torn(events) == []


DEEP = """
    import contextlib, sys
    from lineage_kit import flush, lineage_job

    sys.setrecursionlimit(600)

    @lineage_job
    def walk():
        walk()

    @lineage_job("leaf")
    def leaf(): ...

    def down(levels):
        down(levels - 1) if levels else leaf()

    for _ in range(2):
        with contextlib.suppress(RecursionError):
            walk()
    for levels in range(450, 600):
        with contextlib.suppress(RecursionError):
            down(levels)
    flush(30)
"""


@pytest.mark.parametrize("wire", ["local", "http"])
def test_runs_at_the_recursion_limit_are_whole(folder, wire):
    """None is a half run, none is lost, and what failed says so with a message."""
    with HttpServer() as server:
        where = {"OPENLINEAGE_URL": server.url, "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "30"}
        done = folder.run(DEEP, **(where if wire == "http" else {}))
        sent = [json.loads(request.body) for request in server.requests()]
    events = sent if wire == "http" else folder.events()
    assert done.returncode == 0, done.stderr
    assert "lost" not in done.stderr
    assert torn(events) == []
    failed = [event for event in events if event["eventType"] == "FAIL"]
    assert failed
    assert all("errorMessage" in event["run"]["facets"] for event in failed)
