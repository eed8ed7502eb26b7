"""Secrets told in a sentence: ``passwd hunter2``, ``the token was abc123``, without a sign between name and value.

A sentence goes on with an ordinary word far more often than with a secret (``password is wrong``). So the word behind
the name is taken only when it looks like no word: letters and digits mixed, signs of a keyboard's upper row, or many
digits. Names of columns, versions, dates, sizes, paths and addresses are left.
"""

from __future__ import annotations

import re

from lineage_kit.client.redact.search import Span

_TOLD = ("passw", "passphrase", "passcode", "pwd", "secret", "token", "key", "jwt")
_LONGEST = 4096
_GAP = re.compile(
    r"(?:[\"'`]?[ \t]?[:=])?[ \t]?(?:(?:is|was|to|of|as|be|being|used|given|set|now|value|with)[ \t]){0,3}",
    re.IGNORECASE,
).match
_WORD = re.compile(rf"""(["'`]?)([^\s"'`<>()\[\]{{}},;]{{1,{_LONGEST}}})""").match
_PARSED = re.compile(r"(?:unexpected|expected|near|parse|next|before|after)[ \t]$", re.IGNORECASE).search
_LISTED = re.compile(r"(?:columns?|fields?|attributes?):?[ \t]$", re.IGNORECASE).search
_NO_WORD = re.compile(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])|(?=.{5})(?=[^A-Za-z]*[A-Za-z]).*[!@#$%^&*+~].").match
_DIGITS = re.compile(r"\d{6,}").fullmatch
_ORDINARY = re.compile(
    r"""
      [a-z]+\d{0,2}(?:_(?:[a-z]+\d{0,2}|\d+))+            # a name in snake case
    | v?\d+(?:\.\w+)*                                     # a version, a number
    | \d+(?:[.,]\d+)?(?:st|nd|rd|th|x|%|[kmgt]?i?b|ms|s|sec\w*|min\w*|h|hours?|d|days?)
    | \d{4}-\d\d(?:-\d\d)?\S*                             # a date
    | (?:sha|md|aes|rsa|es|hs|rs|ps|utf|base|oauth|http|tls|ssl|x|argon|pkcs|pbkdf|ed|ec|s|k|win|python)-?\d+s?
    | [A-Za-z][\w.-]*\.[A-Za-z]{2,}(?::\d+)?(?:/\S*)?     # an address, a file, a path of attributes
    | [\w.-]+:\d+                                         # host and port
    | \.{0,2}[/\\~]\S*  |  [A-Za-z]:[/\\]\S*  |  \S*://\S*    # a path, a URL
    | [A-Za-z_.-]+[=:]\S*                                 # a name and its own value
    | \$\w+ | %\w+% | \*+\w+\**                           # a variable, a placeholder, an emphasis
    """,
    re.VERBOSE | re.IGNORECASE,
).fullmatch


def told(text: str, name: str, start: int, end: int) -> Span | None:
    """The secret that a sentence tells behind the secret name that stands from `start` to `end`; None for none."""
    lower = name.lower()
    if not any(word in lower for word in _TOLD):
        return None
    before = text[max(start - 16, 0) : start]
    if _LISTED(before) or ("token" in lower and _PARSED(before)):
        return None  # a database or a parser speaks
    gap = _GAP(text, end)
    word = _WORD(text, gap.end()) if gap else None
    if word is None:
        return None
    said = word[2].rstrip(".,;:?…")
    if not _is_secret(said, "pass" in lower or "pwd" in lower):
        return None
    return word.start(2), word.start(2) + len(said)


def _is_secret(word: str, is_password: bool) -> bool:
    if is_password and _DIGITS(word):
        return True
    return len(word) >= 5 and _NO_WORD(word) is not None and _ORDINARY(word) is None
