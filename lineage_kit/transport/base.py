"""The seam to the wire: a transport makes one attempt to send one event.

A transport of one's own needs one method::

    class PrintTransport(Transport):
        kind = "print"

        def send(self, envelope):
            print(envelope.body.decode())

When and how often to try is not its business: a delivery decides that from what `send` returns or raises. It is
called by one thread at a time.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from lineage_kit.event.envelope import Envelope


class Config:
    """Base for the options of a transport of one's own: ``from_dict`` receives its mapping from the configuration."""

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> Self:
        """Build from the mapping under ``transport`` without ``type``. Override to check; the default passes it on."""
        return cls(**params)


class Transport:
    """Base of all transports; one's own need not derive from it, having ``send`` (or ``emit``) is enough."""

    kind: ClassVar[str | None] = None
    """Name for ``transport.type`` once registered."""
    config_class: ClassVar[type] = Config
    """What reads the options; an instance is the constructor's only argument."""
    delivery: ClassVar[Literal["direct", "background"]] = "background"
    """``direct`` for wires that never wait (a file, memory): `send` is then called on the caller's thread."""

    def send(self, envelope: Envelope) -> str | None:
        """Try once. Returns when the event is safely there, if it likes with a few words (an HTTP status line).

        Raises: `Unreachable` (worth another try), `Rejected` or `TooLarge` (this event never), `BrokenDestination`
        (no event as configured). Any other exception counts as worth another try.
        """
        raise NotImplementedError

    def close(self, timeout: float = 1.0) -> None:
        """Release what is held, within `timeout` seconds. Called once, after the last `send`."""

    def describe(self) -> str:
        """Where this goes, for people: address, topic or path, without credentials."""
        return str(self.kind or type(self).__name__)
