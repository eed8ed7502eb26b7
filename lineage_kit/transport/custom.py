"""A transport of the user's own, taken by its shape: ``send(envelope)``, or the documented ``emit(event)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from lineage_kit.errors import ConfigError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport, closed


class CustomTransport(Transport):
    """Gives any object with ``send`` or ``emit`` the full surface of a transport; `wrapped` is that object."""

    kind: ClassVar[str | None] = "custom"

    def __init__(self, wrapped: Any) -> None:
        super().__init__(getattr(wrapped, "config", None))
        self.wrapped = wrapped
        self._sends = has_send(type(wrapped))
        self._closed = False

    @property
    def delivery(self) -> Literal["direct", "background"]:  # type: ignore[override]
        """As the user's class says, else in the background."""
        return "direct" if getattr(self.wrapped, "delivery", "background") == "direct" else "background"

    def send(self, envelope: Envelope) -> str | None:
        """Hand the envelope, or the event it holds, to the user's object; whatever that raises passes through."""
        if self._closed:
            raise closed(self)
        if self._sends:
            answer = self.wrapped.send(envelope)
            return answer if isinstance(answer, str) else None
        from lineage_kit.event.decoding import decode

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
        if callable(describe) and getattr(type(self.wrapped), "describe", None) is not Transport.describe:
            return str(describe())
        return class_name(type(self.wrapped))


def adapt(transport: Any, path: str = "transport") -> Transport:
    """`transport` itself when it derives from `Transport` and has ``send``, else a `CustomTransport` around it.

    Raises `ConfigError` when it has neither ``send`` nor ``emit``.
    """
    if isinstance(transport, Transport) and has_send(type(transport)):
        return transport
    if isinstance(transport, type):
        raise ConfigError(f"at {path}: {transport.__qualname__} is a class; give an object of it")
    require_shape(type(transport), path)
    return CustomTransport(transport)


def build(cls: type, params: Mapping[str, Any], path: str) -> Transport:
    """An object of the user's class `cls`: ``cls(cls.config_class.from_dict(params))``.

    A class without ``config_class`` gets the mapping itself; one without constructor nothing.
    Raises `ConfigError` that names the class and what it is missing or raised.
    """
    from lineage_kit.config.dotted import construct

    require_shape(cls, path)
    return adapt(construct(lambda: _construct(cls, dict(params)), class_name(cls), params, path), path)


def require_shape(cls: type, path: str) -> None:
    """Raise `ConfigError` unless `cls` can send."""
    if not has_send(cls) and not callable(getattr(cls, "emit", None)):
        raise ConfigError(
            f"at {path}: {class_name(cls)} is no transport: it has neither send(envelope) nor emit(event)"
        )


def has_send(cls: type) -> bool:
    """True when `cls` brings a ``send`` of its own."""
    send = getattr(cls, "send", None)
    return callable(send) and send is not Transport.send


def class_name(cls: type) -> str:
    """The dotted path of a class, for people."""
    return f"{cls.__module__}.{cls.__qualname__}"


def _construct(cls: type, params: dict[str, Any]) -> Any:
    config_class = getattr(cls, "config_class", None)
    if config_class is None:
        if cls.__init__ is not object.__init__:  # type: ignore[misc]
            return cls(params)
        if params:
            raise TypeError("it has no config_class and no constructor, so it takes no options")
        return cls()
    from_dict = getattr(config_class, "from_dict", None)
    config = from_dict(params) if from_dict is not None else config_class(**params)
    return cls(config)


def _takes_timeout(close: Any) -> bool:
    import inspect

    try:
        inspect.signature(close).bind(1.0)
    except (TypeError, ValueError):
        return False
    return True
