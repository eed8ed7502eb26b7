"""The rows about what programs do: clocks that are set, many threads, cancelled tasks, values that nobody likes."""

from __future__ import annotations

from collections import defaultdict

from tests.faults.cell import Cell, Fault
from tests.faults.rows_disk import arrives


def _in_time(cell: Cell) -> None:
    """Within a run no event is earlier than the one before."""
    arrives(cell)
    times: dict[str, list[str]] = defaultdict(list)
    for event in cell.events():
        times[event["run"]["runId"]].append(event["eventTime"])
    assert all(one == sorted(one) for one in times.values()), times


def _whole(cell: Cell) -> None:
    """Every run has its START and one end."""
    arrives(cell)
    states: dict[str, list[str]] = defaultdict(list)
    for event in cell.events():
        states[event["run"]["runId"]].append(event["eventType"])
    assert all(len(one) == 2 and one[0] == "START" for one in states.values()), states


ROWS: list[Fault] = [
    Fault("clock set back by a day", act="clock back", expects=_in_time),
    Fault("clock set forward by a day", act="clock forward", expects=_in_time),
    Fault("100 threads at once", act="crowd", expects=_whole),
    Fault("asyncio tasks cancelled", act="tasks", expects=_whole),
    Fault("hostile values", act="hostile", expects=_whole),
    Fault("messages of 2 MB", act="failing", expects=_whole),
]
