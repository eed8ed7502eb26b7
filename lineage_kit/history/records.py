"""What is known of a run after all its events were read: plain data."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class RunKey(NamedTuple):
    """What tells runs apart. Not the id alone: some producers use one run id for several jobs."""

    run_id: str
    namespace: str
    job: str


class DatasetRecord(msgspec.Struct):
    """A dataset a run read or wrote, with what the run said of it; None where it said nothing.

    columns: names of the top-level columns; columns_left_out: how many more there are, which its schema does not name.
    rows and bytes: of this reading or writing. failed: in words, each data quality check that did not pass.
    """

    namespace: str
    name: str
    rows: int | None = None
    bytes: int | None = None
    columns: tuple[str, ...] | None = None
    columns_left_out: int = 0
    failed: tuple[str, ...] = ()


class Frame(NamedTuple):
    """A place in somebody's source; `source` is the text of that line, empty where the trace has none."""

    file: str
    line: int
    function: str
    source: str = ""


class ErrorRecord(NamedTuple):
    """Why a run failed or was aborted. `type` is empty where the producer gave none; `frame` is the user's own."""

    type: str
    message: str
    frame: Frame | None = None


class RunRecord(msgspec.Struct, kw_only=True):
    """One run. Times are seconds since 1970-01-01 UTC.

    state: RUNNING, COMPLETE, FAIL or ABORT; OTHER where no event named a state; None for a run that is only known
    as the parent of others and has no event here (`events` is then 0).
    started: time of its START; None without one. seen: time of its earliest event of any kind.
    """

    run_id: str
    namespace: str
    job: str
    state: str | None = None
    started: float | None = None
    ended: float | None = None
    seen: float | None = None
    parent: RunKey | None = None
    root: RunKey | None = None
    inputs: list[DatasetRecord] = []
    outputs: list[DatasetRecord] = []
    error: ErrorRecord | None = None
    tags: dict[str, str] = {}
    nominal_start: str | None = None
    nominal_end: str | None = None
    events: int = 0

    @property
    def key(self) -> RunKey:
        """What `runs` files this record under."""
        return RunKey(self.run_id, self.namespace, self.job)

    @property
    def duration(self) -> float | None:
        """Seconds from START to the end, never negative; None where either is missing."""
        if self.started is None or self.ended is None:
            return None
        return max(0.0, self.ended - self.started)

    @property
    def failed(self) -> bool:
        """True for FAIL and ABORT."""
        return self.state in ("FAIL", "ABORT")
