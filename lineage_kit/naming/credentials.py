"""Keeping credentials out of names: what stands before the @ of a URL, its query, its fragment, its properties."""

from __future__ import annotations

import re

CONTAINER_SCHEMES = frozenset(
    {"abfss", "abfs", "wasbs", "wasb"}
)  # here the part before the @ is the container

_PREFIX = re.compile(r"(?:jdbc:(?:[a-z0-9]+:)*?)?([A-Za-z][A-Za-z0-9.+_-]*)://", re.IGNORECASE)
_PROPERTY = re.compile(
    r";\s*(?:user|username|uid|password|passwd|pwd|token|secret|key|\w*(?:key|token|secret))=[^;/]*",
    re.IGNORECASE,
)
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d*)?")


def strip_credentials(namespace: str) -> str:
    """A namespace without user, password, query and fragment; one that holds none comes back as it is.

    The container of ``abfss://container@account…`` and ``wasbs://…`` is no credential and stays.
    """
    if not _suspicious(namespace):
        return namespace
    match = _PREFIX.match(namespace)
    if match is None:
        return namespace
    rest = _PROPERTY.sub(
        "", re.split(r"[?#]", _without_user(match[1].lower(), namespace[match.end() :]), maxsplit=1)[0]
    )
    return namespace[: match.end()] + rest


def _suspicious(namespace: str) -> bool:
    return "@" in namespace or "?" in namespace or "#" in namespace or ";" in namespace


def _without_user(scheme: str, rest: str) -> str:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    tail = rest[len(authority) :]
    if at and scheme in CONTAINER_SCHEMES:
        return user.rpartition("@")[2].partition(":")[0] + at + host + tail
    if not at and not _PORT.fullmatch(authority):
        return rest.rpartition("@")[2] if "@" in rest else rest  # a password with ? or # in it
    path, end, query = _cut(tail)
    if ":" in authority and "@" in path:
        return path.rpartition("@")[2] + end + query  # a password with a slash in it
    return host + tail


def _cut(tail: str) -> tuple[str, str, str]:
    path = re.split(r"[?#]", tail, maxsplit=1)[0]
    return path, tail[len(path) : len(path) + 1], tail[len(path) + 1 :]
