"""The events of one run on their way out: each is handed over once, and it ends in one way, whatever interrupts that.

Ctrl-C, and a stack that is full, may strike in the middle of a hand-over, and nobody then knows whether the event went
out. It is handed over again before the next one, the same object: who had it already knows it by that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage_kit.delivery.process import handed_over
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.model import RunState
from lineage_kit.notes.scope import Scope

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient

STATES = {state.value: state for state in RunState}
TOLD: Any = object()
"""In the place of a terminal event: it was handed over."""


class Telling(Scope):
    """What a run knows of its own events."""

    __slots__ = ("_doubt", "_end", "state")

    def __init__(self) -> None:
        self.outer = None
        self.left = False
        self.state: RunState | None = None
        self._doubt: Envelope | None = None  # what is being handed over, or was when that was interrupted
        self._end: Envelope | None = None  # the terminal event: once it is made, the run ends in no other way

    @property
    def is_in_doubt(self) -> bool:
        """True while it is not known whether an event went out."""
        return self._doubt is not None

    def hand_over(self, client: OpenLineageClient, event: Envelope) -> None:
        """Hand an event over, and before it the one of which it is not known whether it was."""
        doubt = self._doubt
        if doubt is not None:
            client.hand_over(doubt, again=True)
        if doubt is not event:
            self._doubt = event
            self.state = STATES.get(event.state or "")
            client.hand_over(event)
        if event is self._end:  # nothing from here to the next call can be interrupted
            self._end = TOLD
        self._doubt = None
        handed_over()

    def tell(self, state: RunState) -> None:
        """Send the terminal event of a run that is not open any more, unless it was sent."""
        if self._end is TOLD:
            return
        if self._end is None:
            self._end = self.final(state)
        self.hand_over(self.client, self._end)

    @property
    def client(self) -> OpenLineageClient:
        """Whom the events are handed to."""
        raise NotImplementedError

    def final(self, state: RunState) -> Envelope:
        """The terminal event."""
        raise NotImplementedError
