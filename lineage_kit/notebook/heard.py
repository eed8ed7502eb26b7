"""What left while a notebook ran, as records of runs, so that it can be shown: bounded, and read only when asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

import msgspec

from lineage_kit.event.envelope import Envelope
from lineage_kit.history import Node, tree
from lineage_kit.history.folding import Folder
from lineage_kit.history.records import RunKey, RunRecord

MOST_EVENTS = 2000  # between two looks
MOST_RUNS = 1000

_decode = msgspec.json.Decoder().decode


class Heard:
    """Records of the newest runs. `hear` may be called by any thread, at any time.

    pinned: runs that are kept however many others come. is_partial: whether some were left out since it was set False.
    """

    def __init__(self) -> None:
        self.pinned: frozenset[str] = frozenset()
        self.is_partial = False
        self._waiting: deque[bytes] = deque(maxlen=MOST_EVENTS)
        self._pinned: deque[bytes] = deque(maxlen=MOST_EVENTS)
        self._records: dict[RunKey, RunRecord] = {}

    def hear(self, envelope: Envelope) -> None:
        """Keep an event for the next look."""
        waiting = self._pinned if envelope.run_id in self.pinned else self._waiting
        if len(waiting) == MOST_EVENTS:
            self.is_partial = True
        waiting.append(envelope.body)

    def records(self) -> dict[RunKey, RunRecord]:
        """What is known by now, in order of first appearance."""
        folder = Folder()
        folder.records = self._records
        for waiting in (self._pinned, self._waiting):
            while waiting:
                try:
                    folder.add(_decode(waiting.popleft()))
                except (IndexError, msgspec.MsgspecError):  # another thread took it; an event no parser reads
                    continue
        excess = len(self._records) - MOST_RUNS
        if excess > 0:
            self.is_partial = True
            others = [key for key in self._records if key.run_id not in self.pinned]
            for key in islice(others, excess):
                self._records.pop(key, None)
        return self._records

    def below(self, run_id: str) -> Node | None:
        """The run with all runs below it; None when nothing was heard of it."""
        family = {run_id}
        records = self.records()
        kept: dict[RunKey, RunRecord] = {}
        for key, record in records.items():  # parents stand before their children, but for what was overtaken
            if key.run_id in family or _parent_of(record) in family:
                family.add(key.run_id)
                kept[key] = record
        nodes = (node for root in tree(kept) for node in root.walk())
        return next((node for node in nodes if node.record.run_id == run_id), None)

    def forget_but(self, newest: str, job: str, parent: str) -> None:
        """Of the runs of `job` directly below `parent`, keep the one called `newest`, with what is below it."""
        gone = {
            key.run_id
            for key, record in self.records().items()
            if key.job == job and key.run_id != newest and _parent_of(record) == parent
        }
        while gone:
            self._drop(gone)
            gone = {key.run_id for key, record in self._records.items() if _parent_of(record) in gone}

    def _drop(self, run_ids: Iterable[str]) -> None:
        for key in [key for key in self._records if key.run_id in run_ids]:
            self._records.pop(key, None)


def _parent_of(record: RunRecord) -> str:
    return record.parent.run_id if record.parent is not None else ""
