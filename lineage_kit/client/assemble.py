"""Settings → transports → deliveries: the only place where the parts of a client are put together."""

from __future__ import annotations

from typing import Any, NamedTuple

from lineage_kit.client.notice import EmbeddedLog
from lineage_kit.config.model import DeliverySettings, Settings
from lineage_kit.delivery.background import BackgroundDelivery
from lineage_kit.delivery.base import Delivery
from lineage_kit.delivery.direct import DirectDelivery
from lineage_kit.delivery.fanout import Fanout
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.transport.base import Transport
from lineage_kit.transport.composite import CompositeTransport


class Destination(NamedTuple):
    """A transport, the name it is called by, and how events get to it: ``direct`` or ``background``."""

    name: str
    transport: Transport
    mode: str


def destinations(settings: Settings, transport: Any = None) -> list[Destination]:
    """Every destination events go to: of `transport` if given, else as configured, else the local log.

    Raises `ConfigError`.
    """
    return _destinations(settings, _transport(settings, transport))


def delivery(settings: Settings, transport: Any = None) -> Delivery:
    """One delivery over all destinations. Raises `ConfigError`."""
    built = _transport(settings, transport)
    parts = [_deliver(settings.delivery, destination) for destination in _destinations(settings, built)]
    if isinstance(built, CompositeTransport):
        flags = built.config
        return Fanout(
            parts,
            continue_on_failure=flags.continue_on_failure,
            continue_on_success=flags.continue_on_success,
        )
    return parts[0]


def _destinations(settings: Settings, built: Transport) -> list[Destination]:
    if isinstance(built, CompositeTransport):
        return [Destination(one.name, one.transport, _mode(settings, one.transport)) for one in built.flat()]
    return [Destination(str(built.kind or "custom"), built, _mode(settings, built))]


def _deliver(settings: DeliverySettings, destination: Destination) -> Delivery:
    policy = RetryPolicy(longest=settings.retry_longest, **_fast_tries(destination))
    if destination.mode == "direct":
        waits = destination.transport.delivery == "background"
        budget = settings.budget if waits else None
        return DirectDelivery(destination.transport, destination.name, budget=budget, retry=policy)
    return BackgroundDelivery(
        destination.transport,
        destination.name,
        limit=settings.memory_limit,
        exit_timeout=settings.exit_timeout,
        retry=policy,
    )


def _fast_tries(destination: Destination) -> dict[str, Any]:
    """``retry.total`` and ``retry.backoff_factor`` of an HTTP destination, where they were given."""
    retry = getattr(destination.transport.config, "retry", None)
    given = {"total": getattr(retry, "total", None), "factor": getattr(retry, "backoff_factor", None)}
    return {name: value for name, value in given.items() if value is not None}


def _transport(settings: Settings, transport: Any) -> Transport:
    if transport is not None:
        from lineage_kit.transport.custom import adapt

        return adapt(transport)
    if settings.transport is not None:
        from lineage_kit.transport.registry import create

        return create(settings.transport)
    return EmbeddedLog(settings)


def _mode(settings: Settings, transport: Transport) -> str:
    return "direct" if settings.delivery.mode == "direct" else transport.delivery
