"""Texts with a format: date-time, URI, UUID, and the URL of a facet's schema; each look says what is wrong, or None.

A time that cannot be read is an error, and so is a template nobody filled in; what producers bend is a warning: a run
id of their own making, a URI without scheme, a time without zone.
Sources: RFC 3339 §5.6, RFC 3986 appendix A, RFC 9562 §4.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lineage_kit.event.problem import Severity, show

Trouble = tuple[Severity, str] | None
Look = Callable[[str], Trouble]

_TEMPLATE: Trouble = ("error", "holds a template that is still to be filled in")

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
).fullmatch
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII).fullmatch

_CHAR = r"[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}"
_URI = re.compile(
    rf"""
    [A-Za-z][A-Za-z0-9+.\-]*:                                            # scheme
    (//([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{{2}}|\[[0-9A-Fa-f:.]+\])*(/({_CHAR})*)*  # //host/path
      |/?(({_CHAR})+(/({_CHAR})*)*)?)                                    # or a path alone
    (\?({_CHAR}|[/?])*)?
    (\#({_CHAR}|[/?])*)?
    """,
    re.VERBOSE | re.ASCII,
).fullmatch

_SCHEMA = re.compile(
    r"https?://openlineage\.io/spec/(?:facets/)?(\d+)-(\d+)-(\d+)/(\w+)\.json(?:#/(?:\$defs|definitions)/(\w+))?",
    re.ASCII,
).fullmatch


def date_time(text: str) -> Trouble:
    """RFC 3339 with a zone; more than nine fraction digits are a warning: most readers keep nine."""
    match = _TIME(text)
    if "{{" in text:
        return _TEMPLATE
    if match is None or not _is_day(*match.group(1, 2, 3)):
        return "error", f"{show(text)} is not an RFC 3339 time such as 2026-11-22T17:31:09.123Z"
    fraction, zone = match.group(5, 6)
    if zone is None:
        return (
            "warning",
            f"{show(text)} has no time zone: readers will differ; append Z or an offset such as +01:00",
        )
    if fraction is not None and len(fraction) > 10:
        return "warning", f"{show(text)} has more than nine fraction digits: many readers refuse it"
    return None


def uuid(text: str) -> Trouble:
    """Canonical text of a UUID, of any version, in any case; backends make one of their own from other texts."""
    if "{{" in text:
        return _TEMPLATE
    if _UUID(text):
        return None
    return "warning", f"{show(text)} is not a UUID such as 0196ed52-e0d9-7e7c-9065-bcc8c7309516"


def uri(text: str) -> Trouble:
    """RFC 3986 with a scheme; anything else is a warning."""
    if _URI(text):
        return None
    return "warning", f"{show(text)} is not a URI such as https://example.com/etl"


def name(text: str) -> Trouble:
    """A namespace or name: the standard allows the empty text, no backend can file it."""
    return None if text.strip() else ("warning", "is empty: backends cannot file it")


def schema_url(own: str, *, known_files: frozenset[str] = frozenset()) -> Look:
    """The look at a ``_schemaURL`` (or ``schemaURL``) whose newest known form is `own`.

    Any version of the same definition is fine up to the known one. With `known_files`, the place is one whose
    definition is unknown: any URI is fine that does not claim to be a file of the standard which does not exist.
    """
    parsed = _SCHEMA(own)
    if parsed is None:
        return uri
    version, file, definition = _version(parsed), parsed.group(4), parsed.group(5)

    def look(text: str) -> Trouble:
        found = _SCHEMA(text)
        if known_files:
            claims = text.startswith(("https://openlineage.io/spec/", "http://openlineage.io/spec/"))
            if claims and (found is None or found.group(4) not in known_files):
                return "warning", f"{show(text)} points nowhere known"
            return uri(text)
        if found is None or not _same(found, file, definition):
            return uri(text) or ("warning", f"{show(text)} points nowhere known; the standard's is {own}")
        if file == "OpenLineage" and found.group(5) not in (definition, None):
            return "warning", f"names a {found.group(5)}, but this is a {definition}"
        if found.group(4) == file and _version(found) > version:
            return (
                "warning",
                f"{show(text)} is newer than the newest version known here, {'-'.join(map(str, version))}",
            )
        return None

    return look


def is_compatible(own: str, text: str) -> bool:
    """Whether a schema URL names the file that `own` names, in the same major version."""
    parsed, found = _SCHEMA(own), _SCHEMA(text)
    return parsed is not None and found is not None and parsed.group(1, 4) == found.group(1, 4)


def schema_file(url: str) -> str | None:
    """``SQLJobFacet`` for the URL of the standard's file of that name; None for other URLs."""
    found = _SCHEMA(url)
    return found.group(4) if found else None


def _same(found: re.Match[str], file: str, definition: str) -> bool:
    """Early versions held every facet in one file: there the definition decides."""
    return found.group(4) == file or found.group(5) == definition


def _version(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in match.group(1, 2, 3))


def _is_day(year: str, month: str, day: str) -> bool:
    from datetime import date

    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
