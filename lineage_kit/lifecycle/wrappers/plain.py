"""The wrapper for plain functions."""

from __future__ import annotations

from collections.abc import Callable
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from lineage_kit.lifecycle.gate import enter
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.strangers import is_plain_kind

_LAZY = frozenset({CoroutineType, GeneratorType, AsyncGeneratorType})


def wrap(function: Callable[..., Any], spec: JobSpec) -> Callable[..., Any]:
    """`function` with a run around each call; what a lazy result still has to do belongs to the run too."""

    @dressed(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        recorder = enter(spec, args, kwargs)
        if recorder is None:
            return function(*args, **kwargs)
        try:
            result = function(*args, **kwargs)
            if not is_plain_kind(result, _LAZY):
                recorder.leave(None, result)  # in here: Ctrl-C may come on the way to it
                return result
        except BaseException as error:
            recorder.leave(error)
            raise
        from lineage_kit.lifecycle.wrappers.returned import follow

        return follow(recorder, result)

    return call
