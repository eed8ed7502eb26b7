"""Searching that moves forward only, so that time stays linear in the text whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator

Span = tuple[int, int]  # first character of a secret, first one behind it


def finds(text: str, trigger: str) -> Iterator[int]:
    """Where `trigger` stands in the text, one after the other."""
    at = text.find(trigger)
    while at >= 0:
        yield at
        at = text.find(trigger, at + len(trigger))


class Forward:
    """`str.find` that remembers its last answer: asked from rising positions, the whole costs one pass."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.answers: dict[str, Span] = {}

    def find(self, needle: str, start: int) -> int:
        """Where `needle` stands at or after `start`; -1 where it does not."""
        asked, answer = self.answers.get(needle, (start + 1, 0))
        if asked > start or -1 < answer < start:
            answer = self.text.find(needle, start)
            self.answers[needle] = start, answer
        return answer
