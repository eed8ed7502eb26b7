"""The parts of an exception that is not ours, without running code of its own.

``error.__cause__``, ``isinstance(error, …)`` and ``type(error).__qualname__`` ask the object or its metaclass: these
may raise, lie or take their time. What is read here is what Python itself keeps.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from lineage_kit.strangers import is_a

_EXCEPTION: Any = BaseException.__dict__
_GROUP: Any = BaseExceptionGroup.__dict__
_TYPE: Any = type.__dict__
_LINKS = (
    "__traceback__",
    "__context__",
    "__cause__",
    "__suppress_context__",
)  # setting a cause sets the last one


def method_of(kind: type, name: str) -> Any:
    """The method that a class has or inherits under this name, as it stands in the class; None without one."""
    for base in _TYPE["__mro__"].__get__(kind):
        found = _TYPE["__dict__"].__get__(base).get(name)
        if found is not None:
            return found
    return None


def arguments_of(error: BaseException) -> tuple[Any, ...]:
    """What the exception was made with."""
    return _EXCEPTION["args"].__get__(error)  # type: ignore[no-any-return]


def traceback_of(error: BaseException) -> TracebackType | None:
    """The outermost entry of its traceback."""
    return _EXCEPTION["__traceback__"].__get__(error)  # type: ignore[no-any-return]


def cause_of(error: BaseException) -> BaseException | None:
    """What it was raised from."""
    return _EXCEPTION["__cause__"].__get__(error)  # type: ignore[no-any-return]


def context_of(error: BaseException) -> BaseException | None:
    """What was being handled when it was raised; None where ``from None`` hides that."""
    if _EXCEPTION["__suppress_context__"].__get__(error):
        return None
    return _EXCEPTION["__context__"].__get__(error)  # type: ignore[no-any-return]


def notes_of(error: BaseException) -> list[Any]:
    """What ``add_note`` was given, at most ten of them."""
    notes = _EXCEPTION["__dict__"].__get__(error).get("__notes__")
    return list.__getitem__(notes, slice(10)) if is_a(notes, list) else []


def members_of(group: BaseExceptionGroup[BaseException]) -> tuple[BaseException, ...]:
    """The exceptions directly in a group."""
    return _GROUP["exceptions"].__get__(group)  # type: ignore[no-any-return]


def title_of(group: BaseExceptionGroup[BaseException]) -> str:
    """The message of a group."""
    return _GROUP["message"].__get__(group)  # type: ignore[no-any-return]


class Untouched:
    """Puts an exception's traceback, cause and context back as they were: its own methods may raise it anew."""

    __slots__ = ("_error", "_parts")

    def __init__(self, error: BaseException) -> None:
        self._error = error
        self._parts = [(name, _EXCEPTION[name].__get__(error)) for name in _LINKS]

    def restore(self) -> None:
        """Undo what was changed since."""
        for name, part in self._parts:
            if _EXCEPTION[name].__get__(self._error) is not part:
                _EXCEPTION[name].__set__(self._error, part)
