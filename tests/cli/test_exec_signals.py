"""Signals, terminals and job control under ``lineage-kit exec`` are what they are without it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX systems")
pty = pytest.importorskip("pty") if os.name == "posix" else None

LONGEST_WAIT = 60.0  # seconds for a text on the screen
EXEC = [sys.executable, "-m", "lineage_kit", "exec", "--name", "a", "--"]
CATCHER = """
import signal, sys

def catch(number, frame):
    print(signal.Signals(number).name, flush=True)

for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), catch)
print("ready", flush=True)
while sys.stdin.read(1):  # until the end, or whatever stands for it
    pass
sys.exit(5)
"""
SHELL = """
import os, signal, sys

def give_terminal(group):
    os.tcsetpgrp(0, group)

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
ready, go = os.pipe()
job = os.fork()
if not job:
    os.read(ready, 1)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
os.setpgid(job, job)
give_terminal(job)
os.write(go, b"x")
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    give_terminal(os.getpgrp())
    if not os.WIFSTOPPED(status):
        break
    print("shell: stopped", flush=True)
    sys.stdin.readline()
    give_terminal(job)
    os.killpg(job, signal.SIGCONT)
    print("shell: continued", flush=True)
print("shell: ended", os.waitstatus_to_exitcode(status), flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A working directory with the programs of these tests."""
    (tmp_path / "catch.py").write_text(CATCHER)
    (tmp_path / "shell.py").write_text(SHELL)
    return Folder(tmp_path)


def start(folder: Folder, *command: str, **how: object) -> subprocess.Popen[str]:
    """The command under exec, with pipes."""
    variables = how.pop("variables", {})
    return subprocess.Popen(
        [*EXEC, *command],
        cwd=folder.path,
        env=folder.environ(**variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,
    )


def wait_until_gone(pid: int) -> None:
    """Return when no process has this id any more: it has ended, and its parent knows."""
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)  # sleep: no event


class Terminal:
    """A program in a session of its own on a terminal of its own, as at a keyboard."""

    def __init__(self, folder: Folder, *command: str) -> None:
        environment = folder.environ(TERM="dumb")
        self.pid, self._keyboard = pty.fork()
        if not self.pid:
            os.chdir(folder.path)
            os.execvpe(command[0], command, environment)
        self._seen = ""

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._keyboard, keys.encode())

    def wait_for(self, text: str) -> str:
        """What is on the screen up to `text`, once it is there."""
        while text not in self._seen:
            is_there, _, _ = select.select([self._keyboard], [], [], LONGEST_WAIT)
            try:
                more = os.read(self._keyboard, 4096) if is_there else b""
            except OSError:  # the other side is closed
                more = b""
            assert more, f"{text!r} never came: {self._seen!r}"
            self._seen += more.decode()
        before, _, self._seen = self._seen.partition(text)
        return before

    def end(self) -> str:
        """What else came until everything was closed."""
        try:
            while more := os.read(self._keyboard, 4096):
                self._seen += more.decode()
        except OSError:
            pass
        os.close(self._keyboard)
        os.waitpid(self.pid, 0)
        return self._seen


@pytest.fixture
def terminal(folder: Folder) -> Iterator[object]:
    """Opens a `Terminal`; what still runs is ended."""
    opened: list[Terminal] = []

    def open_terminal(*command: str) -> Terminal:
        opened.append(Terminal(folder, *command))
        return opened[-1]

    yield open_terminal
    for one in opened:
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


CATCHABLE = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGWINCH", "SIGCONT"]


@pytest.mark.parametrize("name", [*CATCHABLE, "SIGRTMIN"])
def test_a_signal_that_reaches_us_reaches_the_command_once(folder, name: str) -> None:
    """What is sent to our process arrives there, once, and the command decides what becomes of it."""
    process = start(folder, sys.executable, "catch.py", name)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(getattr(signal, name))
    assert process.stdout.readline() == f"{name}\n"
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, ""), err
    assert folder.states() == ["START a", "FAIL a"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1"])
def test_a_signal_that_the_command_does_not_catch_ends_both(folder, name: str) -> None:
    """Default actions are the command's: ABORT, and the same end for us."""
    process = start(folder, "sh", "-c", "echo ready; exec sleep 600")
    assert process.stdout.readline() == "ready\n"
    number = getattr(signal, name)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == -number
    assert folder.states() == ["START a", "ABORT a"]


def test_what_was_ignored_stays_ignored(folder) -> None:
    """Under nohup a hangup reaches neither: dispositions are inherited by the command as they were."""
    script = "import signal, sys; print(signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGINT), flush=True)"
    done = subprocess.run(
        ["sh", "-c", 'trap "" HUP INT; exec "$@"', "sh", *EXEC, sys.executable, "-c", script],
        cwd=folder.path,
        env=folder.environ(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == f"{signal.SIG_IGN} {signal.SIG_IGN}\n"


@pytest.mark.parametrize("disabled", ["0", "1"])
def test_the_command_starts_with_clean_signals(folder, disabled: str) -> None:
    """Nothing is blocked in the command and nothing ignored that was not before, broken pipes not either."""
    script = "grep -E 'SigBlk|SigIgn' /proc/self/status"
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    plain = subprocess.run(["sh", "-c", script], capture_output=True, text=True, cwd=folder.path)
    done = subprocess.run(
        [*EXEC, "sh", "-c", script],
        capture_output=True,
        text=True,
        cwd=folder.path,
        env=folder.environ(OPENLINEAGE_DISABLED=disabled),
    )
    # two signals above these the C library keeps for itself, and ignores after any posix_spawn
    seen, expected = (
        [int(mask, 16) & 0x7FFFFFFF for mask in one.stdout.split()[1::2]] for one in (done, plain)
    )
    assert seen == expected


def test_a_status_is_kept_where_child_signals_were_ignored(folder) -> None:
    """Started by a program that ignores SIGCHLD we still learn how the command ended."""
    starter = """import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])"""
    done = subprocess.run(
        [sys.executable, "-c", starter, *EXEC, "sh", "-c", "exit 6"],
        cwd=folder.path,
        env=folder.environ(),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 6


def test_a_signal_after_the_command_only_shortens_the_wait(folder) -> None:
    """While the end is being delivered SIGTERM stops that, and the status stays the command's."""
    with HttpServer() as server:
        server.always(fault="hold")
        variables = {"OPENLINEAGE_URL": server.url, "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "1000"}
        process = start(folder, "sh", "-c", "echo $$; exit 3", variables=variables)
        wait_until_gone(int(process.stdout.readline()))
        server.wait_for(1)
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        process.communicate(timeout=60)
    assert process.returncode == 3


def test_a_terminal_is_the_commands_own(terminal) -> None:
    """The command sits at the terminal in the foreground, with its size."""
    screen = terminal(
        *EXEC,
        sys.executable,
        "-c",
        "import os; print(*map(os.isatty, range(3)), os.tcgetpgrp(0) == os.getpgrp())",
    )
    assert "True True True True" in screen.end()


@pytest.mark.parametrize(("key", "name"), [("\x03", "SIGINT"), ("\x1c", "SIGQUIT")])
def test_a_key_is_one_signal(terminal, folder, key: str, name: str) -> None:
    """Ctrl-C and its like reach the command from the terminal, and not a second time through us."""
    screen = terminal(*EXEC, sys.executable, "catch.py", name)
    screen.wait_for("ready")
    screen.type(key)
    screen.wait_for(name)
    screen.type("\x04")
    assert name not in screen.end()
    assert folder.states() == ["START a", "FAIL a"]


def test_ctrl_c_ends_both(terminal, folder) -> None:
    """A command that does not catch it is aborted, and we end by the same signal."""
    screen = terminal(sys.executable, "shell.py", *EXEC, "sh", "-c", "echo ready; exec sleep 600")
    screen.wait_for("ready")
    screen.type("\x03")
    screen.wait_for(f"shell: ended {-signal.SIGINT}")
    assert folder.states() == ["START a", "ABORT a"]


def test_ctrl_z_stops_both_and_fg_continues_both(terminal, folder) -> None:
    """The shell sees its job stop, twice in a row, and the command goes on where it was."""
    screen = terminal(sys.executable, "shell.py", *EXEC, sys.executable, "catch.py", "SIGCONT")
    screen.wait_for("ready")
    for _ in range(2):
        screen.type("\x1a")
        screen.wait_for("shell: stopped")
        screen.type("\n")
        screen.wait_for("SIGCONT")  # before or after the shell says that it continued the job
    screen.type("\x04")
    screen.wait_for("shell: ended 5")
    assert folder.states() == ["START a", "FAIL a"]


def test_a_command_that_stops_itself_stops_us(terminal) -> None:
    """An editor that suspends itself alone gives the terminal back to the shell."""
    script = "import os, signal; os.kill(os.getpid(), signal.SIGTSTP); print('awake', flush=True)"
    screen = terminal(sys.executable, "shell.py", *EXEC, sys.executable, "-c", script)
    screen.wait_for("shell: stopped")
    screen.type("\n")
    screen.wait_for("awake")
    screen.wait_for("shell: ended 0")


def test_a_command_that_will_not_stop_does_not_stop_us(terminal) -> None:
    """Ctrl-Z is the command's to ignore."""
    script = """import signal
signal.signal(signal.SIGTSTP, signal.SIG_IGN)
print('ready', flush=True)
print('got', input())"""
    screen = terminal(sys.executable, "shell.py", *EXEC, sys.executable, "-c", script)
    screen.wait_for("ready")
    screen.type("\x1aword\n")
    screen.wait_for("got word")
    screen.wait_for("shell: ended 0")


def test_a_change_of_the_window_is_one_signal(terminal) -> None:
    """The size of the terminal changes for the command as without us."""
    import fcntl
    import struct
    import termios

    screen = terminal(*EXEC, sys.executable, "catch.py", "SIGWINCH")
    screen.wait_for("ready")
    fcntl.ioctl(screen._keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
    screen.wait_for("SIGWINCH")
    screen.type("\x04")
    assert "SIGWINCH" not in screen.end()
