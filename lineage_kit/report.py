"""Trouble at run time: each mistake said once per minute through logging, few per cause, and counted; never raised.

Everything that goes wrong while the user's job runs ends here. `strict` (used by tests) turns it into an exception.
Nothing secret may be passed in: messages are logged as they are.
"""

from __future__ import annotations

import time

from lineage_kit.errors import LineageError

LOGGER_NAME = "lineage_kit"
SILENCE_SECONDS = 60.0
MAX_CAUSES = 1000

MAX_MESSAGES = 5  # of one cause within a minute

_last_said: dict[str, tuple[float, list[int]]] = {}  # cause → since when, and which messages were said
_NO_DIGITS = dict.fromkeys(range(ord("0"), ord("9") + 1))
_counts: dict[str, int] = {}


class _Switch:
    strict = False


def use_strict(strict: bool) -> None:
    """Make every later `problem` raise (True), or be logged and counted (False, the default)."""
    _Switch.strict = strict


def is_strict() -> bool:
    """Whether problems raise."""
    return _Switch.strict


def problem(cause: str, message: str, error: BaseException | None = None, once: bool = False) -> None:
    """Count one occurrence of `cause` and log `message` unless it was said in the last minute.

    Of messages that differ in more than numbers, five are said per cause and minute; with `once`, which is for a state
    that lasts, one.

    `cause` is a short stable key (``"dataset.unresolved:etl.load"``), `error` the exception behind it, whose
    type is named but whose text is not shown: it may hold the user's data.
    """
    if _Switch.strict:
        raise LineageError(message) from error
    count(cause)
    if not _may_speak(cause, message, once):
        return
    if error is not None:
        message = f"{message} ({type(error).__name__})"
    _say(message)


def hint(cause: str, message: str) -> None:
    """Log `message` at the first occurrence of `cause` in this process, and count each: advice, never an exception."""
    count(cause)
    if _counts.get(cause) == 1:
        _say(message)


def trace(message: str, error: BaseException) -> None:
    """Log `message` with the frames of `error`, but not its text, at level DEBUG; neither counted nor raised."""
    import logging

    logger = logging.getLogger(LOGGER_NAME)
    if logger.isEnabledFor(logging.DEBUG):
        from traceback import format_tb

        logger.debug("%s\n%s", message, "".join(format_tb(error.__traceback__)))


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


def _may_speak(cause: str, message: str, once: bool) -> bool:
    now = time.monotonic()
    since, said = _last_said.get(cause, (-SILENCE_SECONDS, []))
    if now - since >= SILENCE_SECONDS or not said:
        if len(_last_said) >= MAX_CAUSES:
            _last_said.clear()
        since, said = _last_said[cause] = now, []
    elif once or len(said) >= MAX_MESSAGES:
        return False
    sketch = hash(message.translate(_NO_DIGITS))
    if sketch in said:
        return False
    said.append(sketch)
    return True


def _say(message: str) -> None:
    import logging  # 6 ms: only paid when there is something to say

    message = message.encode(
        "utf-8", "backslashreplace"
    ).decode()  # names may hold half characters, no log file can
    try:
        logging.getLogger(LOGGER_NAME).warning("%s", message)
    except Exception:  # door: handlers and filters are the user's; it is counted all the same
        count("report.unsaid")
