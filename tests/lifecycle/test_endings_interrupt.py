"""Ctrl-C wherever it strikes: it reaches the user, runs have one end, and the program dies of it."""

from __future__ import annotations

import json
import signal
import sys
import time

import pytest

from lineage_kit import Transport, configure, run
from tests.support.servers import HttpServer, black_hole_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is a thing of POSIX")


STORM = """
    import asyncio, gc, random, signal, sys
    from lineage_kit import Transport, configure, current_run, lineage_job, run
    from lineage_kit.lifecycle.recording.recorder import OPEN

    runs = {{}}

    class Wire(Transport):
        delivery = "direct"
        def send(self, envelope):
            runs.setdefault(envelope.run_id, []).append(str(envelope.state))

    configure(transport=Wire())

    @lineage_job("row")
    def row(): ...

    @lineage_job("stream")
    def stream():
        while True:
            yield 1

    @lineage_job("astream")
    async def astream():
        while True:
            yield 1

    def rows():
        while True:
            row()

    def items():
        for _ in stream():
            pass

    async def more():
        async for _ in astream():
            pass

    def aitems():
        coroutine = more()
        try:
            coroutine.send(None)
        finally:
            coroutine.close()

    row()  # what is loaded once takes longer than a strike is away
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    for number in range(300):
        try:
            # once more where the first one is lost: Python ignores what is raised in a callback of a weak reference
            signal.setitimer(signal.ITIMER_REAL, 0.0005 + random.random() / 1000, 0.1)
            {shape}()
        except KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, 0)
        assert not current_run(), (number, str(current_run()))
    gc.collect()
    row()
    # what was interrupted while it was handed over is handed over again, as it was
    ends = [list(dict.fromkeys(states)) for states in runs.values()]
    torn = [states for states in ends if states not in (["START", "COMPLETE"], ["START", "ABORT"], ["ABORT"])]
    print(len(runs), len(OPEN), torn)
"""


@pytest.mark.parametrize("shape", ["rows", "items", "aitems"])
def test_each_run_has_one_end_wherever_ctrl_c_strikes(folder, shape):
    """Three hundred interrupts of each shape: nothing stays current, no run stays open, none ends in two ways."""
    done = folder.run(STORM.format(shape=shape))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1)[1] == "0 []\n", done.stdout


def test_an_end_that_was_interrupted_is_told_again_byte_for_byte():
    """Ctrl-C after the terminal event has gone out: the same bytes may come twice, another end never."""
    sent = []

    class Wire(Transport):
        delivery = "direct"

        def send(self, envelope):
            sent.append((str(envelope.state), envelope.body))
            if len(sent) == 2:
                raise KeyboardInterrupt

    configure(transport=Wire())
    with pytest.raises(KeyboardInterrupt), run("told"):
        pass
    assert [state for state, _ in sent] == ["START", "COMPLETE", "COMPLETE"]
    assert sent[1] == sent[2]


LOADING = """
    import sys
    from lineage_kit import run

    def shell():
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            sys.last_value = error  # as shells do, to show it and go on

    with run("short"):
        {ending}
"""


def test_a_program_that_ctrl_c_ends_dies_of_it(folder):
    """Also when what delivers is still being loaded: shells tell a death by SIGINT from an exit status of 1."""
    with HttpServer() as server:
        done = folder.run(LOADING.format(ending="raise KeyboardInterrupt"), OPENLINEAGE_URL=server.url)
        assert done.returncode == -signal.SIGINT
        assert done.stderr.endswith("KeyboardInterrupt\n")
        assert len(server.wait_for(2)) == 2


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("1 / 0", 1),
        ("shell()", 0),
        ("sys.excepthook = lambda *_: sys.exit(4); raise KeyboardInterrupt", 4),
    ],
    ids=["end", "exit", "error", "shell", "hook"],
)  # fmt: skip
def test_other_ends_keep_their_status(folder, ending, status):
    """Whatever ends a program, its exit status is the one it has without us."""
    with HttpServer() as server:
        done = folder.run(LOADING.format(ending=ending), OPENLINEAGE_URL=server.url)
        assert done.returncode == status, done.stderr


@pytest.mark.parametrize("delay", [0.02, 0.05, 0.1, 0.2, 0.3])
def test_ctrl_c_early_in_a_program(folder, delay):
    """Whenever in its first moments it comes: death by SIGINT, an ABORT, no more than Python's traceback."""
    with HttpServer() as server:
        process = folder.start(
            """
            from lineage_kit import run

            with run("long"):
                print("ready", flush=True)
                while True:
                    pass
            """,
            OPENLINEAGE_URL=server.url,
        )
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)  # sleep: strike at several moments
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGINT
        assert err.count("Traceback") == 1
        events = [json.loads(request.body)["eventType"] for request in server.requests()]
    assert events == ["START", "ABORT"]


def test_a_second_ctrl_c_while_events_are_sent_at_exit(folder):
    """The process ends at once, of SIGINT; what was not sent is lost, and how much that was is said."""
    with black_hole_port() as port:
        process = folder.start(
            """
            import time
            from lineage_kit import run

            with run("long"):
                print("ready", flush=True)
                time.sleep(60)  # sleep: until Ctrl-C
            """,
            OPENLINEAGE_URL=f"http://127.0.0.1:{port}",
            OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="1000",
        )
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        while "KeyboardInterrupt" not in process.stderr.readline():
            pass  # the program has ended, and its events are being sent
        time.sleep(0.5)  # sleep: well into that
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert err.startswith("2 lineage events were kept in the journal, not delivered yet: http. ")
    assert err.count("\n") == 1
