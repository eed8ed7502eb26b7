"""Every problem of a configuration is collected with its place, and no secret gets into its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from lineage_kit.errors import ConfigError

T = TypeVar("T")
HIDDEN = "***"
MAX_SHOWN = 60
MAX_SCHEME = 10
MAX_CLASS_PATH = 120
UNSHOWN = "a value (not shown, it may be secret)"

_SECRET_WORDS = frozenset(
    {
        "apikey",
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "credential",
        "credentials",
        "headers",
        "jaas",
        "key",
    }
    | {"pass", "passphrase", "passwd", "password", "pwd", "secret", "signature", "token"}
)
_SECRET_TEXT = re.compile(
    r"(passw|secret|token|key|authorization|sig|jaas|credential|cookie)[\w.\- ]*['\"]?\s*[=:]|(bearer|basic)\s+\S",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_USERINFO = re.compile(r"//\S*@|[^\s/:@'\"]*:[^\s/@'\"]+@")
_QUERY = re.compile(r"\?.*", re.DOTALL)
_RANDOM = re.compile(
    r"(?:[\w+=~-]*[-_+=~])?(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}[\w+=~-]*"
).fullmatch
_TOKEN = re.compile(
    r"(?:sk|pk|rk|gh[oprsu]|github_pat|glpat|xox[abeoprs]|hf|hvs|whsec)[-_.]\w{6}|(?:AKIA|ASIA|AIza|eyJ|dapi|ya29)\w{8}"
).match
_AUTH_TYPES = ("api_key", "jwt", "oauth2", "basic", "bearer", "digest", "none", "token")
_CLASS_PATH = re.compile(
    r"(?:[a-z_]+\d{0,2}[a-z_]*\.)*[a-z_]+\d{0,2}[a-z_]*[.:][A-Z_][A-Za-z_]*\d{0,2}[A-Za-z_]*"
).fullmatch
_NAME = re.compile(r"(?:[A-Za-z]+\d{0,5}|\d{1,5})(?:[-_. :/](?:[A-Za-z]+\d{0,5}|\d{1,5}))*").fullmatch
_LONG_WORD = re.compile(r"[\w.+=~-]{8,}")
_PATH_KEY = re.compile(r"[^.\[\]$]+(?=\[\d+\]|\.|$)|\[\d+\]")


class Problems:
    """What is wrong with a configuration; `finish` raises all of it as one `ConfigError`."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._explained: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def add(self, text: str, path: str = "", origin: str = "") -> None:
        """Note one problem: `origin` is the file and line or the variable, `path` the place in the tree."""
        place = at(path, origin)
        line = f"{place}: {text}" if place else text
        if line not in self._found and not line.startswith(tuple(self._explained)):
            self._found.append(line)

    def add_cause(self, text: str, path: str, origin: str) -> None:
        """Note one problem after which nothing else is said about the same place: that would be a consequence."""
        place = f"{at(path, origin)}: "
        self._explained.discard(place)  # two variables in one text are two causes
        self.add(text, path, origin)
        self._explained.add(place)

    def take(self, other: Problems) -> None:
        """Add everything that `other` has."""
        for line in other._found:
            self.add(line)

    def attempt(self, build: Callable[[], T]) -> T | None:
        """What `build` gives; None, after noting all it complained of, where that raises `ConfigError`."""
        try:
            return build()
        except ConfigError as error:
            for _, text in error.faults:
                self.add(text)
        return None

    def finish(self) -> None:
        """Raise `ConfigError` when anything was noted."""
        if len(self._found) == 1:
            raise ConfigError(self._found[0])
        if self._found:
            lines = "".join(f"\n  - {line}" for line in self._found)
            text = f"{len(self._found)} problems in the configuration:{lines}"
            raise ConfigError(text, [("", line) for line in self._found])


def at(path: str, origin: str) -> str:
    """The place of a setting in words: file and line or variable, and its path."""
    return ", ".join(part for part in (origin, f"at {path}" if path else "") if part)


def looks_secret(key: str) -> bool:
    """Whether the value under a key of this name has to stay hidden (``apiKey``, ``sasl.password``, ``X-Auth-Token``).

    The key ``auth`` itself does not: it holds a section, of which `is_hidden` shows the type alone.
    """
    words = [word.lower() for word in _WORD.findall(key)]
    if words == ["auth"]:
        return False
    return not _SECRET_WORDS.isdisjoint(words) or "".join(words).endswith(
        ("apikey", "password", "secret", "token")
    )


def is_token(text: str) -> bool:
    """Whether a value that should be a word or a number looks like a key that was pasted into the wrong line."""
    return _TOKEN(text) is not None or (len(text) < 512 and _RANDOM(text) is not None)


def names_a_type(text: str) -> bool:
    """Whether what stands at ``auth.type`` may be shown: a type that exists or is nearly one, or plainly a class."""
    near = nearest(text, _AUTH_TYPES)
    if near is not None and len(text) <= len(near) + 2:
        return True
    return len(text) <= MAX_CLASS_PATH and not is_token(text) and _CLASS_PATH(text) is not None


def hide_credentials(text: str) -> str:
    """The text without the userinfo and query of any URL in it; nothing of it when it looks like ``password=…``."""
    if _SECRET_TEXT.search(text):
        return HIDDEN
    text = _USERINFO.sub(lambda found: f"{'//' if found[0].startswith('//') else ''}{HIDDEN}@", text)
    return _QUERY.sub("?" + HIDDEN, text) if "://" in text else text


def hide_secrets(text: str) -> str:
    """The same for the text of somebody's exception: words that look like a key are hidden too."""
    hidden = hide_credentials(text)
    return _LONG_WORD.sub(lambda found: HIDDEN if is_token(found[0]) else found[0], hidden)


def is_hidden(path: str, value: object = "") -> bool:
    """Whether what stands at a path like ``$.transport.auth.apiKey`` may not be shown; `value` is what stands there."""
    keys = [key for key in _PATH_KEY.findall(path) if not key.startswith("[")]
    lower = [key.lower() for key in keys]
    if "auth" in lower and (lower[-1] != "type" or (value != "" and not names_a_type(str(value)))):
        return True
    return any(looks_secret(key) for key in keys)


def show(value: object, path: str = "") -> str:
    """How an error names a value: its kind, and its text where that is short and no secret."""
    if not isinstance(value, (str, int, float)) or getattr(value, "value", value) is None:
        return _kind(value)
    text = hide_credentials(str(value))
    if text == HIDDEN or is_hidden(path, text) or is_token(text):
        return UNSHOWN
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…")


def _kind(value: object) -> str:
    if value is None or isinstance(value, str):
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else f"an object of type {type(value).__name__}"


def nearest(key: str, known: Sequence[str]) -> str | None:
    """The known key that `key` was probably meant to be, or None."""
    from difflib import get_close_matches

    folded = {fold(name): name for name in reversed(known)}
    if fold(key) in folded:
        return folded[fold(key)]
    close = get_close_matches(key, known, n=1, cutoff=0.6) or get_close_matches(fold(key), list(folded), n=1)
    return folded.get(close[0], close[0]) if close else None


def fold(key: str) -> str:
    """One form for all spellings of a key: ``messageKey``, ``message_key`` and ``messagekey`` are equal in it."""
    return key.replace("_", "").replace("-", "").lower()


def shown_key(key: str, path: str) -> str:
    """A key below `path` as it may be printed: one that looks like a secret, or stands oddly in ``auth``, may not.

    Neither may the name of a transport in a composite that is no plain word.
    """
    below = path.lower()
    if is_token(key) or (below.endswith(".auth") and not key.replace("_", "").isalpha()):
        return HIDDEN
    return HIDDEN if below.endswith(".transports") and not is_name(key) else key


def is_name(text: str) -> bool:
    """Whether a text is made of words, perhaps with a number behind: what people call something, and no password."""
    return len(text) <= MAX_SHOWN and _NAME(text) is not None


def is_scheme(text: str) -> bool:
    """Whether what stands before ``://`` is a few letters, which may be repeated."""
    return (
        len(text) <= MAX_SCHEME and text.isascii() and text.isalnum() and text[0].isalpha() and is_name(text)
    )


def clip(key: str) -> str:
    """A key as an error shows it: quoted, never long, and not at all when it looks like a secret."""
    if is_token(key) or hide_credentials(key) != key:
        return "(not shown, it may be secret)"
    return repr(key if len(key) <= MAX_SHOWN else key[:MAX_SHOWN] + "…")
