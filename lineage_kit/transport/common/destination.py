"""A transport under the name that it has in the configuration."""

from __future__ import annotations

import msgspec

from lineage_kit.transport.base import Transport


class Destination(msgspec.Struct, frozen=True):
    """A transport with the ``name`` and ``priority`` it has in the configuration."""

    name: str
    transport: Transport
    priority: int = 0
