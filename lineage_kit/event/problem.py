"""One thing that is wrong in an event: where, how bad, and what was expected."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True):
    """What is wrong at `path` (``run.facets.sql.query``; ``event`` for the whole).

    An *error* breaks the structure the standard asks for; a *warning* is what real producers bend.
    """

    path: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.message}"


def join(path: str, name: str | int) -> str:
    """The path of a member: ``inputs[0].facets["spark.plan"]``."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    if not name.isidentifier():
        shown = name if len(name) <= 80 else f"{name[:79]}…"
        return f'{path}["{shown}"]'
    return f"{path}.{name}" if path else name


def show(value: Any) -> str:
    """A JSON value in a message: short texts and numbers as they are, the rest by kind."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(value if len(value) <= 100 else f"{value[:99]}…")
    if isinstance(value, (int, float)):
        return repr(value) if not isinstance(value, int) or value.bit_length() < 200 else "a huge number"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else f"a value of type {type(value).__name__}"


def nearest(name: str, known: list[str]) -> str:
    """``; did you mean 'x'?`` when one of `known` is near, else nothing."""
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
