"""errorMessage facet → what a person needs: the type, the first words, and the line of their own code."""

from __future__ import annotations

import re
from typing import Any

from lineage_kit.history.records import ErrorRecord, Frame
from lineage_kit.user_code import is_library

MAX_STACK = 256 * 1024

_FRAME = re.compile(r'^[ \t|+]*File "([^"\n]+)", line (\d+)(?:, in ([^\n]*))?$', re.MULTILINE)
_TYPE = re.compile(r"(?P<type>[A-Za-z_][\w.$]*)(?::\s+(?P<message>.*)|:?\s*$)", re.DOTALL)
_LOOKS_LIKE_A_TYPE = re.compile(
    r"(?:Error|Exception|Interrupt|Exit|Warning|Timeout|Failure|Cancelled|Group)\w*$"
)


def error_from(facet: dict[str, Any]) -> ErrorRecord | None:
    """What an errorMessage facet says; None when it says nothing."""
    message, stack = facet.get("message"), facet.get("stackTrace")
    message = message.strip() if isinstance(message, str) else ""
    stack = stack[-MAX_STACK:] if isinstance(stack, str) else ""
    if not message and not stack:
        return None
    return ErrorRecord(*_type_and_text(message, stack), user_frame(stack))


def user_frame(stack: str) -> Frame | None:
    """The innermost frame that is nobody's library: not in site-packages, the standard library or this package.

    Of a chain of exceptions the last one printed, the one that ended the run, is searched first.
    """
    found = None
    for match in _FRAME.finditer(stack):
        if not is_library(match[1]):
            found = match
    if found is None:
        return None
    return Frame(found[1], int(found[2]), (found[3] or "").strip(), _source_after(stack, found.end()))


def _source_after(stack: str, position: int) -> str:
    """The line of source under a frame: indented deeper than the frame and not the next frame."""
    following = stack[position : position + 1000].lstrip("\n").split("\n", 1)[0]
    text = following.strip(" |\t")
    if not following.startswith((" ", "\t")) or text.startswith(('File "', "[")):
        return ""
    return text


def _type_and_text(message: str, stack: str) -> tuple[str, str]:
    """(exception type, message without it); the type is empty where neither text gives one."""
    closing = _TYPE.match(_closing_line(stack))
    if closing:
        kind, said = closing["type"], (closing["message"] or "").strip()
        if message in ("", kind):
            return kind, said
        if message.startswith(f"{kind}: "):
            return kind, message[len(kind) + 2 :].strip()
        if said and message.startswith(said):
            return kind, message
    leading = _TYPE.match(message)
    if leading and _LOOKS_LIKE_A_TYPE.search(leading["type"]):
        return leading["type"], (leading["message"] or "").strip()
    return "", message


def _closing_line(stack: str) -> str:
    """The line that names the exception: the first unindented one after the last frame, else the first of all."""
    start = 0
    for match in _FRAME.finditer(stack):
        start = match.end()
    lines = (line.strip(" |") for line in stack[start:].splitlines() if line and not line[0].isspace())
    return next(lines, "")
