"""What an HTTP answer means for the event and for the destination; pure.

2xx delivered; 3xx never followed; who is at fault otherwise stands in the tables. 5xx is worth another try.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, TransportError, Unreachable
from lineage_kit.transport.http.address import host_of

CREDENTIALS = frozenset({401, 403, 407})
WRONG_ADDRESS = frozenset({402, 404, 405, 410, 421, 426, 451, 501, 505, 511})
COME_BACK = frozenset({408, 409, 423, 425, 429})
MAX_RETRY_AFTER = 300.0
MAX_ANSWER = 500


def status_line(status: int) -> str:
    """``201 Created``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def judge(status: int, headers: Mapping[str, str], answer: str, url: str) -> str:
    """The status line of a success; raises the `TransportError` that fits anything else.

    `answer` is the beginning of the body, `url` the address that was posted to.
    """
    if 200 <= status < 300:
        return status_line(status)
    if 300 <= status < 400:
        _redirected(status, headers, answer, url)
    raise _kind(status)(
        _sentence(status, answer),
        status=status,
        answer=answer,
        retry_after=retry_after(headers.get("Retry-After")),
    )


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds to wait, from a number of seconds or an HTTP date, at most `MAX_RETRY_AFTER`; None for anything else.

    `now`: seconds since 1970-01-01 UTC; the clock by default. Source: RFC 9110, 10.2.3.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            seconds = parsedate_to_datetime(value).timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


def readable(answer: bytes, *hidden: str | None) -> str:
    """The beginning of a body on one line, with whatever is in `hidden` masked; empty for what is no text."""
    text = answer.decode("utf-8", "replace")
    for secret in hidden:
        if secret:
            text = text.replace(secret, "***").replace(secret.rpartition(" ")[2], "***")
    printable = "".join(character if character.isprintable() else " " for character in text)
    if printable.count("\N{REPLACEMENT CHARACTER}") > len(printable) // 10:
        return ""
    return " ".join(printable.split())[:MAX_ANSWER]


def _kind(status: int) -> type[TransportError]:
    if status in CREDENTIALS or status in WRONG_ADDRESS:
        return BrokenDestination
    if status == 413:
        return TooLarge
    if 400 <= status < 500 and status not in COME_BACK:
        return Rejected
    return Unreachable


def _sentence(status: int, answer: str) -> str:
    words = status_line(status)
    if status in CREDENTIALS:
        words += ": the destination does not accept the credentials (transport.auth)"
    elif status in WRONG_ADDRESS:
        words += ": there is nothing that takes events (transport.url, transport.endpoint)"
    return f"{words}: {answer}" if answer else words


def _redirected(status: int, headers: Mapping[str, str], answer: str, url: str) -> NoReturn:
    location = headers.get("Location")
    where = f" to {host_of(location, url)}" if location else ""
    raise BrokenDestination(
        f"{status_line(status)}: the destination redirects{where}; redirects are not followed, correct transport.url",
        status=status,
        answer=answer,
    )
