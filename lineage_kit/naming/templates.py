"""Templates: text with fields in braces, which stay whole while the text around them is taken apart."""

from __future__ import annotations

import re

from lineage_kit.errors import NamingError

_FIRST = 0xF0000  # while masked, field n is the private-use character _FIRST + n: no digit, letter, case or separator
_MASK = "[\U000f0000-\U000ffffd]"
_TOKEN = r"\{\{|\}\}|\{[^{}]*\}|[{}]"  # noqa: S105 - no secret
_FIELD = r"\{[^\W\d]\w*(?:\.[^\W\d]\w*|\[[^\[\]]+\])*(?:![rsa])?(?::.*)?\}"
_HINT = (
    "A field is written {argument}, {argument.attribute}, {argument[key]} or {day:%Y-%m-%d}; "
    "a brace itself is {{ or }}."
)


class Masked:
    """A text in which every field is one private character and every doubled brace a single one."""

    __slots__ = ("fields", "text")

    def __init__(self, text: str, fields: list[str]) -> None:
        self.text = text
        self.fields = fields

    def restore(self, part: str) -> str:
        """A piece of the masked text as it was written; without any field in the whole text, as plain text."""
        if not self.fields:
            return part
        escaped = part.replace("{", "{{").replace("}", "}}")
        return re.sub(_MASK, lambda match: self.fields[ord(match[0]) - _FIRST], escaped)


def mask(text: str) -> Masked:
    """Hide the fields of a template. Raises NamingError where the braces or a field are malformed."""
    fields: list[str] = []
    if "{" not in text and "}" not in text:
        return Masked(text, fields)
    if has_field(text):
        raise NamingError(
            "this template holds private-use characters, from which no dataset name can be made"
        )

    def hide(match: re.Match[str]) -> str:
        token = match[0]
        if token in ("{{", "}}"):
            return token[0]
        if len(token) == 1:
            raise NamingError(
                f"a {token!r} without its partner at position {match.start()} of a template. {_HINT}"
            )
        if not re.fullmatch(_FIELD, token, re.DOTALL):
            raise NamingError(f"{token[:80]} is no field that can be filled. {_HINT}")
        fields.append(token)
        return chr(_FIRST + len(fields) - 1)

    return Masked(re.sub(_TOKEN, hide, text), fields)


def has_field(masked: str) -> bool:
    """Whether a piece of a masked text holds a field."""
    return any("\U000f0000" <= character <= "\U000ffffd" for character in masked)
