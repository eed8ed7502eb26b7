"""SIGTERM, where it was asked for: open runs are ended and delivered, then happens what would have happened without."""

from __future__ import annotations

import _thread
import os
import signal
import threading
import time
from types import FrameType
from typing import Any

from lineage_kit import report
from lineage_kit.delivery import process
from lineage_kit.delivery.process import AfterEvent

WHY = "the process was told to end (SIGTERM) while the run was open"
LONGEST_WAIT = 1.0  # seconds that an event on its way may take before the signal is seen to
_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_STATIONS = (
    "lifecycle/recording/",
    "client/",
    "delivery/",
    "transport/",
)  # where events are made and handed over
_USERS = ("lifecycle/wrappers/", "lifecycle/travel")  # below which the user's functions run
PAUSE = 0.02


class _State:
    previous: Any = None  # what SIGTERM did before
    told: float | None = None  # when the SIGTERM came that is being seen to
    coming = False  # it was put off and comes again
    closing = False


def catch_sigterm() -> None:
    """From now on SIGTERM first ends what is open and delivers, and then does what it did before. Once per process.

    Only the main thread may ask; on another this is said and left out.
    """
    previous = signal.getsignal(signal.SIGTERM)
    if previous in (_on_sigterm, signal.SIG_IGN):
        return
    if previous is None:
        report.hint("sigterm", "SIGTERM is handled outside of Python here: open runs are not ended by it")
        return
    try:
        signal.signal(signal.SIGTERM, _on_sigterm)
    except ValueError:
        report.hint(
            "sigterm",
            "delivery.on_sigterm: Python handles signals on its main thread only, and lineage was first used on "
            "another: SIGTERM does not end open runs. Call lineage_kit.configure() on the main thread before that",
        )
        return
    _State.previous = previous


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    """The process is told to end."""
    if not _State.closing and not _is_put_off(number, frame):
        _State.closing = True  # a second one ends the wait
        try:
            _close()
        finally:
            _State.closing, _State.told = False, None
        _pass_on(number, frame)
    elif _State.closing:
        _pass_on(number, frame)


def _close() -> None:
    # as process 1 of a container Python ignores SIGTERM: the program goes on until it is killed
    goes_on = callable(_State.previous) or os.getpid() == 1
    (process.flush_all if goes_on else process.end)(WHY)


def _pass_on(number: int, frame: FrameType | None) -> None:
    if callable(_State.previous):
        _State.previous(number, frame)
        return
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _is_put_off(number: int, frame: FrameType | None) -> bool:
    """Where the signal has interrupted what makes or hands over an event, see to it after that: in a moment."""
    now = time.monotonic()
    if _State.told is None:
        _State.told = now
    if not _is_in_the_middle(frame) or now - _State.told > LONGEST_WAIT:
        AfterEvent.act = None
        return False
    AfterEvent.act = _act
    return _comes_again(number)


def _act() -> None:
    """An event has been handed over, and SIGTERM waits for that."""
    if threading.get_ident() == threading.main_thread().ident:
        AfterEvent.act = None
        _on_sigterm(signal.SIGTERM, None)


def _comes_again(number: int) -> bool:
    """Have the signal come again shortly, for it may be that no event is handed over. False when that cannot be had."""

    def send() -> None:
        time.sleep(PAUSE)
        _State.coming = False
        if AfterEvent.act is not None:
            os.kill(os.getpid(), number)

    if not _State.coming:
        _State.coming = True
        try:
            _thread.start_new_thread(send, ())
        except RuntimeError:
            _State.coming = False
            return False
    return True


def _is_in_the_middle(frame: FrameType | None) -> bool:
    """Whether our own code is at work, rather than a function of the user's below one of our wrappers."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_OURS):
            place = file[len(_OURS) + 1 :].replace("\\", "/")
            if place.startswith(_USERS + _STATIONS):
                return place.startswith(_STATIONS)
        frame = frame.f_back
    return False
