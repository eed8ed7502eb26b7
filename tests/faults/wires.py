"""What users write themselves: a transport that posts with nothing but the standard library, and a token provider."""

from __future__ import annotations

import http.client
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, Unreachable

REFUSALS = {400, 406, 415, 422}
FAULTS = {401, 403, 404, 405, 410, 501}


class Courier:
    """Any exception counts as worth another try; what it knows better it says with the package's own errors."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._where = urlsplit(options["url"])
        self._timeout = options.get("timeout", 5.0)

    def send(self, envelope: Any) -> str:
        """One connection for each event."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": envelope.event_id}
        connection = http.client.HTTPConnection(self._where.hostname, self._where.port, timeout=self._timeout)
        try:
            connection.request("POST", "/api/v1/lineage", envelope.body, headers)
            answer = connection.getresponse()
            return self._judged(answer.status, answer.reason, answer.getheader("Retry-After"))
        finally:
            connection.close()

    def _judged(self, status: int, reason: str, after: str | None) -> str:
        if 200 <= status < 300:
            return reason
        text = f"{status} {reason}"
        if status == 413:
            raise TooLarge(text, status=status)
        if status in REFUSALS:
            raise Rejected(text, status=status)
        if status in FAULTS or 300 <= status < 400:
            raise BrokenDestination(text, status=status)
        if status >= 500:
            raise Unreachable(text, status=status)
        if after is not None and after.isdecimal():
            raise Unreachable(text, status=status, retry_after=float(after))
        raise RuntimeError(text)

    def describe(self) -> str:
        """Where it goes."""
        return self._where.geturl()


class TokenFile:
    """The token stands in a file, is read once, and again when it is refused."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._path = Path(config["path"])
        self._token = ""

    def get_bearer(self) -> str:
        """The header's value."""
        if not self._token:
            self.refresh()
        return f"Bearer {self._token}"

    def refresh(self) -> None:
        """Read it again."""
        self._token = self._path.read_text().strip()


def write_token(folder: Path, token: str) -> None:
    """A new token takes the place of the old one."""
    (folder / "token.new").write_text(token)
    os.replace(folder / "token.new", folder / "token")
