"""`record_events`: every event of the process, caught in memory while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lineage_kit import report, session
from lineage_kit.client.client import OpenLineageClient, use_catcher
from lineage_kit.config.model import Settings
from lineage_kit.event.decoding import decode
from lineage_kit.event.model import Event, RunEvent, RunState
from lineage_kit.testing.matchers import Match, matching
from lineage_kit.transport.memory import MemoryConfig, MemoryTransport


class Recording:
    """What was emitted, in order; iterable, with a length, and with matchers that read as sentences.

    ::

    events.completed("orders.load").read("s3://raw/orders").wrote("warehouse/orders.parquet")
    """

    def __init__(self, transport: MemoryTransport, client: OpenLineageClient) -> None:
        self._transport = transport
        self._client = client

    @property
    def bodies(self) -> list[bytes]:
        """The events as the JSON that would have been sent."""
        return [envelope.body for envelope in tuple(self._transport.envelopes)]

    @property
    def all(self) -> list[Event]:
        """The events, decoded."""
        return [decode(body) for body in self.bodies]

    def __iter__(self) -> Iterator[Event]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self._transport.envelopes)

    def __getitem__(self, index: int) -> Event:
        return self.all[index]

    @property
    def states(self) -> list[str]:
        """``["START daily", "COMPLETE daily"]``: state and job of every run event, in order."""
        return [f"{event.eventType} {event.job.name}" for event in self.all if isinstance(event, RunEvent)]

    def clear(self) -> None:
        """Forget what was emitted so far."""
        self._transport.clear()

    def started(self, job: str) -> Match:
        """The START of `job`'s last run. Raises AssertionError, saying what was emitted, when there is none."""
        return self._match(job, RunState.START)

    def completed(self, job: str) -> Match:
        """The COMPLETE of `job`'s last run. Raises AssertionError when there is none."""
        return self._match(job, RunState.COMPLETE)

    def failed(self, job: str) -> Match:
        """The FAIL of `job`'s last run. Raises AssertionError when there is none."""
        return self._match(job, RunState.FAIL)

    def aborted(self, job: str) -> Match:
        """The ABORT of `job`'s last run. Raises AssertionError when there is none."""
        return self._match(job, RunState.ABORT)

    def ran_nothing(self) -> None:
        """Raises AssertionError when anything was emitted."""
        if len(self):
            raise AssertionError(f"expected no events, but there were: {', '.join(self.states)}")

    def _match(self, job: str, state: RunState) -> Match:
        return matching(self.all, job, state, self._client.prepare.dataset)


class _Kept(MemoryTransport):
    """The memory of a recording, which outlives the clients that are closed while it records."""

    def close(self, timeout: float = 1.0) -> None:
        """Nothing to release."""


@contextmanager
def record_events(*, strict: bool = False) -> Iterator[Recording]:
    """Catch every event of this process, from all threads, and send nothing anywhere.

    Whoever emits it is caught: decorators and blocks, also after a `configure` in here, and every `OpenLineageClient`,
    made in here or long before, whatever transport it has; a run that was open before goes on in the recording. Their
    settings are checked and count, such as namespace and tags; a client that is disabled emits nothing. Until somebody
    calls `configure`, decorators and blocks go by no configuration at all. Of nested recordings the innermost catches.
    Afterwards all is as it was: what was configured before is in force, and clients deliver where they always did;
    what they owed before, they deliver meanwhile. Other processes are not caught. It needs no test framework; with
    pytest there is the fixture `lineage_events`.

    strict: internal trouble, otherwise reported and counted, raises.
    """
    transport = _Kept(MemoryConfig(max_events=None))
    client = OpenLineageClient.of(Settings(), transport)
    previous, was_strict = session.swap(client), report.is_strict()
    earlier = use_catcher(transport.send)
    report.use_strict(strict)
    try:
        yield Recording(transport, client)
    finally:
        report.use_strict(was_strict)
        use_catcher(earlier)
        session.swap(previous)
