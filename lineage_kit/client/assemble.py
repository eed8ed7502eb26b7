"""Settings → transports → deliveries: the only place where the parts of a client are put together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import structs

from lineage_kit.client.notice import EmbeddedLog
from lineage_kit.client.shrink import smaller
from lineage_kit.config.env import state_directory, under_pytest
from lineage_kit.config.model import DeliverySettings, Settings
from lineage_kit.delivery.background import BackgroundDelivery
from lineage_kit.delivery.base import Delivery
from lineage_kit.delivery.direct import DirectDelivery
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.fanout import Fanout
from lineage_kit.delivery.null import NullDelivery
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.transport.base import Transport
from lineage_kit.transport.composite import CompositeTransport
from lineage_kit.transport.memory import MemoryTransport
from lineage_kit.transport.noop import NullTransport

if TYPE_CHECKING:
    from lineage_kit.delivery.journaled import JournaledDelivery


class Destination(NamedTuple):
    """A transport, the name it is called by, and how events get to it: ``direct`` or ``background``."""

    name: str
    transport: Transport
    mode: str


def destinations(settings: Settings, transport: Any = None) -> list[Destination]:
    """Every destination of `transport` if given, else those that the settings name, else the local log.

    Raises `ConfigError`.
    """
    return _flat(settings, *_named(settings, transport))


def configured(settings: Settings) -> Transport:
    """The one transport that the settings name, possibly a composite. Raises `ConfigError`.

    A client that is given it delivers there under pytest too: for commands, which are asked to by name.
    """
    return _named(settings, None)[1]


def check(transport: Any) -> None:
    """Raise `ConfigError` that tells all that is wrong with the section ``transport``."""
    from lineage_kit.transport.registry import destination

    destination(transport)


def delivery(settings: Settings, transport: Any = None) -> Delivery:
    """One delivery over all destinations: of `transport` if given, else of the settings. Raises `ConfigError`.

    Under pytest what a file or variable names is checked all the same, but events stay in memory: a test run neither
    sends anything nor writes to the user's log, unless code says so.
    """
    name, built = _named(settings, transport)
    if transport is None and not settings.transport_from_code and under_pytest():
        attempt(built.close)
        name, built = "memory", MemoryTransport()
    found = _flat(settings, name, built)
    if not isinstance(built, CompositeTransport):
        return _deliver(settings.delivery, found)
    flags = built.config
    ordered = not (flags.continue_on_failure and flags.continue_on_success)
    return Fanout(
        [_deliver(settings.delivery, group) for group in _groups(settings.delivery, found, ordered=ordered)],
        continue_on_failure=flags.continue_on_failure,
        continue_on_success=flags.continue_on_success,
    )


def _named(settings: Settings, transport: Any) -> tuple[str, Transport]:
    """The one transport, possibly a composite, and what it is called."""
    if transport is None and settings.transport is None:
        return "local", EmbeddedLog(settings)
    from lineage_kit.transport.registry import destination

    built = destination(settings.transport if transport is None else transport)
    return built.name, built.transport


def _flat(settings: Settings, name: str, transport: Transport) -> list[Destination]:
    if isinstance(transport, CompositeTransport):
        return [
            Destination(one.name, one.transport, _mode(settings, one.transport)) for one in transport.flat()
        ]
    return [Destination(name, transport, _mode(settings, transport))]


def is_journaled(settings: DeliverySettings, destination: Destination) -> bool:
    """Whether events for this destination are written to disk first: by default where a network is waited for."""
    if destination.transport.delivery != "background":
        return False
    enabled = settings.journal.enabled
    return not under_pytest() if enabled is None else enabled


def adopter(settings: DeliverySettings, found: list[Destination]) -> JournaledDelivery | None:
    """What delivers the journal's events to those of `found` that a network is waited for; None where there are none.

    For commands, which are asked to by name: in the background whatever the mode, and where programs write no journal.
    """
    waiting = [one for one in found if one.transport.delivery == "background"]
    return _journaled(structs.replace(settings, mode="background"), waiting) if waiting else None


def journal_directory(settings: DeliverySettings) -> str:
    """Where the journal is."""
    return os.path.abspath(os.path.expanduser(settings.journal.directory or state_directory() / "journal"))


def _groups(
    settings: DeliverySettings, found: list[Destination], *, ordered: bool
) -> list[list[Destination]]:
    """Destinations that share one journal stand together; where the order counts each stands alone."""
    if ordered:
        return [[one] for one in found]
    journaled = [one for one in found if is_journaled(settings, one)]
    others = [[one] for one in found if one not in journaled]
    return [*others, journaled] if journaled else others


def _deliver(settings: DeliverySettings, group: list[Destination]) -> Delivery:
    """One delivery for destinations that share one."""
    if is_journaled(settings, group[0]):
        return _journaled(settings, group)
    destination = group[0]
    if isinstance(destination.transport, NullTransport):
        return NullDelivery(destination.name)
    policy = _policy(settings, destination.transport)
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
        smaller=smaller,
    )


def _journaled(settings: DeliverySettings, group: list[Destination]) -> JournaledDelivery:
    from lineage_kit.delivery.journaled import JournaledDelivery, JournalOptions, Wire

    options = JournalOptions(
        root=journal_directory(settings),
        most=settings.journal.max_bytes,
        sync=settings.journal.sync,
        on_crash=settings.on_crash,
        memory=settings.memory_limit,
    )
    return JournaledDelivery(
        [Wire(one.name, one.transport, _policy(settings, one.transport)) for one in group],
        options,
        mode=settings.mode,
        budget=settings.budget,
        exit_timeout=settings.exit_timeout,
        smaller=smaller,
    )


def _policy(settings: DeliverySettings, transport: Transport) -> RetryPolicy:
    """Pauses between tries: of ``delivery``, and of ``retry`` where the transport has one (http)."""
    retry: Any = getattr(transport, "retry", None)
    if not hasattr(retry, "fast_tries"):
        return RetryPolicy(longest=settings.retry_longest)
    return RetryPolicy(total=retry.fast_tries, factor=retry.backoff_factor, longest=settings.retry_longest)


def _mode(settings: Settings, transport: Transport) -> str:
    return "direct" if settings.delivery.mode == "direct" else transport.delivery
