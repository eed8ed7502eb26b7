"""From a mapping with ``type`` to a transport: the table of known types, registered ones and dotted class paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from lineage_kit.errors import ConfigError, LineageError
from lineage_kit.transport.base import Options, Transport
from lineage_kit.transport.composite import CompositeTransport, Destination

ENTRY_POINTS = "lineage_kit.transports"
COMMON_KEYS = ("type", "name", "priority")

KNOWN = {
    "http": "lineage_kit.transport.http:HttpTransport",
    "async_http": "lineage_kit.transport.http:HttpTransport",
    "kafka": "lineage_kit.transport.kafka:KafkaTransport",
    "file": "lineage_kit.transport.file:FileTransport",
    "console": "lineage_kit.transport.console:ConsoleTransport",
    "local": "lineage_kit.transport.local:LocalTransport",
    "memory": "lineage_kit.transport.memory:MemoryTransport",
    "noop": "lineage_kit.transport.null:NullTransport",
    "null": "lineage_kit.transport.null:NullTransport",
    "composite": "lineage_kit.transport.composite:CompositeTransport",
}
"""``type`` → where its class is; imported when a configuration names it."""

NOT_YET = ("msk-iam", "transform", "gcplineage", "datadog", "amazon_datazone_api")
"""Types of the existing client that are refused by name."""

_registered: dict[str, type] = {}


def register_transport(cls: type) -> type:
    """Make ``type: <cls.kind>`` mean `cls`, from now on in this process; usable as a decorator.

    Raises `ConfigError` when the class has no ``kind``, or neither ``send`` nor ``emit``.
    """
    from lineage_kit.transport.custom import has_send

    kind = getattr(cls, "kind", None)
    if not isinstance(kind, str) or not kind:
        raise ConfigError(f"{cls.__qualname__} needs a class attribute kind = '…': the name for transport.type")
    if not has_send(cls) and not callable(getattr(cls, "emit", None)):
        raise ConfigError(f"{cls.__qualname__} is no transport: it has neither send(envelope) nor emit(event)")
    _registered[kind] = cls
    return cls


def create(mapping: Mapping[str, Any], path: str = "$.transport") -> Transport:
    """The transport that `mapping` describes: its ``type`` and options; `path` is its place, for messages.

    A composite comes back as `CompositeTransport`, which holds its destinations. `mapping` is not changed.
    Raises `ConfigError` that says what was found and the nearest valid thing.
    """
    return destination(mapping, path).transport


def destination(mapping: Any, path: str = "$.transport", name: str = "") -> Destination:
    """The same with the common keys ``name`` and ``priority`` read; an object is taken as it is.

    Without a ``name`` key the destination is called `name`, else by its type.
    """
    from lineage_kit.transport.custom import adapt

    if not isinstance(mapping, Mapping):
        if isinstance(mapping, (str, int, float, list)):
            raise ConfigError(f"at {path}: expected a mapping with the key 'type', found {_what(mapping)}")
        transport = adapt(mapping, path)
        return Destination(name or str(transport.kind or type(transport).__name__), transport)
    kind = _kind(mapping, path)
    options = {key: value for key, value in mapping.items() if str(key) not in COMMON_KEYS}
    named = mapping.get("name")
    return Destination(str(named) if named else name or kind, _build(kind, options, path), _priority(mapping, path))


def _build(kind: str, options: Mapping[str, Any], path: str) -> Transport:
    found = _class(kind, path)
    if found is CompositeTransport:
        return CompositeTransport(CompositeTransport.config_class.from_dict(options, path), path)  # type: ignore[attr-defined]
    config_class = getattr(found, "config_class", None)
    if isinstance(config_class, type) and issubclass(config_class, Options):
        return found(config_class.from_dict(options, path))  # type: ignore[no-any-return]
    from lineage_kit.config import plain
    from lineage_kit.transport.custom import build

    return build(found, {str(key): plain(value) for key, value in options.items()}, path)


def _class(kind: str, path: str) -> Any:
    from lineage_kit import dotted

    if kind in _registered:
        return _registered[kind]
    if kind in KNOWN:
        return dotted.load(KNOWN[kind], path)
    if kind in NOT_YET:
        from lineage_kit.config import not_yet

        raise not_yet(f"transport type {kind!r}", f"{path}.type")
    if "." in kind:
        return dotted.load_class(kind, f"{path}.type", "send", "emit")
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINTS, name=kind):
        return _load_entry(entry, path)
    _refuse(kind, path)


def _load_entry(entry: Any, path: str) -> Any:
    try:
        return entry.load()
    except LineageError:
        raise
    except Exception as error:  # noqa: BLE001 - another distribution's module may raise anything
        raise ConfigError(
            f"at {path}.type: the entry point {entry.name!r} = {entry.value!r} cannot be loaded: {type(error).__name__}"
        ) from error


def _refuse(kind: str, path: str) -> NoReturn:
    import difflib

    known = sorted((*KNOWN, *_registered))
    near = difflib.get_close_matches(kind.lower(), known, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ConfigError(
        f"at {path}.type: unknown transport type {kind!r}; {hint}"
        f"Known are {', '.join(known)}, or the dotted path of a class of your own"
    )


def _kind(mapping: Mapping[str, Any], path: str) -> str:
    if "type" not in mapping:
        wrong = next((str(key) for key in mapping if str(key).lower() == "type"), None)
        hint = f" (found {wrong!r}: keys are lower case)" if wrong else f"; expected one of {', '.join(sorted(KNOWN))}"
        raise ConfigError(f"at {path}: the key 'type' is missing{hint}")
    kind = mapping["type"]
    if not isinstance(kind, str) or not kind.strip():
        raise ConfigError(f"at {path}.type: expected the name of a transport, found {_what(kind)}; 'noop' sends nothing")
    return str(kind).strip()


def _priority(mapping: Mapping[str, Any], path: str) -> int:
    value = mapping.get("priority", 0)
    try:
        return 0 if value is None else int(value)
    except (TypeError, ValueError):
        raise ConfigError(f"at {path}.priority: expected a whole number, found {_what(value)}") from None


def _what(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (str, int, float)):
        return f"{type(value).__name__} {value!r}"
    return f"a {type(value).__name__}"
