"""Secrets in free text: where they stand, and the text without them.

Text is searched for short trigger words first, and looked at closely only around them: most text holds none and
costs a few microseconds per kilobyte. All searches move forward only, so that time is linear in the text.
In doubt more is masked than less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lineage_kit.client.redact.names import is_secret_name, words_of
from lineage_kit.client.redact.search import Forward, Span, finds
from lineage_kit.client.redact.spoken import told
from lineage_kit.client.redact.tokens import private_keys, shaped, web_tokens

MASK = "***"

_TRIGGERS = (
    "pass", "pwd", "secret", "token", "key", "auth", "credential", "sig", "jwt", "cookie", "dsn", "conn", "sas",
)  # fmt: skip
_TO_END_OF_LINE = {"authorization", "cookie", "credential"}

_NAME_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_NAME_AFTER = re.compile(r"[\w.-]{0,40}").match
_SECOND_WORDS = {"key", "string"}
_FIRST_WORD = re.compile(
    r"(?:api|access|account|connection|encryption|master|private|secret|shared|signing|ssh|storage)[ \t]\Z",
    re.IGNORECASE,
).search
_AFTER_A_NAME = set("=:> \t\r\n\"'`\\]")
_SEPARATOR = re.compile(r"""[\\"'`\]]{0,4}[ \t]{0,8}(?:=>|:=|={1,3}|:|>)[ \t]{0,8}""").match
_ARGUMENT = re.compile(r"""(?:["'][ \t]?,[ \t]?|[ \t]{1,4})(?=\S)""").match  # --password x, "--password", "x"
_LITERAL = re.compile(r"\s{1,8}(?=')").match  # SQL: PASSWORD 'x'
_IDENTIFIED = re.compile(r"identified\s+by\s+(?:password\s+)?'((?:[^']|'')*)", re.IGNORECASE).finditer
_QUOTE = re.compile(r'[bBrRuUfF]{0,2}(\\{0,3}(?:"""|\'\'\'|["\'`]))').match
_VALUE_END = re.compile(r"""[\s&;"'`<>]""").search
_MAY_SEPARATE = re.compile(r"""[:=>'"\s]""").search
_NO_SECRET = re.compile(r"\*+|none|null|nil|true|false|undefined|%s|\?|\$\{\w+\}?|", re.IGNORECASE).fullmatch
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_CONTAINER_SCHEMES = ("abfss", "abfs", "wasbs", "wasb")  # what stands before the @ is no user there
_URL_END = re.compile(r"[\s\"'<>`]").search
_PORT_END = re.compile(r"[/?#\s\"'<>`]").search
_ORACLE = re.compile(r":(?:thin|oci):([^\s/@:]{1,64}/[^\s@]{1,128})@").finditer


def redact_text(text: str, *, more: tuple[str, ...] = (), literals_only: bool = False) -> str:
    """The text with ``***`` in place of credentials in URLs, values of secret names, tokens and private keys.

    `literals_only` is for code and SQL, where ``token = other.token`` names a column: only quoted values are taken.
    """
    if len(text) < 16 and not _MAY_SEPARATE(text):
        return text  # an argument such as "orders"
    lower = _lower(text)
    spans = [*_userinfo(text), *_named(text, lower, more, literals_only), *shaped(text), *web_tokens(text)]
    if "PRIVATE KEY" in text:
        spans += private_keys(text)
    if "identified" in lower:
        spans += [match.span(1) for match in _IDENTIFIED(text)]
    if "jdbc:oracle:" in lower:
        spans += [match.span(1) for match in _ORACLE(text)]
    return _without(text, spans) if spans else text


def _without(text: str, spans: list[Span]) -> str:
    spans.sort()
    parts: list[str] = []
    done = 0
    for start, end in spans:
        if end <= done:
            continue
        if start >= done:
            parts += (text[done:start], MASK)
        done = end
    parts.append(text[done:])
    return "".join(parts)


def _userinfo(text: str) -> Iterator[Span]:
    """``scheme://user:password@host``, also where the password is not escaped or the text was cut before the ``@``."""
    end = last_at = -1
    for start in finds(text, "://"):
        begin = start + 3
        if begin >= end:
            end = _before(_URL_END(text, begin), len(text))
            last_at = text.rfind("@", begin, end)
        authority_end = _before(_PORT_END(text, begin, end), end)
        colon = text.find(":", begin, authority_end)
        if last_at < begin:
            if colon >= 0 and _is_no_port(text, begin, colon + 1, authority_end):
                yield begin, authority_end
        elif colon >= 0 or (authority_end > last_at and not _is_container(text, start)):
            yield begin, last_at


def _before(found: re.Match[str] | None, otherwise: int) -> int:
    return found.start() if found else otherwise


def _is_no_port(text: str, begin: int, start: int, end: int) -> bool:
    """Whether what stands behind the colon of ``://a:b`` looks like a password whose host was cut off."""
    port = text[start:end].rstrip(".,;:)]}|\\")
    return bool(port) and not port.isdecimal() and not text.startswith("[", begin)


def _is_container(text: str, scheme_end: int) -> bool:
    return text.endswith(_CONTAINER_SCHEMES, max(scheme_end - 5, 0), scheme_end)


def _named(text: str, lower: str, more: tuple[str, ...], literals_only: bool) -> Iterator[Span]:
    """Values that follow a secret name: ``password=x``, ``"token": "x"``, ``--secret x``, ``PASSWORD 'x'``."""
    own = [max(words_of(name), key=len, default="").lower() for name in more]
    for trigger in (*_TRIGGERS, *own):
        if not trigger or trigger not in lower:
            continue
        forward = Forward(text)
        done = 0
        for at in finds(lower, trigger):
            if at < done:
                continue
            name, end = _name_at(text, at, done)
            if not name:
                continue
            done = end
            span = _value(forward, name, end, literals_only) if is_secret_name(name, more) else None
            if span is not None:
                yield span
                done = span[1]


def _name_at(text: str, at: int, done: int) -> tuple[str, int]:
    """The name around a trigger, from `done` on, and where it ends; empty when no value can follow it."""
    after = _NAME_AFTER(text, at)
    end = after.end() if after else at
    if text[end : end + 1] not in _AFTER_A_NAME:
        return "", end
    before = text[max(at - 40, done) : at]
    start = len(before.rstrip(_NAME_LETTERS))
    if (before[start:] + text[at:end]).lower() in _SECOND_WORDS:  # "API key", "connection string"
        first = _FIRST_WORD(before, 0, start)
        start = first.start() if first else start
    return before[start:] + text[at:end], end


def _lower(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return text.translate(
        {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
    )  # "İ" has two in lower case


def _value(forward: Forward, name: str, at: int, literals_only: bool) -> Span | None:
    text = forward.text
    start = None if " " in name else _value_start(text, name, at, literals_only)
    if start is None:
        return None if literals_only else told(text, name, at - len(name), at)
    quote = _QUOTE(text, start)
    if quote is not None:
        start, end = quote.end(), _quoted_end(forward, quote[1], quote.end())
    elif literals_only:
        return None
    else:
        end = _bare_end(forward, name, start)
    return None if _NO_SECRET(text, start, min(end, start + 200)) and end - start < 200 else (start, end)


def _value_start(text: str, name: str, at: int, literals_only: bool) -> int | None:
    gap = _SEPARATOR(text, at)
    if gap is None and name.startswith("-"):
        gap = _ARGUMENT(text, at)
    if gap is None and (literals_only or "token" not in name.lower()):
        gap = _LITERAL(text, at)  # "unexpected token 'FORM'" is no secret
    return gap.end() if gap else None


def _quoted_end(forward: Forward, quote: str, start: int) -> int:
    """Where the closing quote stands; the end of the text when it was cut off."""
    text = forward.text
    at = start
    while True:
        end = forward.find(quote, at)
        if end < 0:
            return len(text)
        if end > start and text.startswith(quote, end + len(quote)):
            at = end + 2 * len(quote)  # SQL: a doubled quote stands for itself
        elif end > start and text[end - 1] == "\\":
            at = end + len(quote)
        else:
            return end


def _bare_end(forward: Forward, name: str, start: int) -> int:
    text = forward.text
    line_end = forward.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    if any(word in name.lower() for word in _TO_END_OF_LINE):
        return line_end
    closing = _CLOSING.get(text[start : start + 1])
    if closing is not None:
        end = forward.find(closing, start)
        return line_end if end < 0 else min(end + 1, line_end)
    stop = _VALUE_END(text, start)
    end = stop.start() if stop else len(text)
    while end > start and text[end - 1] in ",)]}":
        end -= 1
    return end


def redact_patterns(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    """The text with ``***`` in place of whatever the user's own patterns match."""
    for pattern in patterns:
        text = pattern.sub(MASK, text)
    return text
