"""What stands for "not given"."""

from __future__ import annotations

from typing import Any


class _Inherit:
    def __reduce__(self) -> str:
        return "INHERIT"  # the same object after a copy or a journey, so that `is` tells


INHERIT: Any = _Inherit()
"""A parent to be found, as opposed to None, which starts a new root."""

NOTHING: dict[str, Any] = {}
"""No arguments, no facets; shared, and never changed."""
