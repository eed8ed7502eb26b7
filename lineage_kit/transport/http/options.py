"""Everything that can be set for HTTP: one struct, checked as a whole before anything is sent."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import NoneType
from typing import Any, Literal

from msgspec import field
from msgspec.structs import force_setattr

from lineage_kit.config import Raw
from lineage_kit.config.problems import UNSHOWN, clip, show
from lineage_kit.config.tree import is_null
from lineage_kit.errors import ConfigError
from lineage_kit.transport.base import Options
from lineage_kit.transport.http.address import is_one_line, read

_NOT_BELOW_0 = ("total", "connect", "read", "redirect", "status", "other", "backoff_factor", "backoff_max")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch


class HttpCompression(StrEnum):
    """How bodies are packed."""

    GZIP = "gzip"


class RetryOptions(Options, frozen=True):
    """The keys of `urllib3.Retry`. Read here: total, connect, read, allowed_methods, which make `fast_tries`.

    What is worth another try, and how long to wait, a delivery decides by what the destination answered.
    """

    total: int | bool | None = 5
    connect: int | bool | None = 5
    read: int | bool | None = 5
    redirect: int | bool | None = None
    status: int | None = None
    other: int | None = None
    backoff_factor: float = 0.3
    backoff_max: float = 120.0
    backoff_jitter: float = 0.0
    status_forcelist: tuple[int, ...] = (500, 502, 503, 504)
    allowed_methods: tuple[str, ...] | bool | None = ("HEAD", "POST")
    raise_on_redirect: bool = True
    raise_on_status: bool = True
    respect_retry_after_header: bool = True
    remove_headers_on_redirect: tuple[str, ...] = ()

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Counts and pauses below 0."""
        for name in _NOT_BELOW_0:
            value = given.get(name)
            if value is not None and value < 0:
                yield name, f"{name} must be 0 or more, not {value}"

    @property
    def fast_tries(self) -> int:
        """How many times a delivery tries again soon before it backs off."""
        methods = self.allowed_methods
        if isinstance(methods, (list, tuple)) and "POST" not in map(str.upper, methods):
            return 0
        for limit in (self.total, self.connect, self.read):
            if limit is not None and limit is not True:
                return int(limit)
        return 5


class SslContext(Options, frozen=True):
    """Paths of PEM files: the authority to trust, and a client certificate with its key."""

    ca_cert_path: str | None = None
    client_cert_path: str | None = None
    client_key_path: str | None = None

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Files that are not there, and a key without its certificate."""
        if given.get("client_key_path") and not given.get("client_cert_path"):
            yield "client_key_path", "client_key_path is set without client_cert_path"
        for name in ("ca_cert_path", "client_cert_path", "client_key_path"):
            yield from path_faults(name, given.get(name))

    @property
    def certificate(self) -> str | tuple[str, str] | None:
        """The client certificate as `requests` takes it: one file with its key in it, or both."""
        if self.client_cert_path and self.client_key_path:
            return self.client_cert_path, self.client_key_path
        return self.client_cert_path


class HttpConfig(Options, frozen=True):
    """url: scheme and host, perhaps a port and a base path. endpoint: path joined to it.

    timeout: seconds for a whole attempt, from connecting to the end of the answer (name resolution apart).
    verify: False trusts any certificate; a path names the authorities to trust.
    auth: a mapping with ``type`` (``api_key`` or the dotted path of a class), or an object with ``get_bearer()``.
    compression: ``gzip`` or None. custom_headers: sent along; they win over ours.
    retry: see `RetryOptions`. ssl_context: see `SslContext`.
    session, adapter: a `requests` session or adapter of one's own (in code only; `timeout` is then per read).
    batch: whether several waiting events may go in one request; ``auto`` finds out whether the backend takes that.
    max_concurrent_requests: connections at the same time; at most 32, and one where a session or adapter is given.
    max_queue_size: accepted from configurations for ``async_http``; a delivery has bounds of its own.
    """

    url: str
    endpoint: str = "api/v1/lineage"
    timeout: float = 5.0
    verify: bool | str = True
    auth: Raw = None
    compression: HttpCompression | None = None
    custom_headers: dict[str, str] = field(default_factory=dict)
    retry: RetryOptions = RetryOptions()
    ssl_context: SslContext | None = None
    session: Any = None
    adapter: Any = None
    batch: bool | Literal["auto"] = "auto"
    max_queue_size: int = 10_000
    max_concurrent_requests: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.verify, bool):
            force_setattr(self, "verify", os.fspath(self.verify))
        if self.compression is not None:
            force_setattr(self, "compression", HttpCompression(self.compression))
        for name, kind in (("retry", RetryOptions), ("ssl_context", SslContext)):
            if isinstance(getattr(self, name), Mapping):
                force_setattr(self, name, kind.from_dict(getattr(self, name), name))

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """An address nobody can post to, no time to do so, headers that cannot be sent, files that are not there."""
        if "url" in given:
            yield from _address_faults(given)
        if given.get("max_concurrent_requests", 1) < 1:
            text = f"max_concurrent_requests must be 1 or more, not {given['max_concurrent_requests']}"
            yield "max_concurrent_requests", text
        if given.get("batch") not in (None, True, False, "auto"):
            yield "batch", f"batch must be auto, true or false, not {show(given['batch'])}"
        if not given.get("timeout", 1) > 0:
            yield "timeout", f"timeout must be more than 0 seconds, not {given['timeout']}"
        if not isinstance(given.get("verify", True), bool):
            yield from path_faults("verify", given["verify"])
        if given.get("compression") not in (None, *HttpCompression):
            yield "compression", f"compression must be 'gzip' or left out, not {show(given['compression'])}"
        for name in ("retry", "ssl_context"):
            if not isinstance(given.get(name), (Mapping, Options, NoneType)):
                yield name, f"{name} must be a mapping, not {show(given[name])}"
        for name, value in given.get("custom_headers", {}).items():
            yield from header_faults(name, value)

    @classmethod
    def check_parts(cls, params: Mapping[str, Any], path: str) -> None:
        """The token provider."""
        from lineage_kit.transport.http.auth import create_provider

        create_provider(params.get("auth"), f"{path}.auth")


def _address_faults(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        address = read(given["url"], given.get("endpoint", ""))
    except ConfigError as error:
        yield from error.faults
        return
    if address.user and not is_null(given.get("auth")):
        yield "auth", "url has a user in it and auth is set too: keep one of them"


def header_faults(name: Any, value: Any) -> Iterator[tuple[str, str]]:
    """Why a header cannot be sent as one line; its value is not repeated."""
    if not isinstance(name, str) or not _HEADER_NAME(name):
        text = f"{clip(str(name))} is no name of a header"
    elif not isinstance(value, str):
        text = f"the value of {name} must be a text, not {type(value).__name__}"
    elif not is_one_line(value):
        text = f"the value of {name} has line breaks or characters outside Latin-1"
    else:
        return
    yield "custom_headers", f"custom_headers: {text}"


def path_faults(name: str, path: str | os.PathLike[str] | None) -> Iterator[tuple[str, str]]:
    """One fault unless `path` is None or exists."""
    if path is not None and not os.path.exists(path):
        shown = show(os.fspath(path))
        which = "at what is given, which is not shown: it may be secret" if shown == UNSHOWN else shown
        yield name, f"{name}: there is no file or folder {which}"
