"""What lower stations see of an event: its bytes and what is needed to route and order them."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

TERMINAL = frozenset({"COMPLETE", "FAIL", "ABORT"})
"""The states that end a run."""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """One encoded event on its way out.

    body: the JSON document, UTF-8, exactly as every destination receives it, on every attempt.
    key: ``run:{namespace}/{name}`` of the root, parent or own job; ``job:…`` or ``dataset:…`` (Kafka's message key).
    run_id: the run the event belongs to; None for job and dataset events.
    state: START, RUNNING, COMPLETE, FAIL, ABORT or OTHER; None where the event has none.
    parent: the run that this run is a part of, where it has one.
    """

    body: bytes
    key: str
    run_id: str | None = None
    state: str | None = None
    parent: str | None = None

    @property
    def event_id(self) -> str:
        """A key that is the same for the same bytes (32 hex digits): lets destinations recognise duplicates."""
        return blake2b(self.body, digest_size=16).hexdigest()

    def with_body(self, body: bytes) -> Envelope:
        """The same event in other bytes."""
        return Envelope(body, self.key, self.run_id, self.state, self.parent)

    @property
    def is_terminal(self) -> bool:
        """True for the event that ends a run."""
        return self.state in TERMINAL
