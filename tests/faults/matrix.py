"""All rows, and how a table is made of what was seen."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults import rows_disk, rows_http, rows_load
from tests.faults.cell import COLUMNS, KAFKA, Fault

try:
    from tests.faults import rows_kafka
except ImportError:
    OF_KAFKA: list[Fault] = []
else:
    OF_KAFKA = rows_kafka.ROWS

FAULTS: list[Fault] = [*rows_http.ROWS, *OF_KAFKA, *rows_disk.ROWS, *rows_load.ROWS]
CELLS: list[tuple[Fault, str]] = [(fault, column) for fault in FAULTS for column in fault.columns]
NOT_THERE = "–"
"""What there is not: a Kafka cluster answers no 404, a file system is not of one transport alone."""


def why_not(fault: Fault, column: str) -> str:
    """Why a cell cannot be played here; empty where it can."""
    if column == KAFKA and not OF_KAFKA:
        return "confluent-kafka (extra kafka) is not installed"
    return fault.needs()


def table(seen: dict[tuple[str, str], str]) -> Iterable[str]:
    """Markdown: a row for each fault, a column for each transport."""
    yield f"| fault | {' | '.join(COLUMNS)} |"
    yield f"|---|{'---|' * len(COLUMNS)}"
    for name in dict.fromkeys(fault.name for fault in FAULTS):
        found = [seen.get((name, column), NOT_THERE) for column in COLUMNS]
        if any(one != NOT_THERE for one in found):
            yield f"| {name} | {' | '.join(found)} |"
