"""The wrapper for what has no Python function underneath: partials, callable objects, builtins.

A proxy keeps every attribute of the object (``partial.func``, ``cache_info``, ``register``) while its call opens a run.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

import wrapt

from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.kinds import wrapper_for


class JobProxy(wrapt.ObjectProxy[Any]):
    """`wrapped` with a run around each call."""

    def __init__(self, wrapped: Callable[..., Any], spec: JobSpec) -> None:
        super().__init__(wrapped)
        self._self_lineage = spec
        self._self_call = wrapper_for(wrapped)(wrapped, spec)

    @property
    def lineage(self) -> JobSpec:
        """The settings of this job."""
        return self._self_lineage

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the wrapped object does when called, in a run."""
        return self._self_call(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Binds where the wrapped object would: ``lru_cache`` around a method does, a partial does not."""
        if instance is None or not hasattr(type(self.__wrapped__), "__get__"):
            return self
        return MethodType(self, instance)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return JobProxy, (self.__wrapped__, self._self_lineage)

    def __copy__(self) -> JobProxy:
        return JobProxy(self.__wrapped__, self._self_lineage)

    def __deepcopy__(self, memo: Any) -> JobProxy:
        return self.__copy__()
