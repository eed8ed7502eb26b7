"""What a wrapper calls, kept where a session that loads edited modules anew can replace it.

Such a session (``%autoreload``) mends functions that are held elsewhere, methods of existing classes above all: it
writes the code, defaults and attributes of the new function over those of the old one, and cannot reach what a closure
holds, nor the globals. So a wrapper finds all it needs in its own keyword defaults, under a name that is no parameter
of it; unlike attributes, these are not what ``functools.wraps`` copies from one function to another.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable
from types import AsyncGeneratorType, CoroutineType, FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any

import msgspec

from lineage_kit.lifecycle.arguments.names import default_name
from lineage_kit.lifecycle.gate import enter
from lineage_kit.notes.scope import Scope, current_scope, set_scope
from lineage_kit.strangers import is_plain_kind

if TYPE_CHECKING:
    from lineage_kit.lifecycle.recording.recorder import Recorder
    from lineage_kit.lifecycle.spec import JobSpec

_LAZY = frozenset({CoroutineType, GeneratorType, AsyncGeneratorType})


class Kept:
    """The function under a wrapper, its settings, what opens its runs, and the steps that wrappers are made of.

    owner: the wrapper that this was made for; None where that is kept apart from it.
    """

    __slots__ = ("function", "opener", "owner", "spec")

    def __init__(
        self, function: Any, spec: JobSpec | None, opener: Callable[..., Recorder | None], owner: Any
    ) -> None:
        self.function = function
        self.spec = spec
        self.opener = opener
        self.owner = owner

    here = staticmethod(current_scope)

    @staticmethod
    def switch(scope: Scope | None) -> Scope | None:
        """Make `scope` current; what was current before."""
        before = current_scope()
        set_scope(scope)
        return before

    @staticmethod
    def finish(
        recorder: Recorder | None, error: BaseException | None, consumer: Any, result: Any = None
    ) -> None:
        """Restore the consumer's scope and end the run, if there is one."""
        set_scope(consumer)
        if recorder is None:
            return
        if isinstance(error, GeneratorExit):
            recorder.leave_unexhausted()
        else:
            recorder.leave(error, result)

    @staticmethod
    def first_step(generator: AsyncGenerator[Any, Any]) -> Any:
        """The first step, taken while no hooks are set.

        The event loop then knows the wrapper only. If it knew both, it would close both at once at shutdown, and the
        second would be told that it is already running.
        """
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)
        try:
            return generator.asend(None)
        finally:
            sys.set_asyncgen_hooks(*hooks)

    @staticmethod
    def is_lazy(result: Any) -> bool:
        """Whether what a function returned still has its work to do."""
        return is_plain_kind(result, _LAZY)

    def moved(self, home: Any) -> Kept:
        """The same for the wrapper `home`, which a reload brought it to; that wrapper has it from now on.

        A method made anew may have been made outside its class, which the wrapper in the class still knows.
        """
        spec, before, name = self.spec, default_name(self.owner), default_name(home)
        if spec is not None and spec.base_name == before != name:
            title = name if spec.name == before else spec.name
            home.lineage = spec = msgspec.structs.replace(spec, name=title, base_name=name)
        kept = Kept(self.function, spec, self.opener, home)
        home.__kwdefaults__ = {"lineage_kit": kept}
        return kept


class Apart:
    """Has it for a wrapper that comes and goes: one that refers to itself would wait for the garbage collector."""

    __slots__ = ("__kwdefaults__",)


def keep(
    call: Callable[..., Any], function: Callable[..., Any], spec: JobSpec | None, opener: Any = enter
) -> Any:
    """Where `call` finds its `Kept`: itself, if a reload can reach it, else an `Apart`."""
    lasts = spec is not None and type(function) is FunctionType and "<locals>" not in function.__qualname__
    home: Any = call if lasts else Apart()
    home.__kwdefaults__ = {"lineage_kit": Kept(function, spec, opener, call if lasts else None)}
    return home


def kept_by(home: Any) -> Kept:
    """What a wrapper finds there."""
    kept: Kept = home.__kwdefaults__["lineage_kit"]
    return kept if kept.owner is home or kept.owner is None else kept.moved(home)
