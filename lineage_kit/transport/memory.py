"""Events are kept in this process, for tests and notebooks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from lineage_kit import report
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport, closed

if TYPE_CHECKING:
    from lineage_kit.event.model import Event


class MemoryConfig(Options, frozen=True):
    """max_events: how many to keep; the oldest go first. None keeps all."""

    max_events: int | None = 100_000

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A bound below which nothing could be kept."""
        bound = given.get("max_events")
        if bound is not None and bound < 1:
            yield "max_events", f"max_events must be 1 or more, not {bound}"


class MemoryTransport(Transport):
    """``type: memory``: `envelopes` holds what was sent, `events` the same as objects. Readable after closing."""

    kind: ClassVar[str | None] = "memory"
    config_class: ClassVar[type] = MemoryConfig
    delivery: ClassVar[Literal["direct", "background"]] = "direct"

    def __init__(self, config: MemoryConfig | None = None) -> None:
        self.config: MemoryConfig = config or MemoryConfig()
        self.envelopes: deque[Envelope] = deque(maxlen=self.config.max_events)
        self._decoded: dict[Envelope, Event] = {}
        self._closed = False

    @property
    def events(self) -> list[Event]:
        """What was sent, oldest first, decoded when it is asked for; the same objects each time."""
        from lineage_kit.event.decoding import decode

        known = self._decoded
        self._decoded = {sent: known.get(sent) or decode(sent.body) for sent in tuple(self.envelopes)}
        return [self._decoded[sent] for sent in tuple(self.envelopes) if sent in self._decoded]

    def send(self, envelope: Envelope) -> None:
        """Keep the event."""
        if self._closed:
            raise closed(self)
        if len(self.envelopes) == self.envelopes.maxlen:
            report.problem(
                "memory.full",
                f"memory is full (max_events: {self.envelopes.maxlen}): the oldest events are forgotten",
            )
        self.envelopes.append(envelope)

    def clear(self) -> None:
        """Forget all events."""
        self.envelopes.clear()
        self._decoded = {}

    def close(self, timeout: float = 1.0) -> None:
        """Refuse whatever comes later; what was sent stays readable."""
        self._closed = True

    def describe(self) -> str:
        """That it stays in this process."""
        return "memory of this process"
