"""Jobs that requests to gunicorn run: recycled, killed and stopped, its workers lose no event."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

import pytest

from tests.support.lives import PATIENCE, Lives, reason_of
from tests.support.pages import programs

WHOLE = ["START", "COMPLETE"]

[SITE] = programs("workers.md", "gunicorn")
SITE += """

import os
from lineage_kit import run

with run("import"):  # in the master where it preloads, in each worker where it does not
    pass

def pids(environ, start_response):
    app(environ, start_response)
    if environ["PATH_INFO"] == "/killed":
        with run("cut off"):
            os.kill(os.getpid(), 9)
    return [str(os.getpid()).encode()]
"""


@pytest.fixture(autouse=True)
def site_of_jobs(lives: Lives) -> None:
    """The site of the page on workers, and a little more."""
    (lives.folder.path / "site_of_jobs.py").write_text(SITE)


@pytest.fixture
def port() -> Iterator[int]:
    """A port that gunicorn is to listen at; free, as far as one can know."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def site(lives: Lives, port: int, *flags: str) -> "subprocess.Popen[str]":
    """The site with two workers, which are replaced every few requests."""
    command = ["-m", "gunicorn", "--workers=2", "--max-requests=3", "--log-level=error", *flags]
    return lives.launch([sys.executable, *command, f"--bind=127.0.0.1:{port}", "site_of_jobs:pids"])


def ask(port: int, path: str, patience: float = PATIENCE) -> str | None:
    """The answer of whoever listens, as soon as somebody does; None when the worker that took the request is gone."""
    deadline = time.monotonic() + patience
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.connect()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.05)  # sleep: gunicorn does not tell when it listens
            continue
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except (HTTPException, OSError):
            return None
        finally:
            connection.close()


def stop(process: "subprocess.Popen[str]") -> None:
    """The graceful stop."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "lineage" not in said, said


@pytest.mark.parametrize("flags", [(), ("--preload",)], ids=["workers-load", "preload"])
def test_recycled_workers_and_a_graceful_stop(lives: Lives, port: int, flags: tuple[str, ...]) -> None:
    """C12, C13: workers that are replaced every three requests, and ended, have delivered when the master is gone."""
    master = site(lives, port, *flags)
    pids = {ask(port, f"/{day}") for day in range(10)}
    assert None not in pids
    assert len(pids) > 2  # some were replaced
    stop(master)
    found = lives.runs()
    imports = found.pop("import")
    assert imports == [WHOLE] * (1 if flags else len(imports))
    assert found == {"site_of_jobs.load": [WHOLE] * 10}
    assert lives.homes() == []
    assert lives.came_once()


@pytest.mark.parametrize("flags", [(), ("--preload",)], ids=["workers-load", "preload"])
def test_a_killed_worker(lives: Lives, port: int, flags: tuple[str, ...]) -> None:
    """C16, C17: what a worker leaves that is killed in a request is delivered by those that go on, or come after it."""
    master = site(lives, port, *flags)
    assert ask(port, "/monday") is not None
    assert ask(port, "/killed") is None
    answers = [ask(port, "/tuesday") for _ in range(6)]  # replaces whoever was there before
    assert None not in answers
    stop(master)
    lives.next()
    found = lives.runs()
    assert all(states == WHOLE for states in found.pop("import"))
    assert found == {"site_of_jobs.load": [WHOLE] * 8, "cut off": [["START", "ABORT"]]}
    [abort] = [event for event in lives.events() if event["eventType"] == "ABORT"]
    assert "died while the run was open" in reason_of(abort)
    assert lives.homes() == []
