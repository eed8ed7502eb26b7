"""URLs: taking one apart without its credentials, and the namespace and name that each scheme gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from lineage_kit.errors import NamingError
from lineage_kit.naming import databases
from lineage_kit.naming.credentials import CONTAINER_SCHEMES

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+._-]+):(/*)(.*)", re.DOTALL)  # two letters at least: C: is a drive
_HOST = re.compile(
    r"(\[[\w:.%]*\]|[^\s:@/\\\[\]]*(?:\\[\w$-]+)?)(?::([0-9]*|[\U000f0000-\U000ffffd]+))?", re.DOTALL
)
_JDBC = re.compile(r"jdbc:([a-z0-9]+):(.*)", re.IGNORECASE | re.DOTALL)

OBJECT_STORES = {
    "s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs", "abfss": "abfss", "abfs": "abfss",
    "wasbs": "wasbs", "wasb": "wasbs", "oss": "oss", "obs": "obs", "cosn": "cosn", "az": "az",
}  # fmt: skip
_FOLDERS = frozenset({"file", "hdfs", "dbfs"})
_FILES = frozenset({"duckdb", "sqlite"})  # databases whose path is a file, with no host before it


class Url(NamedTuple):
    """A URL without its credentials: ``container`` is what stood before the @ where that is none."""

    scheme: str
    container: str
    host: str
    port: str
    path: str
    options: Mapping[str, str]

    @property
    def shown(self) -> str:
        """The URL as an error may print it."""
        return f"{self.scheme}://{self.host}{self.path[:200]}"


def is_url(text: str) -> bool:
    """Whether a text is a URL: a scheme and ``://``, or a scheme we know and ``:/``, or ``jdbc:`` or ``arn:``."""
    match = _URL.match(text)
    if match is None:
        return False
    scheme = match[1].lower()
    known = scheme in _FOLDERS or scheme in OBJECT_STORES or databases.platform_of(scheme) is not None
    return len(match[2]) > 1 or scheme in ("jdbc", "arn") or (known and bool(match[2]))


def address(text: str) -> databases.Address:
    """The database that a URL points at; its path is what is known before a table. Raises NamingError."""
    url = split(text, database=True)
    base = url.scheme.partition("+")[0]
    if base in OBJECT_STORES or base in _FOLDERS:
        raise NamingError(
            f"{base}:// is no database; name what lies there with one argument: Dataset('{base}://…')"
        )
    return address_of(databases.platform_of(url.scheme) or base, url)


def split(text: str, database: bool = False) -> Url:
    """Take a URL apart, dropping user, password, query and fragment. Raises NamingError where it is malformed."""
    match = _URL.match(_plain_jdbc(text))
    if match is None:
        raise NamingError("a URL is written scheme://host/path")
    scheme = match[1].lower()
    platform = databases.platform_of(scheme)
    database = database or platform is not None
    authority, tail = _authority(scheme, match[2], match[3], database)
    path = re.split(r"[?#;]" if database else r"[?#]", tail, maxsplit=1)[0]
    user, _, hosts = authority.rpartition("@")
    host = _HOST.fullmatch(hosts.partition(",")[0])  # of several hosts the first stands for all
    if host is None or (database and platform not in _FILES and re.search("[@=]", path)):
        raise NamingError(
            f"what stands between {scheme}:// and the next slash is not user:password@host:port; "
            "write / ? # @ in a password as %2F %3F %23 %40, and options after a ?"
        )
    container = user.partition(":")[0] if scheme in CONTAINER_SCHEMES else ""
    return Url(scheme, container, host[1], host[2] or "", path, _options(tail[len(path) :]))


def _authority(scheme: str, slashes: str, rest: str, database: bool) -> tuple[str, str]:
    """What stands before the path, users and hosts, and what follows, path and query."""
    if len(slashes) == 2 or (scheme in OBJECT_STORES and slashes):  # pathlib makes s3:/bucket of s3://bucket
        authority = re.split(r"[/?#;]", rest, maxsplit=1)[0]
        return authority, rest[len(authority) :]
    if database and len(slashes) < 2:
        raise NamingError(f"{scheme}: needs two slashes before its host: {scheme}://host/database")
    return "", slashes[2:] + rest if len(slashes) > 2 else f"/{rest}"


def unquote(text: str) -> str:
    """Percent escapes turned into the characters they stand for."""
    if "%" not in text:
        return text
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")


def _plain_jdbc(text: str) -> str:
    """``jdbc:mysql:loadbalance://…``, ``jdbc:oracle:thin:user/pw@host:1521:sid`` and the like as ordinary URLs."""
    if text[:5].lower() != "jdbc:":
        return text
    match = _JDBC.match(text)
    if match is None or databases.platform_of(match[1].lower()) is None:
        raise NamingError(
            "no JDBC URL that we can read; name it with two arguments: Dataset(namespace, name)"
        )
    kind, rest = match[1].lower(), match[2]
    if kind in _FILES:
        return f"{kind}:///{rest}"
    if kind == "oracle":
        return _oracle(rest)
    rest = "//" + rest.partition("//")[2]
    if kind == "db2":
        rest = re.sub(r"^(//[^/]*/[^:]*):.*", r"\1", rest, flags=re.DOTALL)  # its properties follow a colon
    elif kind == "teradata":
        rest = re.sub(r"^(//[^/]*)/", r"\1?", rest).replace(",", "&")
    elif kind == "awsathena":
        rest = re.sub(r"^//(?=[^/;]*=)", "//;", rest)
    return f"{kind}:{rest}"


def _oracle(rest: str) -> str:
    server = rest.rpartition("@")[2].removeprefix("//")
    if "(" in server or "://" in server or "@" not in rest:
        raise NamingError("no Oracle address that we can read; write jdbc:oracle:thin:@host:1521/service")
    return "oracle://" + re.sub(r"^([^:/]+:\d+):", r"\1/", server)


def _options(tail: str) -> dict[str, str]:
    """Of query and properties only what says where a table is; everything else may be a secret."""
    found: dict[str, str] = {}
    for pair in re.split(r"[?&;]", tail.partition("#")[0]):
        key, _, value = pair.partition("=")
        key = key.strip().lower()
        if value and key in databases.OPTIONS:
            found.setdefault(key, unquote(value))
    return found


def _path_parts(path: str) -> tuple[str, ...]:
    pieces = re.split(r"[/.]", path.strip("/"))
    return tuple(unquote(piece) for piece in pieces if piece)


def address_of(platform: str, url: Url) -> databases.Address:
    """The database address in a URL that was taken apart; host and port may also stand among its options."""
    if platform in _FILES:
        if url.host:
            raise NamingError(
                f"a file needs three slashes, its full path four: {platform}:///relative, {platform}:////full"
            )
        return databases.Address(platform, "", "", (unquote(url.path)[1:],), {})
    options = url.options
    host = url.host or _clean(options.get("host"), r"[^\s/@?#]+")
    port = url.port or _clean(options.get("port") or options.get("dbs_port"), r"\d+")
    parts = _path_parts(url.path)
    if platform == "spanner" and parts[:1] == ("projects",) and len(parts) > 3:
        host, parts = f"{parts[1]}:{parts[3]}", parts[5:]
    return databases.Address(platform, host, port, parts, options)


def _clean(value: str | None, pattern: str) -> str:
    """An option where it has the form of what it says; a host that is a socket's path has not."""
    return value if value and re.fullmatch(pattern, value) else ""
