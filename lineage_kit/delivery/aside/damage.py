"""Records of the journal that cannot be read back: said, counted, and entered in the ledger."""

from __future__ import annotations

from lineage_kit import report
from lineage_kit.delivery.aside import ledger
from lineage_kit.delivery.door import attempt
from lineage_kit.delivery.journal.segment import Line


class Damage:
    """Called with a destination and a line that it will not get. root: the folder of the journal."""

    def __init__(self, root: str) -> None:
        self.count = 0
        self._root = root

    def __call__(self, destination: str, line: Line) -> None:
        """Tell of one."""
        self.count += 1
        text = (
            f"an event in the journal is damaged and cannot be sent: {line.segment.path}, line {line.number}"
        )
        attempt(report.problem, "journal.damaged", text)
        ledger.enter(self._root, destination, "damaged")
