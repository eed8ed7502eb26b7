"""A command started as a child, or put in this process's place; and why it could not be, in words that help."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

SHELL = "/bin/sh"
NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as shells, env and timeout have it
CHANGED_BY_PYTHON = [getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)]


class NotStartedError(Exception):
    """The command cannot be started. ``status``: what a shell would end with."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    smaller: Mapping[str, str],
    mask: Iterable[int],
) -> int:
    """Start a child with our standard streams, terminal and process group; its process id.

    smaller: the environment to take where the other is too large. mask: signals that the child has blocked.
    Raises `NotStartedError`.
    """

    def start(path: str, arguments: list[str], variables: Mapping[str, str] = environment) -> int:
        return os.posix_spawnp(path, arguments, variables, setsigmask=mask, setsigdef=CHANGED_BY_PYTHON)

    try:
        return _or_by_shell(command, start)
    except OSError as error:
        if error.errno != errno.E2BIG:
            raise _not_started(command[0], error) from None
    try:  # the command comes first
        return _or_by_shell(command, lambda path, arguments: start(path, arguments, smaller))
    except OSError as error:
        raise _not_started(command[0], error) from None


def replace(command: Sequence[str]) -> NoReturn:
    """Become the command. Raises `NotStartedError`."""
    for number in CHANGED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)  # what is ignored would stay so in the program
    try:
        _or_by_shell(command, os.execvp)
    except OSError as error:
        raise _not_started(command[0], error) from None
    raise AssertionError("unreachable")


def run_and_wait(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Where a process can neither be replaced nor told its signals (Windows): run the command; its exit status."""
    from subprocess import run

    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the console tells the command itself
    try:
        return run(command, env=environment, check=False).returncode  # noqa: S603 - what the user asked for
    except OSError as error:
        raise _not_started(command[0], error) from None
    finally:
        signal.signal(signal.SIGINT, previous)


def _or_by_shell(command: Sequence[str], start: Callable[[str, list[str]], int]) -> int:
    """`start` the command; a script without ``#!`` by the shell, as shells do."""
    if not command[0]:  # Python refuses it in words of its own
        raise FileNotFoundError
    try:
        return start(command[0], list(command))
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    return start(SHELL, [SHELL, shutil.which(command[0]) or command[0], *command[1:]])


def _not_started(program: str, error: OSError) -> NotStartedError:
    is_path = "/" in program
    if isinstance(error, PermissionError) and (is_path or _lies_on_path(program)):
        return NotStartedError(NOT_EXECUTABLE, _why_not_executable(program))
    if isinstance(error, (FileNotFoundError, NotADirectoryError, PermissionError)):
        return NotStartedError(NOT_FOUND, _why_not_found(program, is_path))
    return NotStartedError(NOT_EXECUTABLE, f"{program!r} cannot be started: {error.strerror}")


def _why_not_found(program: str, is_path: bool) -> str:
    if not program:
        return "the command is empty: a variable that is not set?"
    if is_path and os.path.exists(program):
        return f"{program!r} cannot be started: the interpreter that its first line names is not there"
    if " " in program.strip() and not is_path:
        first = program.split(maxsplit=1)[0]
        return (
            f"{program!r} is not found: in quotes the whole line is one name. "
            f"Write exec -- {first} …, or exec -- sh -c '{first} …'"
        )
    if is_path:
        return f"{program!r} is not found: there is no such file in {os.path.dirname(program) or '/'}"
    if os.path.isfile(program):
        return f"{program!r} is not found on PATH; the file that lies here is started with ./{program}"
    return f"{program!r} is not found: no directory of PATH holds a program of this name"


def _why_not_executable(program: str) -> str:
    if os.path.isdir(program):
        return f"{program!r} is a directory, not a program"
    return f"{program!r} may not be executed: chmod +x it, or name what runs it, as in exec -- sh {program}"


def _lies_on_path(program: str) -> bool:
    return any(os.path.isfile(os.path.join(folder, program)) for folder in os.get_exec_path())
