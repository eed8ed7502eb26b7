"""A program that has everything imported and forks a victim on request: milliseconds instead of a start of Python.

Run by `tests.crash.herd`: an order is a line of JSON on standard input; the answers are ``{"born": pid}`` and, when a
process below this one has ended, ``{"ended": pid, "status": …}``. It has a single thread and opens no client itself, so
that each victim is as a program that has just begun.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
from typing import Any

import lineage_kit
import lineage_kit.client.client
import lineage_kit.delivery.journaled
import lineage_kit.session
import lineage_kit.transport.composite
import lineage_kit.transport.http.wire
from tests.crash import victims

assert lineage_kit.lineage_job
assert lineage_kit.run  # what is loaded lazily is loaded now

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: children of victims that were killed come to us


def main() -> int:
    """Obey until standard input ends; in a victim, be that."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    bell, ringing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
    orders = b""
    while True:
        ready, _, _ = select.select([0, bell], [], [])
        if bell in ready:
            os.read(bell, 4096)
            _reap()
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                return 0
            *lines, orders = (orders + data).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    return _become(json.loads(line), bell, ringing)
                _say(born=pid)


def _become(order: dict[str, Any], *inherited: int) -> int:
    """The rest of this process is the victim's life; what is returned is its exit status."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in inherited:
        os.close(descriptor)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, nothing), (1, nothing), (2, log)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["folder"])
    sys.argv = [f"{order['program']}.py"]
    return victims.live(order)


def _reap() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _say(ended=pid, status=os.waitstatus_to_exitcode(status))


def _say(**words: int) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
