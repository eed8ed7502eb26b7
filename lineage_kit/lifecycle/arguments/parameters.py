"""The parameters of a decorated function, read once, and the binding of one call to them.

`inspect.Signature.bind` costs more than a whole run here and raises; this binds what is there and leaves the complaint
about a wrong call to Python.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from lineage_kit.errors import LineageError
from lineage_kit.strangers import ask_always

_KINDS = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
)


class Parameters(msgspec.Struct, frozen=True):
    """Names and defaults of a signature; `readable` is False for callables that have none (some builtins)."""

    positional: tuple[str, ...] = ()
    by_keyword: frozenset[str] = frozenset()
    defaults: dict[str, Any] = msgspec.field(default_factory=dict)
    rest: str | None = None  # *args
    extra: str | None = None  # **kwargs
    readable: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every name a template may use."""
        keyword_only = sorted(self.by_keyword.difference(self.positional))
        return (*self.positional, *keyword_only, *(name for name in (self.rest, self.extra) if name))


def read_parameters(function: Callable[..., Any]) -> Parameters:
    """The parameters of any callable. Never raises for what the callable is or does."""
    try:
        parameters = ask_always(_parameters, function)
    except LineageError:
        return Parameters(readable=False)
    by_kind: dict[Any, list[str]] = {kind: [] for kind in _KINDS}
    for parameter in parameters:
        by_kind[parameter.kind].append(parameter.name)
    only_position, either, rest, only_keyword, extra = by_kind.values()
    return Parameters(
        positional=(*only_position, *either),
        by_keyword=frozenset([*either, *only_keyword]),
        defaults={p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty},
        rest=rest[0] if rest else None,
        extra=extra[0] if extra else None,
    )


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Those of the signature; of an object that cannot be asked for one, of the method its calls go to."""
    try:
        signature = ask_always(inspect.signature, function)
    except LineageError:
        call = type.__getattribute__(type(function), "__call__")
        return list(inspect.signature(call).parameters.values())[1:]
    return list(signature.parameters.values())


def bind(parameters: Parameters, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Parameter name → value for one call: given, else default; what is missing stays missing. Never raises."""
    values = {**parameters.defaults, **dict(zip(parameters.positional, args, strict=False))}
    extra: dict[str, Any] = {}
    for name, value in kwargs.items():
        (values if name in parameters.by_keyword else extra)[name] = value
    if parameters.rest:
        values[parameters.rest] = args[len(parameters.positional) :]
    if parameters.extra:
        values = {**extra, **values, parameters.extra: extra}
    return values


class Arguments(Mapping[str, Any]):
    """The bound arguments of one call, read only, by key or attribute: what dataset callables receive.

    An argument comes before a method of mappings: ``args.items`` is the argument where a parameter has that name.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", MappingProxyType(dict(values)))

    def __getitem__(self, name: str) -> Any:
        return _values_of(self)[name]

    def __getattribute__(self, name: str) -> Any:
        values = _values_of(self)
        if name in values and not name.startswith("__"):
            return values[name]
        return object.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no argument {name!r}; there are {', '.join(_values_of(self))}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("the arguments of a call cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("the arguments of a call cannot be changed")

    def __iter__(self) -> Iterator[str]:
        return iter(_values_of(self))

    def __len__(self) -> int:
        return len(_values_of(self))

    def __repr__(self) -> str:
        return f"Arguments({', '.join(_values_of(self))})"


_values_of: Callable[[Arguments], Mapping[str, Any]] = Arguments.__dict__["_values"].__get__
