"""Where the local log lies: in the state directory, unless the configuration in force names another place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError


def log_directory(settings: Settings | None = None) -> Path:
    """The directory of the local log, whether or not it exists yet: of `settings`, by default those in force here.

    The first destination of the type ``local`` names it. Where there is none, or the configuration is broken (events
    are then kept all the same), it is ``log`` in the state directory.
    """
    from lineage_kit.config.env import state_directory
    from lineage_kit.config.load import load

    try:
        found = next(_named((settings or load()).transport), None)
    except ConfigError:
        found = None
    return found or state_directory() / "log"


def _named(transport: Any) -> Iterator[Path]:
    """The directories of the local destinations in a ``transport`` section; others are not even loaded."""
    if not isinstance(transport, Mapping):
        return
    kind = str(transport.get("type")).strip()
    if kind == "local":
        from lineage_kit.transport.registry import create

        yield Path(create(transport).describe())
    elif kind == "composite":
        children = transport.get("transports")
        for child in children.values() if isinstance(children, Mapping) else children or ():
            yield from _named(child)
