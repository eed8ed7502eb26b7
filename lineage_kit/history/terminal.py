"""Text on a terminal: how wide it is, what must not reach it, how it is cut."""

from __future__ import annotations

from unicodedata import category, east_asian_width

_ZERO_WIDTH = ("Mn", "Me", "Cf")
_UNSAFE = ("Cc", "Cs", "Zl", "Zp")
_TURNS_TEXT_AROUND = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """The text with control characters written out: what stands in an event must not steer the reader's terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if category(c) in _UNSAFE or c in _TURNS_TEXT_AROUND else c for c in text)


def width(text: str) -> int:
    """Columns the text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def pad(text: str, columns: int) -> str:
    """The text followed by as many spaces as it lacks."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int, mark: str = "…") -> str:
    """At most `columns` wide, ending in `mark` where something was cut off."""
    if width(text) <= columns:
        return text
    return _head(text, max(0, columns - width(mark))) + mark


def cut_middle(text: str, columns: int, mark: str = "…") -> str:
    """At most `columns` wide, keeping both ends."""
    if width(text) <= columns:
        return text
    room = max(0, columns - width(mark))
    tail = _head(text[::-1], room - room // 3)[::-1]
    return _head(text, room - width(tail)) + mark + tail


def wrapped(text: str, columns: int | None, most: int) -> list[str]:
    """The text in lines of at most `columns`, broken between words; what goes beyond `most` lines is cut off."""
    if columns is None or width(text) <= columns:
        return [text]
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer) <= columns or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    return [cut(line, columns) for line in lines]


def _head(text: str, columns: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return text[:index]
    return text


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if category(character) in _ZERO_WIDTH:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
