"""Keeping credentials out of names: what stands before the @ of a URL, its query, its fragment, its properties."""

from __future__ import annotations

import re

CONTAINER_SCHEMES = frozenset(
    {"abfss", "abfs", "wasbs", "wasb"}
)  # here the part before the @ is the container

_PREFIX = r"(?i:jdbc:(?:[a-z0-9]+:)*?)?([A-Za-z][A-Za-z0-9.+_-]*)://"
_PROPERTY = r"(?i);\s*(?:user|username|uid|password|passwd|pwd|\w*(?:key|token|secret))=[^;/]*"
_PORT = r"(?:\[[^\]]*\]|[^:]*)(?::\d*)?"


def strip_credentials(namespace: str) -> str:
    """A namespace without user, password, query and fragment; one that holds none comes back as it is.

    The container of ``abfss://container@account…`` and ``wasbs://…`` is no credential and stays.
    """
    if not _suspicious(namespace):
        return namespace
    match = re.match(_PREFIX, namespace)
    if match is None:
        return namespace
    rest = re.sub(
        _PROPERTY,
        "",
        re.split(r"[?#]", _without_user(match[1].lower(), namespace[match.end() :]), maxsplit=1)[0],
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
    if not at and not re.fullmatch(_PORT, authority):
        return rest.rpartition("@")[2] if "@" in rest else rest  # a password with ? or # in it
    path, end, query = _cut(tail)
    if ":" in authority and "@" in path:
        return path.rpartition("@")[2] + end + query  # a password with a slash in it
    return host + tail


def _cut(tail: str) -> tuple[str, str, str]:
    path = re.split(r"[?#]", tail, maxsplit=1)[0]
    return path, tail[len(path) : len(path) + 1], tail[len(path) + 1 :]
