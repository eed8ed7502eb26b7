"""Whose fault a failure is: the event's or the destination's, when the answer alone does not tell.

Some destinations answer 500 to an event they cannot read, and 400 to everything when they are set up wrongly. An event
is guilty only when others get through while it never does; a destination that refuses many in a row, and takes none,
is broken. Pure but for its counters; called under the sender's lock.
"""

from __future__ import annotations

from collections.abc import Sequence

from lineage_kit.delivery.base import in_words
from lineage_kit.delivery.waiting.lanes import Entry
from lineage_kit.errors import BrokenDestination, TransportError

STRIKES = 5  # answers 500 to one and the same event, before another one tells whose fault it is
GATEWAY_STRIKES = 20  # other answers of that kind, which say less about an event
BRAKE = 10  # events refused in a row, with none taken, that make a destination a broken one


class Blame:
    """What is known about the events and the destination of one sender."""

    def __init__(self) -> None:
        self._refused = 0
        self._suspects: dict[int, Entry] = {}
        self._confirmed: set[int] = set()  # suspects after which others got through

    def is_suspect(self, entry: Entry) -> bool:
        """Whether another event should be tried before this one, to tell whose fault it is."""
        return id(entry) in self._suspects

    def got_through(self, entries: Sequence[Entry]) -> None:
        """These were taken: a suspect that fails once more is guilty."""
        self._refused = 0
        for entry in entries:
            self._suspects.pop(id(entry), None)
        self._confirmed = set(self._suspects)

    def is_guilty(self, entry: Entry, error: BaseException) -> bool:
        """Note a failed try of one event; whether it is the event's own fault beyond doubt."""
        most = _strikes(error)
        if most is None:
            self._acquit()
            entry.strikes = 0
            return False
        if id(entry) in self._suspects:
            if id(entry) not in self._confirmed:
                return False
            del self._suspects[id(entry)]
            return True
        if self._suspects and not entry.strikes:
            self._acquit()  # a bystander fails too
            return False
        entry.strikes += 1
        if entry.strikes >= most:
            self._suspects[id(entry)] = entry
        return False

    def _acquit(self) -> None:
        for suspect in self._suspects.values():
            suspect.strikes = max(0, suspect.strikes - 1)
        self._suspects.clear()
        self._confirmed.clear()

    def rejects_all(self) -> bool:
        """One more event is refused for good: whether that is the destination's fault by now."""
        self._refused += 1
        return self._refused > BRAKE

    def as_broken(self, entry: Entry, error: BaseException) -> BrokenDestination:
        """The refusal as the fault of the destination; at the next look another event is tried, if there is one."""
        self._suspects[id(entry)] = entry
        status = error.status if isinstance(error, TransportError) else None
        return BrokenDestination(
            f"it refuses every event, {BRAKE} in a row and none taken: {in_words(error)}", status=status
        )


def _strikes(error: BaseException) -> int | None:
    """How many such failures make an event suspect; None for those that say nothing about it."""
    status = error.status if isinstance(error, TransportError) else None
    if status is None or not 500 <= status < 600:
        return None
    return STRIKES if status == 500 else GATEWAY_STRIKES
