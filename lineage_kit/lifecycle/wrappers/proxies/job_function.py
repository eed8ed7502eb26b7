"""A job over a function that another name leads to: it pickles as that name and its own settings.

Functions pickle by their own name, and of a type that is fixed; so this is no function, and answers as one.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

from lineage_kit.errors import LineageError
from lineage_kit.lifecycle.arguments.names import held_as

_OWN = frozenset(("__reduce_ex__", "__reduce__", "__copy__", "__deepcopy__", "__get__", "__set_name__"))
_call_of: Callable[[Any], Callable[..., Any]]
_parts_of: Callable[[Any], Callable[..., Any]]


class JobFunction:
    """`call`, a wrapper, with all its attributes. parts: gives what such a job is pickled as."""

    __slots__ = ("__weakref__", "_call", "_parts")

    def __init__(self, call: Callable[..., Any], parts: Callable[[Any], tuple[Any, ...]]) -> None:
        object.__setattr__(self, "_call", call)
        object.__setattr__(self, "_parts", parts)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """What the function does when called, in a run."""
        return _call_of(self)(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """The method of an instance."""
        return self if instance is None else MethodType(self, instance)

    def __set_name__(self, owner: type, name: str) -> None:
        call = _call_of(self)
        home = (call.__module__, call.__qualname__.rpartition(".")[0])
        if home == (owner.__module__, owner.__qualname__):  # made in the body of this class
            call.__name__ = name  # bound methods pickle by it
            call.__qualname__ = f"{owner.__qualname__}.{name}"

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name) if name in _OWN else getattr(_call_of(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "__code__" and value.co_freevars != _call_of(self).__code__.co_freevars:
            # what makes %autoreload load the whole module
            raise LineageError("the code of a job cannot be replaced")
        setattr(_call_of(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_call_of(self), name)

    def __repr__(self) -> str:
        return repr(_call_of(self))

    def __reduce_ex__(self, protocol: Any) -> Any:
        call: Any = _call_of(self)
        is_named = held_as(call.__module__, call.__qualname__) is self
        return call.__qualname__ if is_named else _parts_of(self)(self)

    def __copy__(self) -> JobFunction:
        return self

    def __deepcopy__(self, memo: Any) -> JobFunction:
        return self


_call_of = JobFunction.__dict__["_call"].__get__
_parts_of = JobFunction.__dict__["_parts"].__get__
