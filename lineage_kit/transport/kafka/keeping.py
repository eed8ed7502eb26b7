"""Keeping a producer from being destroyed behind our back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _reference(change: str) -> Callable[[Any], None]:
    import ctypes

    def apply(producer: Any) -> None:
        getattr(ctypes.pythonapi, change)(ctypes.py_object(producer))

    return apply


def hold(producer: Any) -> None:
    """Keep a producer from being destroyed behind our back.

    In a forked child the threads that its destruction waits for do not exist: the child would hang or crash when the
    interpreter ends, whether it ever sent an event or not. So one reference is never given back but by `let_go`.
    """
    _reference("Py_IncRef")(producer)


def let_go(producer: Any) -> None:
    """Give that reference back: the producer may be destroyed."""
    _reference("Py_DecRef")(producer)
