"""The wrapper for what has no Python function underneath: partials, callable objects, builtins.

A proxy keeps every attribute of the object (``partial.func``, ``cache_info``, ``register``) while its call opens a run.
"""

from __future__ import annotations

import copy
import functools
import weakref
from collections.abc import Callable
from types import MethodType
from typing import Any

import wrapt

from lineage_kit.lifecycle.arguments.names import held_as
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.kinds import wrapper_for


class JobProxy(wrapt.ObjectProxy[Any]):
    """`wrapped` with a run around each call."""

    def __init__(
        self, wrapped: Callable[..., Any], spec: JobSpec, call: Callable[..., Any] | None = None
    ) -> None:
        super().__init__(wrapped)
        self._self_lineage = spec
        self._self_call = call or wrapper_for(wrapped)(wrapped, spec)

    @property
    def lineage(self) -> JobSpec:
        """The settings of this job."""
        return self._self_lineage

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """What the wrapped object does when called, in a run."""
        return self._self_call(*args, **kwargs)

    def __set_name__(self, owner: type, name: str) -> None:
        tell = getattr(type(self.__wrapped__), "__set_name__", None)
        if tell is not None:
            tell(self.__wrapped__, owner, name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        name = getattr(self, "__qualname__", None)
        if isinstance(name, str) and held_as(getattr(self, "__module__", None), name) is self:
            return name  # as ``lru_cache`` does: what it wraps has no other name
        return proxy_for, (self.__wrapped__, self._self_lineage)

    def __copy__(self) -> JobProxy:
        return proxy_for(copy.copy(self.__wrapped__), self._self_lineage)

    def __deepcopy__(self, memo: Any) -> JobProxy:
        return proxy_for(copy.deepcopy(self.__wrapped__, memo), self._self_lineage)


class BindingJobProxy(JobProxy):
    """A proxy for an object that binds when it is looked up in a class, as ``lru_cache`` around a method does."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """What the wrapped object binds to, with a run around each call."""
        wrapped = self.__wrapped__
        bound = type(wrapped).__get__(wrapped, instance, owner)
        if bound is wrapped:
            return self
        if type(bound) is MethodType and bound.__func__ is wrapped and bound.__self__ is instance:
            return MethodType(self, instance)
        if not callable(bound):
            return bound
        if instance is None:
            return proxy_for(bound, self._self_lineage)

        def without_instance(_: Any, /, *args: Any, **kwargs: Any) -> Any:
            return bound(*args, **kwargs)

        call = wrapper_for(bound)(without_instance, self._self_lineage)
        return proxy_for(bound, self._self_lineage, functools.partial(call, instance))  # templates use self


_TELLING = (
    "__iter__", "__len__", "__contains__", "__getitem__", "__reversed__", "__enter__", "__exit__", "__aenter__",
    "__aexit__", "__int__", "__float__", "__index__", "__abs__", "__round__", "__bytes__", "__complex__",
)  # fmt: skip
_CLASSES: weakref.WeakKeyDictionary[type, type[JobProxy]] = weakref.WeakKeyDictionary()


def proxy_for(function: Any, spec: JobSpec, call: Callable[..., Any] | None = None) -> JobProxy:
    """`function` as a job: of a type that binds, iterates or can be entered only where that of `function` does.

    A proxy of wrapt can do all of it, and those who ask what they were given (pandas, `inspect`) ask the type.
    """
    kind = type(function)
    proxy = _CLASSES.get(kind)
    if proxy is None:
        base = BindingJobProxy if hasattr(kind, "__get__") else JobProxy
        missing = {name: None for name in _TELLING if not hasattr(kind, name)}
        proxy = _CLASSES[kind] = type(base.__name__, (base,), {"__module__": base.__module__, **missing})
    return proxy(function, spec, call)
