"""Victims at work: started by the zygote, listened to, and killed at the moment their plan names."""

from __future__ import annotations

import errno
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.support.oracle import CLEAN, DEAD, UNCLEAR, Told
from tests.support.scripts import ROOT, Folder

TOO_LONG = 20.0  # seconds after which a victim that should have ended is said to hang
WATCHED = "write,openat,rename,unlink,flock,mkdir,rmdir,fdatasync,truncate,close,read"
"""System calls that the journal makes."""


@dataclass(frozen=True)
class Plan:
    """How a victim is to die. kind: for the table. order: see `zygote`; what it does.

    after: what has to be seen first, ``start``, ``leaving``, or so many events. delay: seconds from then on. None: not
    at all. group: with its children. inject: for strace. sound: nothing is done to its disk.
    """

    kind: str
    order: dict[str, Any]
    after: str | int | None = None
    delay: float = 0.0
    group: bool = False
    inject: str | None = None
    sound: bool = True

    def __str__(self) -> str:
        shown = {name: value for name, value in self.order.items() if name not in ("environ", "folder")}
        when = f"{self.after} + {self.delay:.3f} s" if self.after is not None else "not killed from outside"
        return f"{self.kind}: {when}, group: {self.group}, {self.inject or 'not traced'}, {shown}"


@dataclass
class Victim:
    """One that lives or lived, and what it said."""

    number: int
    plan: Plan
    log: Path
    ear: int
    pid: int = 0
    tracer: subprocess.Popen[str] | None = None
    told: list[Told] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    said: list[list[str]] = field(default_factory=list)
    begun: float = 0.0
    due: float | None = None
    killed: bool = False
    hangs: bool = False
    status: int | None = None
    rest: bytes = b""

    def ends(self) -> dict[int, str]:
        """How each of its processes ended."""
        return {pid: self._end(pid) for pid in self.pids}

    def _end(self, pid: int) -> str:
        if pid not in self.left:
            return DEAD
        if self.hangs or not self.plan.sound or (self.killed and (self.plan.group or pid == self.pid)):
            return UNCLEAR
        if pid != self.pid:
            return (
                UNCLEAR if self.plan.inject else CLEAN
            )  # the tracer may have killed it without a word to us
        return CLEAN if self.status == 0 else UNCLEAR

    def describe(self) -> str:
        """Who it was and how it ended."""
        ended = f"status {self.status}, {'killed' if self.killed else 'not killed by us'}"
        return f"victim {self.number}, {ended}, processes {self.pids}, left {sorted(self.left)}, {self.plan}"

    def hear(self, data: bytes) -> None:
        """What it says."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            what, *words = line.decode().split(" ")
            if what == "E":
                self.told.append(Told(int(words[0]), *words[1:]))
            elif what == "H":
                self.pids.append(int(words[0]))
                self._see("start")
            elif what == "L":
                self.left.add(int(words[0]))
                self._see("leaving")
            else:
                self.said.append([what, *words])
        if isinstance(self.plan.after, int) and len(self.told) >= self.plan.after:
            self._see(self.plan.after)

    def _see(self, what: str | int) -> None:
        if what == self.plan.after and self.due is None:
            self.due = time.monotonic() + self.plan.delay


class Herd:
    """All victims of a programme. folder: where they work, each below a folder of its round."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._alive: dict[int, Victim] = {}
        self._number = 0
        self._heard = b""
        self._select = selectors.DefaultSelector()
        self._silent: set[int] = set()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.crash.zygote"]
        environ = Folder(self.folder).environ()
        self._zygote = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._select.register(self._zygote.stdout, selectors.EVENT_READ, None)
        return self

    def __exit__(self, *exc: object) -> None:
        for victim in self._alive.values():
            _kill(victim, group=True)
        self._zygote.stdin.close()
        self._zygote.wait()
        self._zygote.stdout.close()
        self._select.close()

    def run(self, plans: list[Plan], at_once: int, meanwhile: Callable[[], object]) -> list[Victim]:
        """Let all of them live and die, `at_once` at a time; `meanwhile` is called again and again."""
        waiting, gone = list(reversed(plans)), []
        while waiting or self._alive:
            while waiting and len(self._alive) < at_once:
                self._start(waiting.pop())
            self._listen(0.004)
            meanwhile()
            for victim in tuple(self._alive.values()):
                self._look_at(victim)
                if self._is_gone(victim):
                    gone.append(self._bury(victim))
        return gone

    def _start(self, plan: Plan) -> None:
        self._number += 1
        mouth = self.folder / f"{self._number}.mouth"
        os.mkfifo(mouth)
        order = plan.order | {"number": self._number, "mouth": str(mouth)}
        order["log"] = str(self.folder / f"{self._number}.log")
        if plan.inject:
            order["gate"] = str(self.folder / f"{self._number}.gate")
            os.mkfifo(order["gate"])
        ear = os.open(mouth, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        victim = Victim(self._number, plan, Path(order["log"]), ear)
        self._zygote.stdin.write(json.dumps(order).encode() + b"\n")
        self._zygote.stdin.flush()
        self._select.register(ear, selectors.EVENT_READ, victim)
        while not victim.pid:
            self._hear_zygote(victim)
        victim.begun = time.monotonic()
        self._alive[victim.pid] = victim
        if plan.inject:
            victim.tracer = _trace(victim.pid, plan.inject)
            _open_gate(order["gate"])

    def _listen(self, timeout: float) -> None:
        for key, _ in self._select.select(timeout):
            if key.data is None:
                self._hear_zygote(None)
            else:
                self._hear(key.data)

    def _hear(self, victim: Victim) -> None:
        while True:
            try:
                data = os.read(victim.ear, 65536)
            except BlockingIOError:
                return
            if not data:
                self._silent.add(victim.number)
                if victim.pids or victim.status is not None:
                    self._deafen(victim)
                return
            victim.hear(data)

    def _deafen(self, victim: Victim) -> None:
        if victim.ear in self._select.get_map():
            self._select.unregister(victim.ear)

    def _hear_zygote(self, newborn: Victim | None) -> None:
        data = os.read(self._zygote.stdout.fileno(), 65536)
        assert data, "the zygote has ended"
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "born" in said:
                newborn.pid = said["born"]
            elif said["ended"] in self._alive:
                self._alive[said["ended"]].status = said["status"]

    def _look_at(self, victim: Victim) -> None:
        now = time.monotonic()
        if victim.due is not None and now >= victim.due and not victim.killed and victim.status is None:
            victim.killed = True
            _kill(victim, group=victim.plan.group)
        if now - victim.begun > TOO_LONG and not victim.hangs:
            victim.hangs = True
            _kill(victim, group=True, number=signal.SIGUSR1)
            time.sleep(0.2)  # sleep: it writes down where it is
            _kill(victim, group=True)

    def _is_gone(self, victim: Victim) -> bool:
        """Its first process has ended, and nobody speaks over its pipe any more."""
        if victim.status is None:
            return False
        self._hear(victim)
        try:
            return os.read(victim.ear, 1) == b""
        except BlockingIOError:
            return False

    def _bury(self, victim: Victim) -> Victim:
        self._deafen(victim)
        os.close(victim.ear)
        del self._alive[victim.pid]
        if victim.tracer is not None:
            victim.tracer.communicate()
        for end in ("mouth", "gate"):
            (self.folder / f"{victim.number}.{end}").unlink(missing_ok=True)
        return victim


def can_trace() -> bool:
    """Whether strace is there and may attach to processes."""
    if shutil.which("strace") is None:
        return False
    sleeper = subprocess.Popen(["sleep", "9"])
    try:
        tracer = _trace(sleeper.pid, "write:error=EIO:when=1")
        return tracer.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
        tracer.communicate()


def _trace(pid: int, inject: str) -> subprocess.Popen[str]:
    command = ["strace", "-f", "-o", os.devnull, "-e", f"trace={WATCHED}", "-e", f"inject={inject}"]
    tracer = subprocess.Popen([*command, "-p", str(pid)], stderr=subprocess.PIPE, text=True)
    tracer.stderr.readline()  # attached, or the reason why not
    return tracer


def _open_gate(path: str) -> None:
    """Let a victim go on that waits there; one that did not get so far is let be."""
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            return
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            time.sleep(0.001)  # sleep: nothing tells that somebody has come to the gate


def _kill(victim: Victim, *, group: bool, number: int = signal.SIGKILL) -> None:
    try:
        (os.killpg if group else os.kill)(victim.pid, number)
    except ProcessLookupError:
        pass
