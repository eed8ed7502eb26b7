"""Settings → transports → deliveries: the only place where the parts of a client are put together."""

from __future__ import annotations

from typing import Any, NamedTuple

from lineage_kit.config.model import Settings
from lineage_kit.delivery.base import Delivery
from lineage_kit.transport.base import Transport


class Destination(NamedTuple):
    """A transport, the name it is called by, and how events get to it: ``direct`` or ``background``."""

    name: str
    transport: Transport
    mode: str


def destinations(settings: Settings, transport: Any = None) -> list[Destination]:
    """Every destination events go to: of `transport` if given, else as configured, else the local log.

    Raises `ConfigError`.
    """
    built = _transport(settings, transport)
    from lineage_kit.transport.composite import CompositeTransport

    if isinstance(built, CompositeTransport):
        return [Destination(one.name, one.transport, _mode(settings, one.transport)) for one in built.flat()]
    return [Destination(str(built.kind or "custom"), built, _mode(settings, built))]


def delivery(settings: Settings, transport: Any = None) -> Delivery:
    """One delivery over all destinations. Raises `ConfigError`."""
    parts = [_deliver(settings, destination) for destination in destinations(settings, transport)]
    if len(parts) == 1:
        return parts[0]
    from lineage_kit.delivery.fanout import Fanout

    return Fanout(parts)


def _transport(settings: Settings, transport: Any) -> Transport:
    if transport is not None:
        from lineage_kit.transport.custom import adapt

        return adapt(transport)
    if settings.transport is not None:
        from lineage_kit.transport.registry import create

        return create(settings.transport)
    from lineage_kit.transport.local import LocalConfig, LocalTransport

    return LocalTransport(LocalConfig())


def _mode(settings: Settings, transport: Transport) -> str:
    return "direct" if settings.delivery.mode == "direct" else transport.delivery
