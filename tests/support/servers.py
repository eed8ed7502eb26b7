"""Real servers in processes of their own, on loopback and a free port, that record what they get and fail on request.

Usage::

    with HttpServer() as server:
        server.answer(503, headers={"Retry-After": "2"})   # the next request; further calls queue up
        server.always(201)                                 # every request after those
        ...                                                # something posts to server.url
        [request] = server.wait_for(1)
"""

import base64
import gzip
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PROGRAM = Path(__file__).with_name("http_server.py")


@dataclass(frozen=True)
class Received:
    """One request: header names in lower case; `connection` is the same number for requests over one connection.

    answered: the status that was sent, 0 for none. failed: which events of a batch were not taken. at: by the
    monotonic clock of the server.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    at: float = 0.0
    answered: int = 201
    failed: tuple[int, ...] = ()

    @property
    def is_batch(self) -> bool:
        """Whether it holds several events."""
        return self.path.endswith("/batch")

    @property
    def events(self) -> list[bytes]:
        """The events in it, each with its very bytes."""
        return split(self.document) if self.is_batch else [self.document]

    @property
    def taken(self) -> list[bytes]:
        """Those that the server said it took."""
        if not 200 <= self.answered < 300 or len(self.body) != int(self.headers["content-length"]):
            return []  # of a request that was cut off in the middle nothing is taken
        return [one for index, one in enumerate(self.events) if index not in self.failed]

    @property
    def document(self) -> bytes:
        """The body, unpacked."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.document)


class HttpServer:
    """Answers 201 to everything until told otherwise. `cert`: PEM file with key, for https.

    Faults: ``reset``, ``close`` (without answer), ``silence``, ``drip_headers``, ``drip_body``, ``endless`` (body
    without end), ``hold`` (answers after `release`). `delay` is in seconds.
    """

    def __init__(self, cert: Path | None = None, client_ca: Path | None = None) -> None:
        self._options = [
            *(["--cert", str(cert)] if cert else []),
            *(["--client-ca", str(client_ca)] if client_ca else []),
        ]
        self._scheme = "https" if cert else "http"
        self.port = 0

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        host = "localhost" if self._scheme == "https" else "127.0.0.1"
        return f"{self._scheme}://{host}:{self.port}"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self._reply()
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.communicate()

    def answer(self, status: int = 201, **how: Any) -> None:
        """Plan the answer to one request: ``headers``, ``body`` (text), ``fault``, ``delay``."""
        self._tell(do="answer", answer={"status": status, **how})

    def always(self, status: int = 201, **how: Any) -> None:
        """The answer to every request from now on; what was planned is forgotten."""
        self._tell(do="always", answer={"status": status, **how})

    def when(self, status: int, **rule: Any) -> None:
        """From now on the answer to what would be taken, if it has ``contains`` in it, is ``larger``, and so on.

        contains: a text in the event; in a batch that event alone fails, unless ``together``. larger: bytes as they are
        sent. unless_authorization: what the header has to be. path: its end. The rest is as with `answer`.
        """
        names = ("contains", "larger", "unless_authorization", "together", "path")
        given = {name: rule.pop(name) for name in names if name in rule}
        self._tell(do="rule", answer={"status": status, **rule}, **given)

    def lift(self) -> None:
        """Forget the rules."""
        self._tell(do="lift")

    def take_batches(self) -> None:
        """From now on there is an address for several events at once, as OpenLineage.yml says; before, it is 404."""
        self._tell(do="batches")

    def go_down(self) -> None:
        """Refuse connections, and end those that there are."""
        self._tell(do="close")

    def get_stuck(self) -> None:
        """Neither take connections nor refuse them (on Linux)."""
        self._tell(do="stick")

    def come_up(self) -> None:
        """Take connections again, at the same port."""
        self._tell(do="open")

    def show(self, cert: Path) -> None:
        """Show another certificate from now on."""
        self._tell(do="renew", cert=str(cert))

    def forget(self) -> None:
        """Be as in the beginning: nothing planned, no rules, no batches, nothing received; at the same port."""
        self._tell(do="forget")

    def release(self) -> None:
        """Let answers go that are on ``hold``."""
        self._tell(do="release")

    def clear(self) -> None:
        """Forget what was received."""
        self._tell(do="clear")

    def requests(self) -> list[Received]:
        """What was received so far."""
        return self._received(self._tell(do="requests"))

    def wait_for(self, count: int, timeout: float = 15.0) -> list[Received]:
        """What was received, once it is `count` requests; fails when they do not come within `timeout` seconds."""
        received = self._received(self._tell(do="wait", count=count, timeout=timeout))
        assert len(received) >= count, f"only {len(received)} of {count} requests came"
        return received

    def _tell(self, **command: Any) -> Any:
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def _reply(self) -> Any:
        line = self._process.stdout.readline()
        assert line, "the server process has ended"
        return json.loads(line)

    def _received(self, requests: list[dict[str, Any]]) -> list[Received]:
        return [
            Received(**{**one, "body": base64.b64decode(one["body"]), "failed": tuple(one["failed"])})
            for one in requests
        ]


def split(document: bytes) -> list[bytes]:
    """The events of a JSON array, each with its very bytes."""
    text, decode = document.decode(), json.JSONDecoder().raw_decode
    assert text[:1] == "[", text[:20]
    assert text[-1:] == "]", text[-20:]
    events, at = [], 1
    while at < len(text) - 1:
        _, end = decode(text, at)
        events.append(text[at:end].encode())
        at = end + 1  # a comma, or the end
    return events


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port of 127.0.0.1 where every connection is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def black_hole_port() -> Iterator[int]:
    """A port of 127.0.0.1 where connections are neither accepted nor refused: its queue is full (on Linux)."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = []
        try:
            for _ in range(4):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(address)
                waiting.append(one)
            yield address[1]
        finally:
            for one in waiting:
                one.close()
