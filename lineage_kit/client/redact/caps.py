"""Texts within a number of bytes, with a mark where they were cut; how many, for what every event may hold."""

from __future__ import annotations

MESSAGE_LIMIT = 4 * 1024  # bytes of UTF-8
STACK_LIMIT = 32 * 1024
ARGUMENT_LIMIT = 1024


def cap_text(text: str, limit: int) -> str:
    """The beginning of the text, at most `limit` bytes of UTF-8, with a mark where it was cut.

    What is masked later is masked in a beginning as well: a secret that lost its end still shows its start.
    """
    if _fits(text, limit):
        return text
    mark = _mark(text)
    return _head(text, limit - len(_bytes(mark))) + mark


def cap_stack(text: str, limit: int) -> str:
    """A stack trace within `limit` bytes of UTF-8: its first third, a mark, and its end, in whole lines."""
    if _fits(text, limit):
        return text
    mark = _mark(text) + "\n"
    room = max(limit - len(_bytes(mark)), 0)
    head = _head(text, room // 3).rpartition("\n")[0]
    tail = _bytes(text[-room:])[-(room - room // 3) :].partition(b"\n")[2]
    return head + mark + tail.decode("utf-8", "ignore") if tail else cap_text(text, limit)


def _fits(text: str, limit: int) -> bool:
    if len(text) > limit:
        return False
    return len(text) * 4 <= limit or text.isascii() or len(_bytes(text)) <= limit


def _mark(text: str) -> str:
    return f"\n… [cut, {len(text)} characters in all]"


def _head(text: str, room: int) -> str:
    room = max(room, 0)
    return _bytes(text[:room])[:room].decode("utf-8", "ignore")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
