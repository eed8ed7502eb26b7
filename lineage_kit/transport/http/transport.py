"""One event or several, one POST: address, headers, packing, a new try with a fresh token, and the verdict."""

from __future__ import annotations

import os
import threading
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lineage_kit.event.envelope import Envelope
from lineage_kit.event.facet import VERSION
from lineage_kit.transport.base import Transport, closed
from lineage_kit.transport.common import budget
from lineage_kit.transport.common.loading import prepare, undivided
from lineage_kit.transport.http import address, auth, batch, verdict
from lineage_kit.transport.http.batch_support import BatchSupport
from lineage_kit.transport.http.options import HttpConfig, RetryOptions

if TYPE_CHECKING:
    import requests

    from lineage_kit.transport.http.wire import Answer

GZIP_LEVEL = 3
MOST_LANES = 32
BATCH_LANES = 4  # which carry more than a backend takes


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
        self._asking = threading.Lock()  # a token provider is asked by one thread at a time
        self._batches = BatchSupport(config.batch)
        self._session: requests.Session | None = None
        prepare()
        self._pid = -1
        self._closed = False

    @property
    def retry(self) -> RetryOptions:
        """What the configuration says about trying again, for the delivery."""
        return self.config.retry

    @property
    def lanes(self) -> int:  # type: ignore[override]
        """Connections at the same time; who brings a session or adapter of his own need not make it bear that."""
        if self.config.session is not None or self.config.adapter is not None:
            return 1
        most = BATCH_LANES if self._batches.is_known else MOST_LANES
        return min(most, self.config.max_concurrent_requests)

    @property
    def most(self) -> int:  # type: ignore[override]
        """Events in one request, as far as is known of the backend."""
        return batch.MOST if self._batches.may_be_tried() else 1

    def send(self, envelope: Envelope) -> str:
        """Post the event; gives back the status line of the answer, such as ``201 Created``."""
        return self._judged(*self._exchange(self.address.url, envelope.body, envelope.event_id))

    def send_many(self, envelopes: Sequence[Envelope]) -> Sequence[BaseException | None]:
        """Post several at once; for each None or its failure.

        Raises what holds for all of them; `BatchRefused` where the backend has no such thing, or fails at some of them.
        """
        body = batch.body([envelope.body for envelope in envelopes])
        key = Envelope(body, "").event_id
        answer, token = self._exchange(batch.address(self.address.url), body, key, batch.LONGEST_ANSWER)
        found = self._batches.read(answer.status, answer.body, len(envelopes))
        if found is None:
            self._judged(answer, token)
            found = [None] * len(envelopes)
        return found

    def _judged(self, answer: Answer, token: str | None) -> str:
        text = verdict.readable(answer.body, token, *self.config.custom_headers.values())
        return verdict.judge(answer.status, answer.headers, text, self.address.url)

    def _exchange(
        self, url: str, body: bytes, key: str, most: int | None = None
    ) -> tuple[Answer, str | None]:
        """Post; again with a fresh token, and packed, where the answer asks for that. The answer and the last token."""
        if self._closed:
            raise closed(self)
        token = self._token()
        packs = self.config.compression is not None
        answer = self._post(url, body, key, token, packs, most)
        if answer.status in verdict.CREDENTIALS and self._provider is not None:
            with self._asking:
                fresh = auth.refreshed(self._provider, token)
            if fresh is not None:
                token = fresh
                answer = self._post(url, body, key, token, packs, most)
        if answer.status == 413 and not packs:
            packed = self._post(url, body, key, token, True, most)
            answer = packed if packed.status < 300 else answer
        return answer, token

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
        with self._asking:
            return auth.bearer(self._provider)

    def _post(
        self, url: str, body: bytes, key: str, token: str | None, packs: bool, most: int | None
    ) -> Answer:
        with undivided():
            from lineage_kit.transport.http import wire

        headers = {
            "User-Agent": f"lineage-kit/{VERSION}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": key,
        }
        if packs:
            body = _packed(body)
            headers["Content-Encoding"] = "gzip"
        ssl_context = self.config.ssl_context
        return wire.post(
            self._open_session(),
            url,
            body,
            headers=_overridden(headers, self.config.custom_headers),
            authorization=token,
            keep_out_netrc=self.config.session is None,
            timeout=budget.at_most(self.config.timeout),
            verify=(ssl_context and ssl_context.ca_cert_path) or self.config.verify,
            certificate=ssl_context.certificate if ssl_context else None,
            most=most or wire.MAX_ANSWER_BYTES,
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


def _packed(body: bytes) -> bytes:
    import gzip

    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def _overridden(headers: dict[str, str], custom: dict[str, str]) -> dict[str, str]:
    """`custom` over `headers`, whatever the case of the names."""
    given = {name.lower() for name in custom}
    return {name: value for name, value in headers.items() if name.lower() not in given} | custom
