"""One command as a run, or without one: started, followed, and told how it ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lineage_kit import report
from lineage_kit.cli.exec.ending import Ending
from lineage_kit.cli.exec.start import NotStartedError, replace, run_and_wait, spawn
from lineage_kit.config.env import environment_for_child

if TYPE_CHECKING:
    from lineage_kit.cli.exec.follow import Follower
    from lineage_kit.lifecycle.recording.recorder import Recorder
    from lineage_kit.lifecycle.spec import JobSpec

POSIX = hasattr(os, "posix_spawn") and hasattr(signal, "pthread_sigmask")
SIGNALLED = 128  # what shells add to the number of a signal


class Outcome(NamedTuple):
    """How a command ended. status: what to end with; signal: 0 unless one ended it; why: words where it failed."""

    status: int
    signal: int = 0
    why: str = ""


def without_run(command: Sequence[str]) -> Outcome:
    """The command in the place of this process, where that is possible. Raises `NotStartedError`."""
    if POSIX:
        replace(command)
    return Outcome(run_and_wait(command, environment_for_child({})))


def as_run(command: Sequence[str], spec: JobSpec, ending: Ending) -> Outcome:
    """The command between the START and the end of a run of `spec`. Raises `NotStartedError`."""
    if not POSIX:
        return _between(command, spec, None)
    from lineage_kit.cli.exec.follow import Follower

    follower = Follower()
    follower.block()  # before the first thread, which inherits it
    try:
        return _between(command, spec, follower)
    finally:
        follower.forget()
        ending.hurry_on_signals()
        follower.unblock()


def _between(command: Sequence[str], spec: JobSpec, follower: Follower | None) -> Outcome:
    from lineage_kit.lifecycle.defaults import INHERIT
    from lineage_kit.lifecycle.gate import enter_block

    recorder = enter_block(spec, None, INHERIT)
    if recorder is None:  # a filter, or trouble that was said
        if follower is not None:
            follower.unblock()
        return without_run(command)
    variables = environment_for_child(recorder.as_parent().variables())
    try:
        if follower is None:
            outcome = _by_status(command[0], run_and_wait(command, variables))
        else:
            child = spawn(command, variables, environment_for_child({}), follower.mask)
            outcome = _by_wait_status(command[0], follower.follow(child))
    except NotStartedError as error:
        _tell(recorder, Outcome(error.status, why=str(error)))
        raise
    _tell(recorder, outcome)
    return outcome


def _by_wait_status(program: str, wait_status: int) -> Outcome:
    if not os.WIFSIGNALED(wait_status):
        return _by_status(program, os.WEXITSTATUS(wait_status))
    number = os.WTERMSIG(wait_status)
    why = f"{os.path.basename(program)} was ended by {_signal_name(number)}"
    return Outcome(SIGNALLED + number, number, why)


def _by_status(program: str, status: int) -> Outcome:
    if status == 0:
        return Outcome(0)
    why = f"{os.path.basename(program)} ended with status {status}"
    if SIGNALLED < status < SIGNALLED + signal.NSIG:
        why += f", which is what shells end with after {_signal_name(status - SIGNALLED)}"
    return Outcome(status, why=why)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _tell(recorder: Recorder, outcome: Outcome) -> None:
    """The end of the run, with the reason where the command did not succeed."""
    from lineage_kit.event.facets.run import ErrorMessageRunFacet
    from lineage_kit.event.model import RunState

    try:
        if outcome.why:
            recorder.notes.run_facets["errorMessage"] = ErrorMessageRunFacet(outcome.why, "shell")
            recorder.end_as(RunState.ABORT if outcome.signal else RunState.FAIL)
    except Exception as error:  # door: the command's status is what counts
        report.problem("exec.end", f"the end of {recorder.prepared.name} could not be told", error)
    recorder.leave(None)
