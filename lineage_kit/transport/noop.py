"""Events go nowhere: lineage switched off by configuration, and the floor that benchmarks measure against."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport, closed


class NullConfig(Options, frozen=True):
    """It has no options."""


class NullTransport(Transport):
    """``type: noop``: takes every event and forgets it."""

    kind: ClassVar[str | None] = "noop"
    config_class: ClassVar[type] = NullConfig
    delivery: ClassVar[Literal["direct", "background"]] = "direct"

    def __init__(self, config: Any = None) -> None:
        super().__init__(config or NullConfig())
        self._closed = False

    def send(self, envelope: Envelope) -> None:
        """Forget the event."""
        if self._closed:
            raise closed(self)

    def close(self, timeout: float = 1.0) -> None:
        """Refuse whatever comes later."""
        self._closed = True

    def describe(self) -> str:
        """That it goes nowhere."""
        return "nowhere"


NoopConfig = NullConfig
NoopTransport = NullTransport
"""The same, as programs for the OpenLineage client call them."""
