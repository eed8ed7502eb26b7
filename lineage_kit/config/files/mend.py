"""Mistakes that text editors and web pages put into YAML, all told at once: tabs, curly quotes, capitalised keys.

The text is mended only to read on and find whatever else is wrong; a configuration with such mistakes is never used.
"""

from __future__ import annotations

import re
from functools import cache

from lineage_kit.config.problems import Problems

_DOUBLE = "“”„‟«»"
_SINGLE = "‘’‚‛"
_STRAIGHT = str.maketrans({**dict.fromkeys(_DOUBLE, '"'), **dict.fromkeys(_SINGLE, "'")})
_CURLY = re.compile(rf"^\s*(?:-\s+)*(?:[^#:\"']*:\s*)?[{{\[\s]*[{_DOUBLE}{_SINGLE}]")
_BLANK = re.compile(r"^ *[\u00a0\u2000-\u200b\u202f\u3000\ufeff][\s\u200b\ufeff]*(?=[^\s#])")
_TAB = re.compile(r"^ *\t[\t ]*(?=[^\s#])")
_KEY = re.compile(
    rf"^(\s*(?:-\s+)*[\"'{_DOUBLE}{_SINGLE}]?)([A-Za-z_]+)(?=[\"'{_DOUBLE}{_SINGLE}]?\s*:(?:\s|$))"
)
_OWN_WORDS = ("tags", "namespaces")

TRANSPORT_KEYS = (
    *(
        "type",
        "url",
        "endpoint",
        "auth",
        "apiKey",
        "timeout",
        "verify",
        "compression",
        "custom_headers",
        "retry",
    ),
    *("config", "topic", "flush", "messageKey", "log_file_path", "append", "transports", "name", "priority"),
)
"""Keys of transports that people capitalise; the transports themselves check theirs."""


def has_typography(text: str) -> bool:
    """Whether a key or value begins with a curly quote, or a line with an odd blank: YAML takes them for letters."""
    return any(_CURLY.match(line) or _BLANK.match(line) for line in text.splitlines())


def has_tabs(text: str) -> bool:
    """Whether a line is indented with tabs."""
    return any(_TAB.match(line) for line in text.splitlines())


def is_capitalised(key: str) -> bool:
    """Whether `key` is a known key but for capital letters (``Transport``)."""
    return key not in _vocabulary().values() and key.lower() in _vocabulary()


def mend(text: str, name: str, problems: Problems) -> str:
    """The text without these mistakes, line for line, each of them noted; `name` is the file."""
    lines = text.splitlines()
    tabs = [str(number) for number, line in enumerate(lines, 1) if _TAB.match(line)]
    if tabs:
        where = (
            f"line {tabs[0]}"
            if len(tabs) == 1
            else f"lines {', '.join(tabs[:8])}{' …' if len(tabs) > 8 else ''}"
        )
        problems.add("indented with a tab; YAML allows only spaces there", origin=f"{name} {where}")
    section = ""
    mended = []
    for number, line in enumerate(lines, 1):
        top = _KEY.match(line)
        if top and not line[0].isspace():
            section = top.group(2).lower()
        own_words = section in _OWN_WORDS and line[:1].isspace()
        mended.append(_mended(line, f"{name} line {number}", problems, own_words))
    return "\n".join(mended) + "\n"


def _mended(line: str, origin: str, problems: Problems, own_words: bool) -> str:
    line = line.rstrip("\t ")
    odd = _BLANK.match(line)
    if odd:
        problems.add(
            "indented with blanks that only look like spaces, as web pages make them; write ordinary ones",
            origin=origin,
        )
        line = " " * odd.end() + line[odd.end() :]
    indent = _TAB.match(line)
    if indent:
        line = indent.group().replace("\t", "  ") + line[indent.end() :]
    if _CURLY.match(line):
        problems.add(
            'curly quotes, as word processors and web pages make them; write straight ones (")', origin=origin
        )
        line = line.translate(_STRAIGHT)
    key = _KEY.match(line)
    if key and not own_words and is_capitalised(key.group(2)):
        right = _vocabulary()[key.group(2).lower()]
        problems.add(f"unknown key {key.group(2)!r}; did you mean {right!r}?", origin=origin)
        line = key.group(1) + right + line[key.end() :]
    return line


@cache
def _vocabulary() -> dict[str, str]:
    """Every key a configuration may hold, in small letters → as it is written."""
    from lineage_kit.config.model import (
        DatasetSettings,
        DeliverySettings,
        Facets,
        RedactSettings,
        Sections,
        SourceCodeLocation,
        Tags,
    )
    from lineage_kit.config.typed import spellings

    kinds = (Sections, Facets, SourceCodeLocation, Tags, DatasetSettings, DeliverySettings, RedactSettings)
    names = [name for kind in kinds for name in dict.fromkeys(spellings(kind).values())]
    return {name.lower(): name for name in (*names, *TRANSPORT_KEYS)}
