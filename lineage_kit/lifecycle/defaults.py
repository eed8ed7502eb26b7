"""What stands for "not given", and for a run where there can be none."""

from __future__ import annotations

import os
from typing import Any


class _Inherit:
    def __reduce__(self) -> str:
        return "INHERIT"  # the same object after a copy or a journey, so that `is` tells


INHERIT: Any = _Inherit()
"""A parent to be found, as opposed to None, which starts a new root."""

NOTHING: dict[str, Any] = {}
"""No arguments, no facets; shared, and never changed."""


class Unloaded:
    """A block and its run in one, which do nothing: for places where this package cannot even be loaded.

    It has the methods and attributes of an `ActiveRun`.
    """

    job = root = property(lambda self: self)
    namespace = name = "unrecorded"
    parent = state = None

    def __init__(self) -> None:
        digits = os.urandom(16).hex()
        self.id = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends nothing."""

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ends nothing."""

    def add_input(self, where: Any, *_: Any, **__: Any) -> Any:
        """`where`, as it was given."""
        return where

    add_output = add_input

    def env(self) -> dict[str, str]:
        """Nothing to hand on."""
        return {}

    def complete(self, *_: Any, **__: Any) -> None:
        """Does nothing."""

    fail = abort = heartbeat = check = run_tag = add_run_facet = add_job_facet = complete
