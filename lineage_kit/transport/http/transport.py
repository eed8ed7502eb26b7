"""One event, one POST: address, headers, packing, one new try with a fresh token; the answer gives the verdict."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import TYPE_CHECKING, Any, ClassVar

from lineage_kit.event.envelope import Envelope
from lineage_kit.event.facet import VERSION
from lineage_kit.transport.base import Transport, closed
from lineage_kit.transport.common.loading import prepare, undivided
from lineage_kit.transport.http import address, auth, verdict
from lineage_kit.transport.http.options import HttpCompression, HttpConfig, RetryOptions

if TYPE_CHECKING:
    import requests

    from lineage_kit.transport.http.wire import Answer

GZIP_LEVEL = 3


class HttpTransport(Transport):
    """``type: http``: posts to anything that speaks the OpenLineage HTTP API (Marquez and others).

    `requests` is loaded and a session opened with the first event, in each process of its own.
    """

    kind: ClassVar[str | None] = "http"
    config_class: ClassVar[type] = HttpConfig
    placed: ClassVar[bool] = True

    def __init__(self, config: HttpConfig, path: str = "$.transport") -> None:
        self.config: HttpConfig = config
        self.address = address.read(config.url, config.endpoint)
        self._provider = auth.create_provider(config.auth, f"{path}.auth")
        self._session: requests.Session | None = None
        prepare()
        self._pid = -1
        self._closed = False

    @property
    def retry(self) -> RetryOptions:
        """What the configuration says about trying again, for the delivery."""
        return self.config.retry

    def send(self, envelope: Envelope) -> str:
        """Post the event; gives back the status line of the answer, such as ``201 Created``."""
        if self._closed:
            raise closed(self)
        token = self._token()
        answer = self._post(envelope, token)
        if answer.status in verdict.CREDENTIALS and self._provider is not None:
            fresh = auth.refreshed(self._provider, token)
            if fresh is not None:
                token = fresh
                answer = self._post(envelope, token)
        text = verdict.readable(answer.body, token, *self.config.custom_headers.values())
        return verdict.judge(answer.status, answer.headers, text, self.address.url)

    def close(self, timeout: float = 1.0) -> None:
        """Close the connections."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None and self._pid == os.getpid():
            session.close()

    def describe(self) -> str:
        """The address, without user, password and query."""
        return self.address.shown

    def __repr__(self) -> str:
        return f"HttpTransport({self.describe()})"

    def _token(self) -> str | None:
        if self._provider is None and self.address.user:
            return "Basic " + b64encode(":".join(self.address.user).encode()).decode()
        return auth.bearer(self._provider)

    def _post(self, envelope: Envelope, token: str | None) -> Answer:
        with undivided():
            from lineage_kit.transport.http import wire

        body, headers = _packed(envelope, self.config.compression)
        headers |= {
            "User-Agent": f"lineage-kit/{VERSION}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": envelope.event_id,
        }
        ssl_context = self.config.ssl_context
        return wire.post(
            self._open_session(),
            self.address.url,
            body,
            headers=_overridden(headers, self.config.custom_headers),
            authorization=token,
            keep_out_netrc=self.config.session is None,
            timeout=self.config.timeout,
            verify=(ssl_context and ssl_context.ca_cert_path) or self.config.verify,
            certificate=ssl_context.certificate if ssl_context else None,
        )

    def _open_session(self) -> Any:
        """The session of this process: a forked child shares no socket with its parent."""
        if self._session is None or self._pid != os.getpid():
            from lineage_kit.transport.http import wire

            inherited = self._pid not in (-1, os.getpid())
            self._pid = os.getpid()
            self._session = self.config.session or wire.open_session()
            if self.config.adapter is not None:
                self._session.mount(self.address.shown, self.config.adapter)
            if inherited and (self.config.session or self.config.adapter):
                self._session.close()  # the user's own is kept, its inherited connections are not
        return self._session


def _packed(envelope: Envelope, compression: HttpCompression | None) -> tuple[bytes, dict[str, str]]:
    if compression is None:
        return envelope.body, {}
    import gzip

    return gzip.compress(envelope.body, GZIP_LEVEL, mtime=0), {"Content-Encoding": "gzip"}


def _overridden(headers: dict[str, str], custom: dict[str, str]) -> dict[str, str]:
    """`custom` over `headers`, whatever the case of the names."""
    given = {name.lower() for name in custom}
    return {name: value for name, value in headers.items() if name.lower() not in given} | custom
