"""One address from ``url`` and ``endpoint``, the user and password in it kept apart, and a form fit to be shown."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import msgspec

from lineage_kit.config.problems import is_scheme, is_token
from lineage_kit.errors import ConfigError

_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?").fullmatch

EXPECTED = "expected scheme and host, such as https://backend.example:5000"


class Address(msgspec.Struct, frozen=True):
    """url: what is posted to, without user and password. user: both of them, when the url had any."""

    url: str
    user: tuple[str, str] | None

    @property
    def shown(self) -> str:
        """Scheme, host, port and path: a query may hold a key."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))

    def __repr__(self) -> str:
        return f"Address({self.shown})"


def read(url: str, endpoint: str) -> Address:
    """Join `endpoint` to `url`, whose own path stays in front; a `url` that already ends in it is left alone.

    Raises `ConfigError` that names the fault and repeats scheme and host at most.
    """
    parts = _split(url.strip())
    if urlsplit(endpoint).scheme:
        raise _wrong("endpoint", "endpoint must be a path below url, not an address of its own")
    if _has_blank(endpoint):
        raise _wrong("endpoint", "endpoint has blanks or control characters in it")
    if "#" in endpoint:
        raise _wrong(
            "endpoint", "endpoint has a fragment ('#' and what follows), which is never sent: leave it out"
        )
    path, _, query = endpoint.strip().partition("?")
    wanted, base = path.strip("/"), parts.path.rstrip("/")
    if wanted and not f"{base}/".endswith(f"/{wanted}/"):
        base = f"{base}/{path.lstrip('/')}"
    query = "&".join(part for part in (parts.query, query) if part)
    host = parts.netloc.rpartition("@")[2]
    return Address(urlunsplit((parts.scheme.lower(), host, base or parts.path, query, "")), _user(parts))


def host_of(location: str, url: str) -> str:
    """Where a ``Location`` header of an answer from `url` points: scheme, host and port, nothing that may be secret."""
    try:
        parts = urlsplit(urljoin(url, location))
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"[:200]
    except ValueError:
        return "an address that cannot be read"


def _wrong(option: str, text: str) -> ConfigError:
    return ConfigError(text, [(option, text)])


def _split(url: str) -> SplitResult:
    if not url:
        raise _wrong("url", f"url is empty: {EXPECTED}")
    if _has_blank(url):
        raise _wrong("url", f"url has blanks or control characters in it: {EXPECTED}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _wrong("url", f"{_shown(url)} cannot be read ({_why(error, url)}): {EXPECTED}") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise _wrong("url", f"{_shown(url)} has {_other_scheme(url)}: {EXPECTED}")
    if parts.fragment or url.endswith("#"):
        text = (
            "a '#' ends the part of an address that is sent; a '#' in a user, password or path is written %23"
        )
        raise _wrong("url", f"{_shown(url)} has a fragment: {text}")
    if "," in parts.netloc.rpartition("@")[2]:
        raise _wrong("url", f"{_shown(url)} names several hosts: a composite transport sends to each of them")
    if not host:
        raise _wrong("url", f"{_shown(url)} has no host: {EXPECTED}")
    return parts


def _other_scheme(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    if not separator:
        return "no scheme"
    return f"scheme {scheme!r}" if is_scheme(scheme) else "a scheme that cannot be"


def _user(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None and parts.password is None:
        return None
    return unquote(parts.username or ""), unquote(parts.password or "")


def _shown(url: str) -> str:
    """``url`` with its scheme and host, as far as they can be read; everything else may be part of a password."""
    scheme, separator, rest = url.partition("://")
    if not separator or not is_scheme(scheme):
        return "url"
    authority, *more = re.split("[/?#]", rest, maxsplit=1)
    if "@" in "".join(more):
        return f"url {scheme + '://…'!r}"  # the sign may stand in the middle of a password
    _, sign, host = authority.rpartition("@")
    if not _HOST(host) or is_token(host):
        return f"url {scheme + '://…'!r}"
    return f"url {scheme + '://' + ('…@' if sign else '') + host + ('/…' if ''.join(more) else '')!r}"


def _why(error: ValueError, url: str) -> str:
    """`urlsplit` repeats the port it could not read, which may be part of a password that was not quoted."""
    if "@" in url and re.search(r"[/?#].*@", url.partition("://")[2]):
        return "in a user or password '#' is written %23, '/' %2F and '?' %3F"
    if "port" not in str(error).lower():
        return "its host is malformed"
    if "@" in url:
        return "its port is no number from 0 to 65535"
    return "its port is no number from 0 to 65535; behind a user and password comes @host"


def _has_blank(text: Any) -> bool:
    return any(character.isspace() or not character.isprintable() for character in text.strip())


def is_one_line(value: str) -> bool:
    """True for what a header may hold: Latin-1 without control characters (a tab is none)."""
    return all(character == "\t" or (" " <= character <= "ÿ" and character != "\x7f") for character in value)
