"""Secrets known by their look alone: bearer tokens, keys of clouds and forges, web tokens, private keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lineage_kit.client.redact.search import Forward, Span, finds

_WEB_TOKEN = re.compile(r"[\w.-]+").match
_PRIVATE_KEY_END = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY").search
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----").finditer
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


def shaped(text: str) -> Iterator[Span]:
    """Tokens known by their look: bearer tokens, keys of clouds and forges."""
    for trigger, rest in _SHAPES.items():
        if trigger not in text:
            continue
        pattern = _compiled.get(trigger) or _compiled.setdefault(trigger, re.compile(rest))
        done = 0
        for at in finds(text, trigger):
            if at < done or (trigger != "earer " and text[at - 1 : at].isalnum()):
                continue
            match = pattern.match(text, at + len(trigger))
            if match is not None:
                done = match.end()
                yield (match.start(1), done) if match[1] else (at, done)


def web_tokens(text: str) -> Iterator[Span]:
    """JSON web tokens: ``eyJ….….…``."""
    done = 0
    for at in finds(text, "eyJ"):
        if at >= done:
            match = _WEB_TOKEN(text, at)
            done = match.end() if match else at
            if done - at >= 16 and "." in text[at:done]:
                yield at, done


def private_keys(text: str) -> Iterator[Span]:
    """What stands between the lines that begin and end a private key; all before or after one that stands alone."""
    forward = Forward(text)
    last = _PRIVATE_KEY_END(text)
    if last is not None and "-----BEGIN " not in text[: last.start()]:
        yield 0, last.start()
    for match in _PRIVATE_KEY(text):
        end = forward.find("-----END", match.end())
        yield match.end(), len(text) if end < 0 else end
