"""A program that has everything imported and forks an actor on request: milliseconds instead of a start of Python.

Run by `Stage`: who connects to its socket sends a part (JSON) with four descriptors (standard input, output, error, and
a pipe to speak over), and is answered with the exit status once the actor has ended. It has a single thread and opens
no client itself, so that each actor is as a program that has just begun.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.scripts import ROOT, Folder

LARGEST_PART = 65536
PATIENCE = 60.0


class Actor:
    """One program, from its start to its end: lines to its input, and what it told."""

    def __init__(self, address: str, part: dict[str, Any]) -> None:
        given, self._input = os.pipe()
        self._told, mouth = os.pipe()
        self._log = Path(part["folder"]) / f"{part['name']}.log"
        self._output = self._log.with_suffix(".out")
        out, err = (
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666) for path in (self._output, self._log)
        )
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(PATIENCE)
        self._line.connect(address)
        socket.send_fds(self._line, [json.dumps(part).encode()], [given, out, err, mouth])
        for descriptor in (given, out, err, mouth):
            os.close(descriptor)
        self._reader = os.fdopen(self._told, "rb")
        self.said: list[list[str]] = []
        self.status: int | None = None

    def wait_for(self, word: str) -> list[str]:
        """What it says with this word next."""
        while line := self._reader.readline():
            said = line.decode().rstrip("\n").split(" ")
            self.said.append(said)
            if said[0] == word:
                return said[1:]
        raise AssertionError(f"it ended without a word of {word}: {self.errors()}")

    def do(self, *words: object) -> list[str]:
        """Have it carry out a command; the answer."""
        os.write(self._input, " ".join(map(str, words)).encode() + b"\n")
        return self.wait_for("done")

    def kill(self) -> None:
        """End it, if it lives."""
        for (pid,) in self.heard("pid") if self.status is None else ():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def end(self) -> int:
        """Let it read to the end of its input and end; its exit status."""
        os.close(self._input)
        self.said += [line.decode().rstrip("\n").split(" ") for line in self._reader]
        self._reader.close()
        self.status = int(self._line.recv(100))
        self._line.close()
        return self.status

    def heard(self, word: str) -> list[list[str]]:
        """All that it said with this word."""
        return [said[1:] for said in self.said if said[0] == word]

    def output(self) -> str:
        """What it wrote to standard output."""
        return self._output.read_text()

    def errors(self) -> str:
        """What it wrote to standard error."""
        return self._log.read_text(errors="replace")


class Stage:
    """Where actors are started. folder: for the socket."""

    def __init__(self, folder: Path) -> None:
        self._address = str(folder / "stage")

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.stage", self._address]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=Folder(ROOT).environ(), stdout=subprocess.PIPE
        )
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.communicate()

    def enter(self, part: dict[str, Any]) -> Actor:
        """Start one."""
        return Actor(self._address, part)


def main(address: str) -> int:
    """Fork an actor for whoever connects; in an actor, be that."""
    import lineage_kit
    import lineage_kit.client.client
    import lineage_kit.delivery.journaled
    import lineage_kit.session
    import lineage_kit.transport.composite
    import lineage_kit.transport.http.wire
    from tests.faults import play

    assert lineage_kit.run
    assert play.ACTS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(8)
    print("ready", flush=True)
    while True:
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            return _attend(line)
        line.close()


def _attend(line: socket.socket) -> int:
    """In a process of its own: wait for the actor, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    data, descriptors, _, _ = socket.recv_fds(line, LARGEST_PART, 4)
    actor = os.fork()
    if actor == 0:
        line.close()
        return _become(json.loads(data), descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    _, status = os.waitpid(actor, 0)
    try:
        line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    finally:
        os._exit(0)


def _become(part: dict[str, Any], descriptors: list[int]) -> int:
    """The rest of this process is the actor's life; what is returned is its exit status."""
    from tests.faults import play

    for target, source in enumerate(descriptors[:3]):
        os.dup2(source, target)
    for source in descriptors[:3]:
        os.close(source)
    mouth = os.dup2(descriptors[3], 300, inheritable=False)  # out of the way of who closes by number
    os.close(descriptors[3])
    os.environ.clear()
    os.environ.update(part["environ"])
    os.chdir(part["folder"])
    sys.argv = ["etl.py"]
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - for life
    return play.perform(part, mouth)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
