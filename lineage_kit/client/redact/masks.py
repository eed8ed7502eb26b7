"""Secrets in free text and in names of keys: where they stand, and the text without them.

Text is searched for short trigger words first, and looked at closely only around them: most text holds none and
costs a few microseconds per kilobyte. All searches move forward only, so that time is linear in the text.
In doubt more is masked than less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MASK = "***"
MAX_REMEMBERED = 4096  # names of keys

_WHOLE_WORDS = {"pwd", "passcode", "token", "bearer", "jwt", "cookie", "dsn", "auth", "sig", "sas"}
_COMPOUNDS = (
    "password", "passwd", "passphrase", "secret", "authorization", "credential", "apikey", "accesskey", "accountkey",
    "encryptionkey", "masterkey", "privatekey", "sharedkey", "signingkey", "sshkey", "storagekey", "subscriptionkey",
    "connectionstring", "connstr", "amzsignature", "googsignature",
)  # fmt: skip
_ABOUT = {  # "token_count" tells about tokens and holds none
    "count", "enabled", "endpoint", "expires", "expiration", "expiry", "length", "limit", "policy", "required", "size",
    "type", "uri", "url", "usage",
}  # fmt: skip
_TRIGGERS = (
    "pass", "pwd", "secret", "token", "key", "auth", "credential", "sig", "jwt", "cookie", "dsn", "conn", "sas",
)  # fmt: skip
_TO_END_OF_LINE = {"authorization", "cookie", "credential"}

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+").findall
_NAME_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_NAME_AFTER = re.compile(r"[\w.-]{0,40}").match
_AFTER_A_NAME = set("=:> \t\r\n\"'`\\]")
_SEPARATOR = re.compile(r"""[\\"'`\]]{0,4}[ \t]{0,8}(?:=>|:=|={1,3}|:|>)[ \t]{0,8}""").match
_ARGUMENT = re.compile(r"""(?:["'][ \t]?,[ \t]?|[ \t]{1,4})(?=\S)""").match  # --password x, "--password", "x"
_LITERAL = re.compile(r"\s{1,8}(?=')").match  # SQL: PASSWORD 'x'
_IDENTIFIED = re.compile(r"identified\s+by\s+(?:password\s+)?'((?:[^']|'')*)", re.IGNORECASE).finditer
_QUOTE = re.compile(r"""[bBrRuUfF]{0,2}(\\{0,3}["'`])""").match
_VALUE_END = re.compile(r"""[\s&;"'`<>]""").search
_MAY_SEPARATE = re.compile(r"""[:=>'"\s]""").search
_NO_SECRET = re.compile(r"\*+|none|null|nil|true|false|undefined|%s|\?|\$\{\w+\}|", re.IGNORECASE).fullmatch
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_CONTAINER_SCHEMES = ("abfss", "abfs", "wasbs", "wasb")  # what stands before the @ is no user there
_URL_END = re.compile(r"[\s\"'<>`]").search
_PORT_END = re.compile(r"[/?#\s\"'<>`]").search
_ORACLE = re.compile(r":(?:thin|oci):([^\s/@:]{1,64}/[^\s@]{1,128})@").finditer
_WEB_TOKEN = re.compile(r"[\w.-]+").match
_PRIVATE_KEY_END = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY").search
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----").finditer

Span = tuple[int, int]

_verdicts: dict[tuple[str, tuple[str, ...]], bool] = {}


def is_secret_name(name: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a key of this name holds a secret: ``db_password``, ``X-Api-Key``, ``githubToken``.

    `more` are further names, compared without case and separators, also as a part of the name.
    """
    verdict = _verdicts.get((name, more))
    if verdict is None:
        if len(_verdicts) >= MAX_REMEMBERED:
            _verdicts.clear()
        verdict = _verdicts[name, more] = _judge(name[:200], more)
    return verdict


def _judge(name: str, more: tuple[str, ...]) -> bool:
    words = [word.lower() for word in _WORDS(name)]
    together = "".join(words)
    if any("".join(_WORDS(own)).lower() in together for own in more if _WORDS(own)):
        return True
    if not words or words[-1] in _ABOUT or together == "oldpwd":
        return False
    if any(compound in together for compound in _COMPOUNDS) or not _WHOLE_WORDS.isdisjoint(words):
        return True
    return words[-1] == "pass" and len(words) > 1


def redact_text(text: str, *, more: tuple[str, ...] = (), literals_only: bool = False) -> str:
    """The text with ``***`` in place of credentials in URLs, values of secret names, tokens and private keys.

    `literals_only` is for code and SQL, where ``token = other.token`` names a column: only quoted values are taken.
    """
    if len(text) < 16 and not _MAY_SEPARATE(text):
        return text  # an argument such as "orders"
    lower = _lower(text)
    spans = [*_userinfo(text), *_named(text, lower, more, literals_only), *_shaped(text), *_web_tokens(text)]
    if "PRIVATE KEY" in text:
        spans += _private_keys(text)
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


def _finds(text: str, trigger: str) -> Iterator[int]:
    at = text.find(trigger)
    while at >= 0:
        yield at
        at = text.find(trigger, at + len(trigger))


def _userinfo(text: str) -> Iterator[Span]:
    """``scheme://user:password@host``, also where the password is not escaped or the text was cut before the ``@``."""
    end = last_at = -1
    for start in _finds(text, "://"):
        begin = start + 3
        if begin >= end:
            stop = _URL_END(text, begin)
            end = stop.start() if stop else len(text)
            last_at = text.rfind("@", begin, end)
        slash = _PORT_END(text, begin, max(last_at, end))
        authority_end = slash.start() if slash else end
        colon = text.find(":", begin, authority_end)
        if last_at >= begin:
            is_container = colon < 0 and text.endswith(_CONTAINER_SCHEMES, max(start - 5, 0), start)
            if (authority_end > last_at or colon >= 0) and not is_container:
                yield begin, last_at
        elif colon >= 0 and not text.startswith("[", begin):
            port = text[colon + 1 : authority_end].rstrip(".,;:)]}|\\")
            if port and not port.isdecimal():
                yield begin, authority_end


class _Forward:
    """`str.find` that remembers its last answer: asked from rising positions, the whole costs one pass."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.answers: dict[str, Span] = {}

    def find(self, needle: str, start: int) -> int:
        asked, answer = self.answers.get(needle, (start + 1, 0))
        if asked > start or -1 < answer < start:
            answer = self.text.find(needle, start)
            self.answers[needle] = start, answer
        return answer


def _named(text: str, lower: str, more: tuple[str, ...], literals_only: bool) -> Iterator[Span]:
    """Values that follow a secret name: ``password=x``, ``"token": "x"``, ``--secret x``, ``PASSWORD 'x'``."""
    own = [max(_WORDS(name), key=len, default="").lower() for name in more]
    for trigger in (*_TRIGGERS, *own):
        if not trigger or trigger not in lower:
            continue
        forward = _Forward(text)
        done = 0
        for at in _finds(lower, trigger):
            if at < done:
                continue
            after = _NAME_AFTER(text, at)
            end = after.end() if after else at
            if text[end : end + 1] not in _AFTER_A_NAME:
                continue
            before = text[max(at - 40, done) : at]
            name = before[len(before.rstrip(_NAME_LETTERS)) :] + text[at:end]
            done = end
            if is_secret_name(name, more):
                span = _value(forward, name, done, literals_only)
                if span is not None:
                    yield span
                    done = span[1]


def _lower(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return text.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})  # "İ" has two in lower case


def _value(forward: _Forward, name: str, at: int, literals_only: bool) -> Span | None:
    text = forward.text
    gap = _SEPARATOR(text, at)
    if gap is None and name.startswith("-"):
        gap = _ARGUMENT(text, at)
    if gap is None and (literals_only or "token" not in name.lower()):  # "unexpected token 'FORM'" is no secret
        gap = _LITERAL(text, at)
    if gap is None:
        return None
    start = gap.end()
    quote = _QUOTE(text, start)
    if quote is not None:
        start, end = quote.end(), _quoted_end(forward, quote[1], quote.end())
    elif literals_only:
        return None
    else:
        end = _bare_end(forward, name, start)
    return None if _NO_SECRET(text, start, min(end, start + 200)) and end - start < 200 else (start, end)


def _quoted_end(forward: _Forward, quote: str, start: int) -> int:
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


def _bare_end(forward: _Forward, name: str, start: int) -> int:
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


_SHAPES = {  # what a token begins with → the rest of it; in brackets the secret where the beginning is none
    "earer ": r"[ \t]*(?!token\b|auth)([\w.~+/=-]+)",
    "AKIA": r"()[A-Z0-9]{16}",
    "ASIA": r"()[A-Z0-9]{16}",
    "gh": r"()[oprsu]_\w{20,}",
    "github_pat_": r"()\w{20,}",
    "glpat-": r"()[\w-]{16,}",
    "xox": r"()[abeoprs]-[\w-]{10,}",
    "sk-": r"()(?:[A-Za-z0-9]{20,}|(?:proj|ant|svcacct)-[\w-]{20,})",
    "sk_live_": r"()\w{10,}",
    "AIza": r"()[\w-]{30,}",
    "ya29.": r"()[\w-]{20,}",
    "dapi": r"()[0-9a-f]{32}",
    "hf_": r"()\w{20,}",
}
_compiled: dict[str, re.Pattern[str]] = {}


def _shaped(text: str) -> Iterator[Span]:
    """Tokens known by their look: bearer tokens, keys of clouds and forges."""
    for trigger, rest in _SHAPES.items():
        if trigger not in text:
            continue
        pattern = _compiled.get(trigger) or _compiled.setdefault(trigger, re.compile(rest))
        done = 0
        for at in _finds(text, trigger):
            if at < done or (trigger != "earer " and text[at - 1 : at].isalnum()):
                continue
            match = pattern.match(text, at + len(trigger))
            if match is not None:
                done = match.end()
                yield (match.start(1), done) if match[1] else (at, done)


def _web_tokens(text: str) -> Iterator[Span]:
    """JSON web tokens: ``eyJ….….…``."""
    done = 0
    for at in _finds(text, "eyJ"):
        if at >= done:
            match = _WEB_TOKEN(text, at)
            done = match.end() if match else at
            if done - at >= 16 and "." in text[at:done]:
                yield at, done


def _private_keys(text: str) -> Iterator[Span]:
    """From ``-----BEGIN … PRIVATE KEY-----`` to its end; where one of the two was cut off, from or to the text's end."""
    forward = _Forward(text)
    end = _PRIVATE_KEY_END(text)
    if end is not None and "-----BEGIN " not in text[: end.start()]:
        yield 0, end.start()
    for match in _PRIVATE_KEY(text):
        end = forward.find("-----END", match.end())
        yield match.end(), len(text) if end < 0 else end


def redact_patterns(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    """The text with ``***`` in place of whatever the user's own patterns match."""
    for pattern in patterns:
        text = pattern.sub(MASK, text)
    return text
