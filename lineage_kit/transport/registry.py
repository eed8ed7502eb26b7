"""From a mapping with ``type`` to a transport: the table of known types, registered ones and dotted class paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineage_kit.config import not_yet, plain
from lineage_kit.config.dotted import fault, load, load_class
from lineage_kit.config.env import FALSE
from lineage_kit.config.problems import Problems, at, clip, is_name, nearest, show
from lineage_kit.config.tree import from_code, is_null, origin_of
from lineage_kit.errors import ConfigError, MissingExtraError
from lineage_kit.transport.base import Options, Transport
from lineage_kit.transport.common.destination import Destination
from lineage_kit.transport.custom import adapt, build, require_shape

ENTRY_POINTS = "lineage_kit.transports"
COMMON_KEYS = ("type", "name", "priority")

KNOWN = {
    "async_http": "lineage_kit.transport.async_http:AsyncHttpTransport",
    "composite": "lineage_kit.transport.composite:CompositeTransport",
    "console": "lineage_kit.transport.console:ConsoleTransport",
    "file": "lineage_kit.transport.file:FileTransport",
    "http": "lineage_kit.transport.http:HttpTransport",
    "kafka": "lineage_kit.transport.kafka:KafkaTransport",
    "local": "lineage_kit.transport.local:LocalTransport",
    "memory": "lineage_kit.transport.memory:MemoryTransport",
    "noop": "lineage_kit.transport.noop:NullTransport",
    "null": "lineage_kit.transport.noop:NullTransport",
}
"""``type`` → where its class is; imported when a configuration names it."""

_registered: dict[str, type] = {}


def register_transport(cls: type) -> type:
    """Make ``type: <cls.kind>`` mean `cls`, from now on in this process; usable as a decorator.

    Raises `ConfigError` when the class has no ``kind``, or neither ``send`` nor ``emit``.
    """
    kind = getattr(cls, "kind", None)
    if not isinstance(kind, str) or not kind:
        raise ConfigError(
            f"{cls.__qualname__} needs a class attribute kind = '…': the name for transport.type"
        )
    require_shape(cls, "register_transport")
    _registered[kind] = cls
    return cls


def create(mapping: Mapping[str, Any], path: str = "$.transport") -> Transport:
    """The transport that `mapping` describes: its ``type`` and options; `path` is its place, for messages.

    A composite comes back as `CompositeTransport`, which holds its destinations. `mapping` is not changed.
    Raises `ConfigError` that says what was found and the nearest valid thing.
    """
    return destination(mapping, path).transport


def destination(given: Any, path: str = "$.transport", name: str = "") -> Destination:
    """The same with the common keys ``name`` and ``priority`` read; a transport object is taken as it is.

    Without a ``name`` key the destination is called `name`, else by its type.
    """
    if not isinstance(given, Mapping):
        if is_null(given) or isinstance(given, (str, int, float, list, tuple)):
            raise fault(f"expected a mapping with the key 'type', found {show(given, path)}", path, given)
        transport = adapt(given, path)
        return Destination(name or str(getattr(given, "kind", None) or type(given).__name__), transport)
    kind = _kind(given, path)
    options = from_code(given).without(*COMMON_KEYS)
    own_name = given.get("name")
    called = name or kind if is_null(own_name) else str(own_name)
    return Destination(called, _build(kind, options, given, path), _priority(given, path))


def _build(kind: str, options: Mapping[str, Any], given: Mapping[str, Any], path: str) -> Transport:
    found = _class(kind, given, path)
    config_class = getattr(found, "config_class", None)
    if not (isinstance(config_class, type) and issubclass(config_class, Options)):
        return build(found, plain(options), path)
    problems = Problems()
    config = problems.attempt(lambda: config_class.from_dict(options, path))
    if config is None:
        problems.attempt(lambda: config_class.check_parts(options, path))
    problems.finish()
    try:
        return adapt(found(config, path) if found.placed else found(config), path)
    except MissingExtraError as error:
        place = at(f"{path}.type", origin_of(given["type"], origin_of(given)))
        raise MissingExtraError(error.feature, error.module, error.extra, place) from None


def _class(kind: str, given: Mapping[str, Any], path: str) -> Any:
    if kind in _registered:
        return _registered[kind]
    place = f"{path}.type"
    if kind in KNOWN:
        return load(KNOWN[kind], place)
    origin = origin_of(given["type"])
    refusal = not_yet("transport", kind, f"{origin}, at {place}" if origin else f"at {place}")
    if refusal is not None:
        raise refusal
    if "." in kind or ":" in kind:
        return load_class(given["type"], place, "send", "emit")
    return _installed(kind, given, place)


def _installed(kind: str, given: Mapping[str, Any], place: str) -> Any:
    """The class that an installed distribution offers under this name."""
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINTS, name=kind):
        return load_class(entry.value, place, "send", "emit")
    known = sorted((*KNOWN, *_registered))
    near = "noop" if kind.lower() in FALSE | {"none", "disabled"} else nearest(kind, known)
    hint = f"did you mean {near!r}? Known are" if near else "known are"
    shown = clip(kind) if near or is_name(kind) else "(not shown, it may be secret)"
    text = (
        f"unknown transport type {shown}; {hint} {', '.join(known)}, and classes of your own by dotted path"
    )
    raise fault(text, place, given["type"])


def _kind(given: Mapping[str, Any], path: str) -> str:
    if "type" not in given:
        wrong = next((key for key in given if str(key).lower() == "type"), None)
        hint = (
            f"found {wrong!r}, but keys are lower case"
            if wrong
            else f"it is one of {', '.join(sorted(KNOWN))}"
        )
        raise fault(f"the key 'type' is missing; {hint}", path, given)
    kind = given["type"]
    if is_null(kind) or not isinstance(kind, str) or not kind.strip():
        text = f"expected the name of a transport, found {show(kind)}; 'noop' is the one that sends nothing"
        raise fault(text, f"{path}.type", kind)
    return str(kind).strip()


def _priority(given: Mapping[str, Any], path: str) -> int:
    value = given.get("priority")
    if is_null(value):
        return 0
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise fault(f"expected a whole number, found {show(value)}", f"{path}.priority", value) from None
