"""Programs that run one after another, or at once, over one journal and one backend, and what became of events."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.support.scripts import Folder
from tests.support.servers import HttpServer

PATIENCE = 60.0  # seconds after which something awaited is given up; no test that passes waits for long
ENOUGH = "50"  # seconds for the end of a program; one that needs a good part of them is at fault

BEGIN = """
import os, signal, sys, threading
from lineage_kit import OpenLineageClient, flush, lineage_job, propagate, run, status

def say(word):
    print(word, flush=True)

@lineage_job("load")
def load(day):
    return day
"""
"""What each program begins with."""

NEXT = """
from lineage_kit import OpenLineageClient
with OpenLineageClient() as client:
    assert client.recover(40), client.status()
    print(client.status()[0].recovered)
"""
"""A later program, which sees to what others have left."""


class Lives:
    """`folder` holds the programs and their journal, `server` is where their events go."""

    def __init__(self, folder: Folder, server: HttpServer) -> None:
        self.folder = folder
        self.server = server
        self.journal = folder.state / "journal"
        self.settings: dict[str, str] = {}
        """Variables of every program."""
        self._started: list[subprocess.Popen[str]] = []

    def start(
        self, source: str, *args: str, name: str = "etl.py", begin: str = BEGIN, **variables: str
    ) -> subprocess.Popen[str]:
        """Start a program; it may read lines from its standard input."""
        script = self.folder.path / name
        script.write_text(begin + dedent(source))
        return self.launch([sys.executable, name, *args], **variables)

    def launch(self, command: list[str], **variables: str) -> subprocess.Popen[str]:
        """Start a command as a program of these."""
        process = subprocess.Popen(
            command,
            cwd=self.folder.path,
            env=self.environ(**variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def environ(self, **variables: str) -> dict[str, str]:
        """The environment of a program: events to the server, and time enough at the end."""
        ours = {"OPENLINEAGE_URL": self.server.url, "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": ENOUGH}
        return self.folder.environ(**(ours | self.settings | variables))

    def run(
        self, source: str, *args: str, status: int | None = 0, name: str = "etl.py", **variables: str
    ) -> tuple[str, str]:
        """Run a program to its end, which has to be `status`; what it wrote."""
        process = self.start(source, *args, name=name, **variables)
        out, err = process.communicate(timeout=PATIENCE)
        assert status is None or process.returncode == status, (process.returncode, out, err)
        return out, err

    def next(self, **variables: str) -> int:
        """Run the next program with this configuration to its end; how many events of others it delivered."""
        process = self.start(NEXT, name="next.py", begin="", **variables)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + err
        return int(out)

    def homes(self) -> list[Path]:
        """What lies in the journal."""
        return sorted(self.journal.iterdir()) if self.journal.exists() else []

    def await_homes(self, count: int) -> None:
        """Wait until so many folders lie in the journal."""
        deadline = time.monotonic() + PATIENCE
        while len(self.homes()) != count:
            assert time.monotonic() < deadline, self.homes()
            time.sleep(0.01)  # sleep: nobody tells when a folder goes

    def events(self) -> list[dict[str, Any]]:
        """What arrived, in that order; what came twice, as the same bytes, is there once (C8)."""
        return [json.loads(body) for body in dict.fromkeys(self._bodies())]

    def came_once(self) -> bool:
        """Whether nothing came twice, which is promised only where nobody was killed while sending."""
        bodies = self._bodies()
        return len(bodies) == len(set(bodies))

    def runs(self) -> dict[str, list[list[str]]]:
        """Job → the states of each of its runs, in the order in which they first arrived."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for event in self.events():
            found[event["job"]["name"]][event["run"]["runId"]].append(event["eventType"])
        return {job: list(runs.values()) for job, runs in found.items()}

    def _bodies(self) -> list[bytes]:
        """Of a request that was cut off in the middle the backend has taken nothing."""
        return [
            one.document
            for one in self.server.requests()
            if len(one.body) == int(one.headers["content-length"])
        ]

    def kill(self) -> None:
        """End what is still running, with the processes that it started."""
        for process in self._started:
            kill_all(process)
            process.communicate()


def await_line(process: subprocess.Popen[str], expected: str) -> None:
    """Wait until a program has said `expected`."""
    line = process.stdout.readline()
    assert line == f"{expected}\n", (line, process.stderr.read() if not line else "")


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a program go on that waits in ``input()``."""
    process.stdin.write("\n")
    process.stdin.flush()


def end(process: subprocess.Popen[str]) -> None:
    """Let a program read to the end of its standard input, and end well."""
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + err


def kill_all(process: subprocess.Popen[str]) -> None:
    """SIGKILL to a program and the processes that it started, as far as they stayed in its group."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def reason_of(event: dict[str, Any]) -> str:
    """Why a run was ended by others."""
    return event["run"]["facets"]["errorMessage"]["message"]
