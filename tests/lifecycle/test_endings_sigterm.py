"""`delivery.on_sigterm: abort`: open runs are ended, then happens what would have happened without."""

from __future__ import annotations

import json
import signal
import sys
import time

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer, black_hole_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is a thing of POSIX")

ASKED = {"OPENLINEAGE__DELIVERY__ON_SIGTERM": "abort"}

OPEN = """
    import signal, time
    from lineage_kit import lineage_job, run

    @lineage_job("stream")
    def stream():
        yield 1

    items = stream()
    next(items)
    {before}
    with run("long"):
        {after}
        print("ready", flush=True)
        while True:
            time.sleep(60)  # sleep: until SIGTERM
"""


def terminate(process, times: int = 1) -> tuple[int, str, str]:
    """SIGTERM once the program is ready; exit status and what it wrote after that."""
    assert process.stdout.readline() == "ready\n"
    for _ in range(times):
        process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_open_runs_are_aborted_and_the_process_dies_of_the_signal(folder):
    """Each open run gets one ABORT that says why, and the exit status is that of SIGTERM."""
    status, _, err = terminate(folder.start(OPEN.format(before="", after=""), **ASKED))
    assert status == -signal.SIGTERM
    assert sorted(folder.states()) == ["ABORT long", "ABORT stream", "START long", "START stream"]
    aborted = [event for event in folder.events() if event["eventType"] == "ABORT"]
    assert all("SIGTERM" in event["run"]["facets"]["errorMessage"]["message"] for event in aborted)
    assert "Traceback" not in err


def test_nothing_is_installed_unless_asked(folder):
    """Without the setting SIGTERM is what it was, and kills."""
    checks = "assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL"
    status, _, _ = terminate(folder.start(OPEN.format(before="", after=checks)))
    assert status == -signal.SIGTERM
    assert sorted(folder.states()) == ["START long", "START stream"]


def test_after_the_last_run_it_changes_nothing(folder):
    """SIGTERM when nothing is open adds no event."""
    program = """
        import time
        from lineage_kit import run

        with run("done"):
            pass
        print("ready", flush=True)
        time.sleep(60)  # sleep: until SIGTERM
    """
    status, _, _ = terminate(folder.start(program, **ASKED))
    assert status == -signal.SIGTERM
    assert folder.states() == ["START done", "COMPLETE done"]


def test_events_are_delivered_before_the_process_dies(folder):
    """What waits for a backend is sent within the exit time-out: nothing needs to be left to others."""
    with HttpServer() as server:
        started = folder.start(OPEN.format(before="", after=""), OPENLINEAGE_URL=server.url, **ASKED)
        assert terminate(started)[0] == -signal.SIGTERM
        events = [json.loads(request.body) for request in server.requests()]
    assert sorted(f"{event['eventType']} {event['job']['name']}" for event in events) == [
        "ABORT long", "ABORT stream", "START long", "START stream",
    ]  # fmt: skip


def test_a_backend_that_hangs_holds_it_up_no_longer_than_the_bound(folder):
    """A black hole costs the exit time-out, what is owed is said, the status stays."""
    with black_hole_port() as port:
        where = {"OPENLINEAGE_URL": f"http://127.0.0.1:{port}", "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "0.3"}
        status, _, err = terminate(folder.start(OPEN.format(before="", after=""), **where, **ASKED))
    assert status == -signal.SIGTERM
    assert "4 lineage events were kept in the journal" in err


def test_a_second_one_ends_the_wait(folder):
    """Who sends SIGTERM twice does not wait for the backend."""
    with black_hole_port() as port:
        where = {"OPENLINEAGE_URL": f"http://127.0.0.1:{port}", "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "1000"}
        process = folder.start(OPEN.format(before="", after=""), **where, **ASKED)
        assert process.stdout.readline() == "ready\n"
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.2)  # sleep: between two of them
        assert process.communicate(timeout=30) and process.returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        ("lambda *_: sys.exit(7)", 7),
        ("lambda number, frame: os._exit(8 if frame is not None and number == 15 else 1)", 8),
        ("signal.default_int_handler", -signal.SIGINT),
    ],
)
def test_a_handler_from_before_is_called_afterwards(folder, handler, status):
    """The handler the program had decides how it ends; the runs are ABORT already."""
    before = f"import os, sys; signal.signal(signal.SIGTERM, {handler})"
    program = OPEN.format(before="", after="").replace(
        "from lineage_kit", f"{before}\n    from lineage_kit", 1
    )
    ended, _, _ = terminate(folder.start(program, **ASKED))
    assert ended == status
    assert sorted(folder.states()) == ["ABORT long", "ABORT stream", "START long", "START stream"]


def test_a_handler_that_goes_on_goes_on(folder):
    """A handler that only takes note lets the program end by itself, and later runs are recorded as ever."""
    program = """
        import signal
        from lineage_kit import run

        told = []
        signal.signal(signal.SIGTERM, lambda *_: told.append(1))
        with run("first"):
            print("ready", flush=True)
            while not told:
                pass
        with run("second"):
            pass
    """
    status, _, _ = terminate(folder.start(program, **ASKED))
    assert status == 0
    assert folder.states() == ["START first", "ABORT first", "START second", "COMPLETE second"]


def test_a_handler_from_after_takes_its_place_and_may_call_it(folder):
    """The program's later handler is in charge; through the one it replaced, runs become ABORT."""
    after = (
        "ours = signal.getsignal(signal.SIGTERM);"
        "signal.signal(signal.SIGTERM, lambda *told: (print('mine', flush=True), ours(*told)))"
    )
    status, out, _ = terminate(folder.start(OPEN.format(before="", after=after), **ASKED))
    assert (status, out) == (-signal.SIGTERM, "mine\n")
    assert "ABORT long" in folder.states()


@pytest.mark.parametrize("first", ["loop", "run"])
def test_asyncio_handlers_work_beside_it(folder, first):
    """A loop's own handler is called, whichever came first, and cancels what it likes."""
    program = """
        import asyncio, signal
        from lineage_kit import lineage_job, run

        @lineage_job("job")
        async def job():
            print("ready", flush=True)
            await asyncio.sleep(60)  # sleep: until SIGTERM

        async def main():
            if {loop_first}:
                with run("first"): pass
            task = asyncio.create_task(job())
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
            try:
                await task
            except asyncio.CancelledError:
                print("cancelled")

        asyncio.run(main())
    """.format(loop_first=first == "run")
    status, out, _ = terminate(folder.start(program, **ASKED))
    assert (status, out) == (0, "cancelled\n")
    assert [state for state in folder.states() if "job" in state] == ["START job", "ABORT job"]


def test_ignored_stays_ignored(folder):
    """Where SIGTERM does nothing, it does nothing to runs either."""
    program = """
        import os, signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        from lineage_kit import run

        with run("first"):
            os.kill(os.getpid(), signal.SIGTERM)
    """
    assert folder.run(program, **ASKED).returncode == 0
    assert folder.states() == ["START first", "COMPLETE first"]


def test_outside_the_main_thread_it_is_said_once(folder):
    """Python lets no other thread handle signals: one warning, and the job runs."""
    program = """
        import threading
        from lineage_kit import configure, run

        def work():
            for _ in range(3):
                configure(config={"delivery": {"on_sigterm": "abort"}})
                with run("in a thread"):
                    pass

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    """
    done = folder.run(program)
    assert done.returncode == 0
    assert done.stderr.count("main thread") == 2  # both in the one sentence
    assert folder.states() == ["START in a thread", "COMPLETE in a thread"] * 3


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_terminated_worker_aborts_its_own_runs_only(folder, method):
    """`Process.terminate` ends the child's runs; the parent's go on, in the parent."""
    program = f"""
        import multiprocessing, time
        from lineage_kit import run

        def work(ready):
            with run("in child"):
                ready.set()
                time.sleep(60)  # sleep: until SIGTERM

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            with run("in parent"):
                ready = context.Event()
                child = context.Process(target=work, args=(ready,))
                child.start()
                ready.wait()
                child.terminate()
                child.join()
                print(child.exitcode)
    """
    done = folder.run(program, **ASKED)
    assert (done.returncode, done.stdout) == (0, "-15\n"), done.stderr
    assert sorted(folder.states()) == [
        "ABORT in child", "COMPLETE in parent", "START in child", "START in parent",
    ]  # fmt: skip


def test_in_the_middle_of_an_event_no_run_is_torn(folder):
    """Wherever among thousands of short runs it strikes, each run that has begun has one end."""
    program = """
        import os, random, signal, threading, time
        from lineage_kit import lineage_job, run

        @lineage_job("row")
        def row(): ...

        def strike():
            time.sleep(random.random() / 20)  # sleep: strike anywhere
            os.kill(os.getpid(), signal.SIGTERM)

        with run("all"):
            row()
            threading.Thread(target=strike, daemon=True).start()
            while True:
                row()
    """
    for number in range(8):
        here = Folder(folder.path / str(number))
        here.path.mkdir()
        assert here.run(program, **ASKED).returncode == -signal.SIGTERM
        runs: dict[str, list[str]] = {}
        for event in here.events():
            runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
        assert [
            states for states in runs.values() if states not in (["START", "COMPLETE"], ["START", "ABORT"])
        ] == []
