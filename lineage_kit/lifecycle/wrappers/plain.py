"""The wrapper for plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.lifecycle.wrappers.dressing import dressed
from lineage_kit.lifecycle.wrappers.kept import keep


def wrap(function: Callable[..., Any], spec: JobSpec) -> Callable[..., Any]:
    """`function` with a run around each call; what a lazy result still has to do belongs to the run too."""

    @dressed(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        kept = home.__kwdefaults__["lineage_kit"]
        if kept.owner is not home and kept.owner is not None:
            kept = kept.moved(home)
        recorder = kept.opener(kept.spec, args, kwargs)
        if recorder is None:
            return kept.function(*args, **kwargs)
        try:
            result = kept.function(*args, **kwargs)
            if not kept.is_lazy(result):
                recorder.leave(None, result)  # in here: Ctrl-C may come on the way to it
                return result
        except BaseException as error:
            recorder.leave(error)
            raise
        try:
            from lineage_kit.lifecycle.wrappers.returned import follow

            return follow(recorder, result)
        except Exception:  # door: nothing can be loaded here, and the user gets the value all the same
            recorder.leave(None, result)
            return result

    home = keep(call, function, spec)
    return call
