"""A changed copy of an event or of one of its parts, which keeps what `decode` could not place in a field."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

P = TypeVar("P", bound=msgspec.Struct)


def altered(part: P, **changes: Any) -> P:
    """A copy with other values in some fields; the part itself when there is nothing to change."""
    if not changes:
        return part
    copy = msgspec.structs.replace(part, **changes)
    beside = getattr(part, "__dict__", None)
    if beside:
        copy.__dict__.update(beside)
    return copy
