"""What stands for "not given"."""

from __future__ import annotations

from typing import Any

INHERIT: Any = object()
"""A parent to be found, as opposed to None, which starts a new root."""

NOTHING: dict[str, Any] = {}
"""No arguments, no facets; shared, and never changed."""
