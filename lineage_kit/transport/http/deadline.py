"""A time limit for a whole attempt, kept by the sockets: connecting, sending, headers and body share one budget.

What `requests` calls a timeout is for each read alone, so that a server which sends a byte now and then is waited for
without end. Here every read and write gets what is left of the budget. Only name resolution is not covered: the
operating system offers no way to interrupt it.

A socket whose number the program has closed and given to a file of its own is let go, neither used nor closed.
"""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from lineage_kit.transport.common.held import Identity, identity

CHUNK = 16 * 1024  # one TLS record: a write never waits longer than for one of them
_attempt = threading.local()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """What this thread does on our connections inside ends after `seconds` with TimeoutError."""
    _attempt.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _attempt.end = None


def remaining() -> float | None:
    """Seconds left, None outside of `deadline`; raises TimeoutError when there are none."""
    end = getattr(_attempt, "end", None)
    if end is None:
        return None
    left: float = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for this attempt is over")
    return left


class _Reader(RawIOBase):
    """Reads a socket, each time with the time that is left."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = remaining()
        if left is not None:
            self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = BufferedReader(_Reader(sock))


class _Deadline:
    """For a connection class: connects, writes and reads within the budget."""

    response_class: Any = _Response
    _sock: Any = None
    _identity: Identity | None = None
    _begun = False

    @property
    def sock(self) -> Any:
        """The socket; None when there is none, or its number does not stand for it any more."""
        if self._sock is not None and identity(self._sock.fileno()) != self._identity:
            getattr(self._sock, "socket", self._sock).detach()  # TLS through TLS keeps it one step further
            self._sock = None
        return self._sock

    @sock.setter
    def sock(self, sock: Any) -> None:
        self._sock = sock
        self._identity = None if sock is None else identity(sock.fileno())

    def _new_conn(self: Any) -> socket.socket:
        failure: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            self._dns_host.strip("[]"), self.port, type=socket.SOCK_STREAM
        ):
            sock = socket.socket(family, kind, protocol)
            ours = identity(sock.fileno())
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(remaining() or self.timeout)
                sock.connect(address)
                sock.settimeout(remaining() or self.timeout)  # a TLS handshake follows
            except OSError as error:
                failure = error
                if identity(sock.fileno()) == ours:
                    sock.close()
                else:
                    sock.detach()  # the number is another's by now
            else:
                return sock
        raise failure

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        self._begun = False
        super().putrequest(*args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if not isinstance(data, (bytes, bytearray, memoryview)):
            super().send(data)  # type: ignore[misc]
            return
        view = memoryview(data)
        for start in range(0, len(view), CHUNK):
            left = remaining()
            sock = self.sock
            if sock is not None and left is not None:
                sock.settimeout(left)
            elif sock is None and self._begun:  # a new connection must not get the second half of a request
                raise ConnectionAbortedError(
                    errno.ECONNABORTED, "the program closed the connection by its number"
                )
            super().send(view[start : start + CHUNK])  # type: ignore[misc]
            self._begun = True


class _PlainConnection(_Deadline, HTTPConnection):
    pass


class _TlsConnection(_Deadline, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection

    def _validate_conn(self, conn: Any) -> None:
        """Connect, without the warning about ``verify: false`` on every request: it is the user's own setting."""
        if conn.sock is None:
            conn.connect()


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class DeadlineAdapter(HTTPAdapter):
    """A `requests` adapter whose connections keep to `deadline`. It tries once; SOCKS proxies time each read alone."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections and plain proxies."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make the pools behind a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager
