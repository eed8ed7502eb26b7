"""One POST with requests, and every way it can fail named in our words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any

import msgspec
import requests
from urllib3.exceptions import HTTPError

from lineage_kit.errors import BrokenDestination, TransportError, Unreachable
from lineage_kit.transport.http.deadline import DeadlineAdapter, deadline

MAX_ANSWER_BYTES = 4096
CUT = "the program closed the connection by its number"
_BAD_ADDRESS = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    ValueError,  # the others derive from it too; alone it comes from http.client
)


class Answer(msgspec.Struct, frozen=True):
    """Status, headers (in any case) and the beginning of the body as it came, undecoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Session(requests.Session):
    """Never looks where a redirect leads: `requests` would read the whole answer for that.

    What is the same for every event is made out once: preparing a request and asking the environment for proxies and
    authorities costs as much as sending it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._prepared: dict[Any, tuple[requests.PreparedRequest, Any]] = {}

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None

    def post_again(
        self, url: str, body: bytes, headers: Mapping[str, str], verify: bool | str, **options: Any
    ) -> requests.Response:
        """`post`, with all but body and headers as at the first time."""
        known = self._prepared.get((url, verify))
        if known is None:
            request = requests.Request("POST", url, data=b"-", auth=_Authorization(None))
            settings = self.merge_environment_settings(url, {}, True, verify, options["cert"])
            known = self._prepared[url, verify] = self.prepare_request(request), settings
        prepared = known[0].copy()
        prepared.body = body
        prepared.headers.update(headers)
        prepared.headers["Content-Length"] = str(len(body))
        return self.send(prepared, allow_redirects=False, timeout=options["timeout"], **known[1])


class _Authorization(requests.auth.AuthBase):
    """Our header or none. Being there it keeps ``~/.netrc`` out."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:  # unless custom_headers brought one
            request.headers.setdefault("Authorization", self._value)
        return request


def open_session() -> requests.Session:
    """A session for one destination."""
    session = _Session()
    for prefix in ("http://", "https://"):
        session.mount(prefix, DeadlineAdapter(pool_connections=1, pool_maxsize=32))
    return session


def post(
    session: requests.Session,
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    authorization: str | None,
    keep_out_netrc: bool,
    timeout: float,
    verify: bool | str,
    certificate: str | tuple[str, str] | None,
    most: int = MAX_ANSWER_BYTES,
) -> Answer:
    """Post once, within `timeout` seconds for everything. Raises `Unreachable` or `BrokenDestination`.

    most: bytes of the answer that are read.
    """
    try:
        with deadline(timeout):
            if isinstance(session, _Session) and not session.cookies:
                sent = headers if authorization is None else {"Authorization": authorization, **headers}
                response = session.post_again(
                    url, body, sent, verify, cert=certificate, timeout=(timeout, timeout)
                )
            else:
                response = session.post(
                    url,
                    data=body,
                    headers=dict(headers),
                    auth=_Authorization(authorization) if authorization or keep_out_netrc else None,
                    timeout=(timeout, timeout),
                    verify=verify,
                    cert=certificate,
                    allow_redirects=False,
                    stream=True,
                )
            return Answer(response.status_code, response.headers, _beginning(response, most))
    except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
        raise _failure(error, timeout) from error
    except (AttributeError, TypeError) as error:
        if not _is_cut(error):
            raise
        raise Unreachable(CUT) from error


def _is_cut(error: Exception) -> bool:
    """Whether a socket was there at one look and gone at the next: libraries then ask None, or -1, to do its work."""
    if isinstance(error, AttributeError):
        return error.obj is None and error.name is not None
    words = {TypeError: "fileno()", ValueError: "file descriptor"}.get(type(error))
    return words is not None and words in str(error)


def _beginning(response: requests.Response, most: int) -> bytes:
    """At most `most` bytes of the body. The status has come: a body that breaks off changes no verdict."""
    try:
        body: bytes = response.raw.read(most, decode_content=False)
    except (HTTPError, HTTPException, OSError):
        response.close()
        return b""
    if len(body) < most:
        response.raw.release_conn()
    else:
        response.close()
    return body


def _failure(error: Exception, timeout: float) -> TransportError:
    """Whose fault it is, in words without any part of the address."""
    chain = list(_chain(error))
    through = "through the proxy: " if isinstance(error, requests.exceptions.ProxyError) else ""
    handshake = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if handshake is not None or isinstance(error, requests.exceptions.SSLError):
        return _tls_failure(handshake)
    if any(isinstance(cause, (TimeoutError, requests.Timeout)) for cause in chain):
        return Unreachable(f"no answer within {timeout:g} s")
    if _is_cut(error):
        return Unreachable(CUT)
    if isinstance(error, _BAD_ADDRESS):
        return BrokenDestination(f"the address or a header cannot be used ({type(error).__name__})")
    return Unreachable(f"{through}{_reason(chain)}")


def _reason(chain: list[BaseException]) -> str:
    """What the operating system said, else the kind of the innermost error."""
    said = [cause for cause in chain if isinstance(cause, OSError) and cause.errno and cause.strerror]
    for cause in said:
        unresolved = isinstance(cause, socket.gaierror)
        return f"the host name cannot be resolved: {cause.strerror}" if unresolved else str(cause.strerror)
    return f"the connection broke ({type(chain[-1]).__name__})"


def _tls_failure(error: ssl.SSLError | None) -> TransportError:
    """`error` is None where urllib3 itself compared the host's name."""
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return Unreachable("the connection ended during the TLS handshake")
    why = (
        getattr(error, "verify_message", "") or getattr(error, "reason", "") or "the certificate does not fit"
    )
    return BrokenDestination(f"TLS: {why} (transport.verify takes the path of a CA bundle)")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what is behind it, by `raise from`, ``reason`` and the arguments of wrapping errors."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo and len(seen) < 50:
        current = todo.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        todo += [one for one in inner if isinstance(one, BaseException)]
