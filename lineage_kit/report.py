"""Trouble at run time: said once per cause per minute through logging, and counted; never raised.

Everything that goes wrong while the user's job runs ends here. `strict` (used by tests) turns it into an exception.
Nothing secret may be passed in: messages are logged as they are.
"""

from __future__ import annotations

import time

from lineage_kit.errors import LineageError

LOGGER_NAME = "lineage_kit"
SILENCE_SECONDS = 60.0
MAX_CAUSES = 1000

_last_said: dict[str, float] = {}
_counts: dict[str, int] = {}


class _Switch:
    strict = False


def use_strict(strict: bool) -> None:
    """Make every later `problem` raise (True), or be logged and counted (False, the default)."""
    _Switch.strict = strict


def is_strict() -> bool:
    """Whether problems raise."""
    return _Switch.strict


def problem(cause: str, message: str, error: BaseException | None = None) -> None:
    """Count one occurrence of `cause` and log `message` unless the same cause spoke in the last minute.

    `cause` is a short stable key (``"dataset.unresolved:etl.load"``), `error` the exception behind it, whose
    type is named but whose text is not shown: it may hold the user's data.
    """
    if _Switch.strict:
        raise LineageError(message) from error
    count(cause)
    if not _may_speak(cause):
        return
    if error is not None:
        message = f"{message} ({type(error).__name__})"
    _say(message)


def hint(cause: str, message: str) -> None:
    """Log `message` at the first occurrence of `cause` in this process, and count each: advice, never an exception."""
    count(cause)
    if _counts.get(cause) == 1:
        _say(message)


def is_counted(cause: str) -> bool:
    """Whether `cause` happened in this process."""
    return cause in _counts


def use_level(level: str) -> None:
    """Set the level of the logger ``lineage_kit``: DEBUG, INFO, WARNING, ERROR or CRITICAL."""
    import logging

    logging.getLogger(LOGGER_NAME).setLevel(level)


def count(cause: str, times: int = 1) -> None:
    """Add to a counter of `counts` without saying anything."""
    if cause in _counts or len(_counts) < MAX_CAUSES:
        _counts[cause] = _counts.get(cause, 0) + times


def counts() -> dict[str, int]:
    """How often each cause happened in this process."""
    return dict(_counts)


def reset() -> None:
    """Forget counters and silences; strict goes off."""
    _last_said.clear()
    _counts.clear()
    _Switch.strict = False


def _may_speak(cause: str) -> bool:
    now = time.monotonic()
    if len(_last_said) >= MAX_CAUSES:
        _last_said.clear()
    last = _last_said.get(cause)
    if last is not None and now - last < SILENCE_SECONDS:
        return False
    _last_said[cause] = now
    return True


def _say(message: str) -> None:
    import logging  # 6 ms: only paid when there is something to say

    try:
        logging.getLogger(LOGGER_NAME).warning("%s", message)
    except Exception:  # door: handlers and filters are the user's; it is counted all the same
        count("report.unsaid")
