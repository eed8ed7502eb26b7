"""How fast one job opens runs, and one place jobs: a loop that makes a run or job of every row gets one hint."""

from __future__ import annotations

import time

from lineage_kit import report

MANY = 1000
SECONDS = 60.0
MAX_KNOWN = 1000

MAX_NAMES = 200  # of the blocks of one place

_names: dict[str, set[str]] = {}
_known: dict[tuple[str, str], Rate] = {}


class Rate:
    """Counts the runs of one job; whoever opens one adds to `count`, and calls `look` when that is over `MANY`."""

    __slots__ = ("_begun", "_name", "count")

    def __init__(self, name: str) -> None:
        self._name = name
        self.count = 0
        self._begun = time.monotonic()

    def look(self, jobs: int) -> None:
        """Give the hint if these were too many for the time, and for the number of `jobs` that are counted together."""
        if self.count <= MANY * jobs:
            return
        took = time.monotonic() - self._begun
        count, self.count, self._begun = self.count, 0, time.monotonic()
        if took < SECONDS:
            report.hint(
                f"rate:{self._name}",
                f"{self._name} has opened {count} runs in {max(took, 0.1):.1f} s; a run is meant for a step of a "
                "pipeline: decorate the loop, or put one run() around it, rather than what is done for each row",
            )


def note_block(place: str, name: str) -> None:
    """Give a hint when blocks of one place in the code are opened under more than `MAX_NAMES` names."""
    names = _names.get(place)
    if names is None:
        if len(_names) >= MAX_KNOWN:
            _names.clear()
        names = _names.setdefault(place, set())
    if len(names) > MAX_NAMES:
        return  # it was said
    names.add(name)
    if len(names) > MAX_NAMES:
        report.hint(
            f"names:{place}",
            f"the blocks opened in {place} have had more than {MAX_NAMES} names, of late {name[:80]!r}; a name "
            "is a job, which stays the same from run to run: give one, and put what differs into tags, nominal_time or "
            "datasets",
        )


def rate_of(namespace: str, name: str) -> Rate:
    """The one counter of a job in this process, whichever of its plans asks."""
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    return _known.setdefault((namespace, name), Rate(name))
