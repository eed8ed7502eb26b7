"""A transport of the user's own, taken by its shape: ``send(envelope)``, or the documented ``emit(event)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineage_kit import dotted
from lineage_kit.errors import ConfigError, LineageError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport, closed


class CustomTransport(Transport):
    """Gives any object with ``send`` or ``emit`` the full surface of a transport; `wrapped` is that object."""

    def __init__(self, wrapped: Any) -> None:
        super().__init__(getattr(wrapped, "config", None))
        self.wrapped = wrapped
        self.kind = getattr(wrapped, "kind", None) or type(wrapped).__name__  # type: ignore[misc]
        self.delivery = getattr(wrapped, "delivery", "background")  # type: ignore[misc]
        self._sends = has_send(type(wrapped))
        self._closed = False

    def send(self, envelope: Envelope) -> str | None:
        """Hand the envelope, or the event it holds, to the user's object; whatever that raises passes through."""
        if self._closed:
            raise closed(self)
        if self._sends:
            answer = self.wrapped.send(envelope)
            return answer if isinstance(answer, str) else None
        from lineage_kit.event.decode import decode

        self.wrapped.emit(decode(envelope.body))
        return None

    def close(self, timeout: float = 1.0) -> None:
        """Close the user's object when it can be closed, once."""
        close = getattr(self.wrapped, "close", None)
        if self._closed or close is None:
            self._closed = True
            return
        self._closed = True
        if _takes_timeout(close):
            close(timeout)
        else:
            close()

    def describe(self) -> str:
        """What the user's object says of itself, else its class."""
        describe = getattr(self.wrapped, "describe", None)
        if callable(describe):
            return str(describe())
        return f"{type(self.wrapped).__module__}.{type(self.wrapped).__qualname__}"


def adapt(transport: Any, path: str = "transport") -> Transport:
    """`transport` itself when it is one of this package's shape, else a `CustomTransport` around it.

    Raises `ConfigError` when it has neither ``send`` nor ``emit``.
    """
    if isinstance(transport, Transport) and has_send(type(transport)):
        return transport
    if isinstance(transport, type):
        raise ConfigError(f"at {path}: {transport.__qualname__} is a class; give an object of it")
    if not (has_send(type(transport)) or callable(getattr(transport, "emit", None))):
        raise ConfigError(
            f"at {path}: {type(transport).__qualname__} is no transport: it has neither send(envelope) nor emit(event)"
        )
    return CustomTransport(transport)


def has_send(cls: type) -> bool:
    """True when `cls` brings a ``send`` of its own."""
    send = getattr(cls, "send", None)
    return callable(send) and send is not Transport.send


def build(cls: type, params: Mapping[str, Any], path: str) -> Transport:
    """An object of the user's class `cls` from the options in `params`: ``cls(config_class.from_dict(params))``.

    A class without ``config_class`` gets the mapping itself, one without constructor nothing.
    Raises `ConfigError` that names the class and what it is missing or raised.
    """
    name = f"{cls.__module__}.{cls.__qualname__}"
    if not has_send(cls) and not callable(getattr(cls, "emit", None)):
        raise ConfigError(f"at {path}: class {name!r} is no transport: it has neither send(envelope) nor emit(event)")
    try:
        return adapt(_construct(cls, dict(params)), path)
    except LineageError:
        raise
    except Exception as error:  # noqa: BLE001 - the user's constructor may raise anything
        given = f" (options given: {', '.join(params) or 'none'})"
        raise ConfigError(f"at {path}: {name} cannot be built: {type(error).__name__}: {str(error)[:200]}{given}") from error


def load(dotted_path: str, params: Mapping[str, Any], path: str) -> Transport:
    """The same for a class by its dotted path; `path` is the place in the configuration, for messages."""
    return build(dotted.load_class(dotted_path, f"{path}.type", "send", "emit"), params, path)


def _construct(cls: type, params: dict[str, Any]) -> Any:
    config_class = getattr(cls, "config_class", None)
    if config_class is None:
        return cls(params) if cls.__init__ is not object.__init__ else _without_options(cls, params)  # type: ignore[misc]
    from_dict = getattr(config_class, "from_dict", None)
    config = from_dict(params) if from_dict is not None else config_class(**params)
    return cls(config)


def _without_options(cls: type, params: dict[str, Any]) -> Any:
    if params:
        raise TypeError("it has no config_class and no constructor, so it takes no options")
    return cls()


def _takes_timeout(close: Any) -> bool:
    import inspect

    try:
        inspect.signature(close).bind(1.0)
    except (TypeError, ValueError):
        return False
    return True
