"""The global state department: it owns the one client of this process that decorators and blocks use.

`active` is read on every call; it is None until the first use, after `reset`, and in no other case.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit import report
from lineage_kit.errors import ConfigError

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient

active: OpenLineageClient | None = None

_lock = threading.RLock()  # a signal handler may open a run while this thread opens the client


def open_client() -> OpenLineageClient:
    """The client of this process, made from the configuration at the first call. Never raises.

    A configuration that is broken costs one loud warning and keeps events in the local log (under pytest in memory).
    """
    global active  # noqa: PLW0603 - this module exists to hold it
    with _lock:
        if active is None:
            active = _first_client()
        return active


def configure(
    url: str | None = None,
    *,
    namespace: str | None = None,
    transport: Any = None,
    enabled: bool = True,
    strict: bool = False,
    config: Mapping[str, Any] | str | os.PathLike[str] | None = None,
) -> None:
    """Set in code what decorators and blocks use from now on; it wins over environment and file.

    url: of an HTTP backend. transport: a transport object, or the mapping that ``transport`` would hold in
    ``openlineage.yml``. namespace: of jobs that name none. enabled: False switches lineage off. strict: internal
    trouble raises (for tests). config: any other settings, as in ``openlineage.yml``, or the path of a file to read in
    its place. Runs that are open keep the client they started with. Inside `lineage_kit.testing.record_events` events
    are recorded all the same, and its strictness stays. Raises `ConfigError`.
    """
    from lineage_kit.client import assemble
    from lineage_kit.client.client import OpenLineageClient, is_catching
    from lineage_kit.config.load import load

    settings: dict[str, Any] = {}
    if namespace is not None:
        settings["namespace"] = namespace
    if not enabled:
        settings["disabled"] = True
    if isinstance(transport, (dict, str)):
        settings["transport"] = {"type": transport} if isinstance(transport, str) else transport
        transport = None
    check = assemble.check if transport is None else None
    client = OpenLineageClient.of(load(config, url, check_transport=check, over=settings), transport)
    report.use_strict(strict or (is_catching() and report.is_strict()))
    swap(client)


def swap(client: OpenLineageClient | None) -> OpenLineageClient | None:
    """Put `client` in place of the present one, which is returned and goes on delivering what it has."""
    global active
    with _lock:
        previous, active = active, client
    return previous


def is_configured() -> bool:
    """True once a client is in place."""
    return active is not None


def reset(timeout: float = 1.0) -> None:
    """Close the client, forget the configuration, counters and strictness; the next use starts afresh."""
    client = swap(None)
    if client is not None:
        client.close(timeout)
    report.reset()


def flush(timeout: float | None = None) -> bool:
    """Wait until every event is delivered, at most `timeout` seconds (default: ``delivery.exit_timeout``).

    True when nothing is owed any more. Never raises.
    """
    return active.flush(timeout) if active is not None else True


def status() -> dict[str, Any]:
    """What each destination was given, delivered and still owes, and how often which trouble happened."""
    destinations = active.status() if active is not None else []
    return {"destinations": destinations, "problems": report.counts()}


def _first_client() -> OpenLineageClient:
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.config.model import Settings

    try:
        return OpenLineageClient()
    except Exception as error:  # door: whatever is wrong with the configuration, the job comes first
        why = error if isinstance(error, ConfigError) else f"reading it ended in {type(error).__name__}"
        report.problem(
            "config",
            f"lineage is not configured as it should be; events stay on this machine until it is.\n{why}",
        )
    try:
        return OpenLineageClient.of(Settings(notice="never"))  # which would say that nothing is configured
    except OSError as error:  # a state directory relative to a working directory that is gone
        from lineage_kit.transport.noop import NullTransport

        report.problem("config.dropped", "events cannot even be kept on this machine and are dropped", error)
        return OpenLineageClient.of(Settings(), NullTransport())
