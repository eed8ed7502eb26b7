"""Templates: text with fields in braces, which stay whole while the text around them is taken apart."""

from __future__ import annotations

import re
from typing import NamedTuple

from lineage_kit.errors import NamingError

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_FIELD = re.compile(
    r"(?P<root>[^\W\d]\w*)(?P<path>(?:\.[^\W\d]\w*|\[[^\[\]]+\])*)(?:!(?P<conversion>[rsa]))?(?::(?P<spec>.*))?",
    re.DOTALL,
)
_FIRST = 0xF0000  # while masked, field n is the private-use character _FIRST + n: no digit, letter, case or separator
_MASKS = re.compile("[\U000f0000-\U000ffffd]")
_HINT = (
    "A field is written {argument}, {argument.attribute}, {argument[key]} or {day:%Y-%m-%d}; "
    "a brace itself is {{ or }}."
)


class Field(NamedTuple):
    """One field of a template: ``{order.day:%Y}`` has root ``order``, path ``.day`` and spec ``%Y``."""

    text: str
    root: str
    path: str
    conversion: str
    spec: str


class Masked(NamedTuple):
    """A text in which every field is one private character and every doubled brace a single one."""

    text: str
    fields: tuple[Field, ...]

    def restore(self, part: str) -> str:
        """A piece of the masked text as it was written; without any field in the whole text, as plain text."""
        if not self.fields:
            return part
        escaped = part.replace("{", "{{").replace("}", "}}")
        return _MASKS.sub(lambda match: self.fields[ord(match[0]) - _FIRST].text, escaped)


def mask(text: str) -> Masked:
    """Hide the fields of a template. Raises NamingError where the braces or a field are malformed."""
    if "{" not in text and "}" not in text:
        return Masked(text, ())
    if _MASKS.search(text):
        raise NamingError(
            "this template holds private-use characters, from which no dataset name can be made"
        )
    fields: list[Field] = []

    def hide(match: re.Match[str]) -> str:
        token = match[0]
        if token in ("{{", "}}"):
            return token[0]
        if len(token) == 1:
            raise NamingError(
                f"a {token!r} without its partner at position {match.start()} of a template. {_HINT}"
            )
        fields.append(_field(token))
        return chr(_FIRST + len(fields) - 1)

    return Masked(_TOKEN.sub(hide, text), tuple(fields))


def starts_with_field(masked: str) -> bool:
    """Whether a masked text begins with a field, so that nothing can be known of its kind yet."""
    return bool(_MASKS.match(masked))


def has_field(masked: str) -> bool:
    """Whether a piece of a masked text holds a field."""
    return bool(_MASKS.search(masked))


def fields(text: str) -> tuple[Field, ...]:
    """The fields of a template in order, () for plain text. Raises NamingError where it is malformed."""
    return mask(text).fields


def _field(token: str) -> Field:
    inner = token[1:-1]
    if not inner.strip():
        raise NamingError(f"an empty field {token} in a template. {_HINT}")
    match = _FIELD.fullmatch(inner)
    if match is None:
        raise NamingError(f"{token[:80]} is no field that can be filled. {_HINT}")
    if "__" in match["path"].replace("]", ".").replace("[", "."):
        for part in re.split(r"[.\[\]]+", match["path"]):
            if part.startswith("__"):
                raise NamingError(
                    f"{token[:80]} reaches for {part}: names that begin with two underscores are closed"
                )
    return Field(token, match["root"], match["path"], match["conversion"] or "", match["spec"] or "")
