"""The single door out: an event goes in, its envelope is handed to every destination."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from msgspec import structs

from lineage_kit import report
from lineage_kit.client import assemble
from lineage_kit.client.options import OpenLineageClientOptions, with_options
from lineage_kit.client.prepare import Prepare, parent_run, routing_key
from lineage_kit.client.shrink import MAX_EVENT, shrink
from lineage_kit.config.load import load
from lineage_kit.config.model import Settings
from lineage_kit.delivery.base import Status
from lineage_kit.delivery.process import handed_over
from lineage_kit.errors import LineageError
from lineage_kit.event.encoding import encode_reporting
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.model import DatasetEvent, Event, JobEvent, RunEvent

LOOK = 0.01  # seconds between two looks at what is being recovered

Catcher = Callable[[Envelope], None]
Listener = Callable[[Envelope], None]


class _Catching:
    """Who takes what clients would deliver; `lineage_kit.testing.record_events` swaps it."""

    catch: Catcher | None = None


def use_catcher(catch: Catcher | None) -> Catcher | None:
    """Give `catch` every event of every client, in place of its destinations (None: deliver); returns the one before.

    For tests.
    """
    previous, _Catching.catch = _Catching.catch, catch
    return previous


def is_catching() -> bool:
    """True while events are caught instead of delivered."""
    return _Catching.catch is not None


class _Listening:
    """Who is shown what leaves; notebooks show it to the person in front of them."""

    all: tuple[Listener, ...] = ()


def listen(listener: Listener) -> None:
    """Show `listener` every event that any client hands over; it keeps it for later and neither waits nor raises."""
    _Listening.all = (*_Listening.all, listener)


def do_not_listen(listener: Listener) -> None:
    """Show `listener` nothing any more."""
    _Listening.all = tuple(one for one in _Listening.all if one != listener)


class OpenLineageClient:
    """Sends OpenLineage events where the configuration says.

    url: of an HTTP backend; options, session: how to reach it, `OpenLineageClientOptions` and a `requests` session.
    transport: a transport object (`lineage_kit.transport`, or of your own). config: a mapping with the sections of
    ``openlineage.yml``, or the path of a file to read in its place. What is given here wins over environment
    variables, and those over the file. With nothing configured at all, events go to the local log that
    ``lineage-kit log`` reads. Under pytest they stay in memory unless a transport is given here, whatever environment
    and file say.
    Raises `ConfigError` here; no other method raises.
    """

    def __init__(
        self,
        url: str | None = None,
        options: OpenLineageClientOptions | None = None,
        session: Any = None,
        *,
        transport: Any = None,
        config: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    ) -> None:
        config = with_options(config, url, options, session)
        check = assemble.check if transport is None else None
        self._begin(load(config=config, url=url, check_transport=check), transport)

    @classmethod
    def from_environment(cls) -> Self:
        """A client configured by environment and file alone."""
        return cls()

    @classmethod
    def of(cls, settings: Settings, transport: Any = None) -> Self:
        """A client of settings that are there already; ``of(Settings())`` reads no configuration at all."""
        client = cls.__new__(cls)
        client._begin(settings, transport)  # noqa: SLF001 - a constructor beside the first
        return client

    def _begin(self, settings: Settings, transport: Any) -> None:
        self.settings = settings
        self.enabled = not settings.disabled
        self.prepare = Prepare(settings)
        self._closed = False
        self._delivery = assemble.delivery(settings, transport) if self.enabled else None
        if settings.logging:
            report.use_level(settings.logging)
        if self.enabled and settings.delivery.on_sigterm == "abort":
            from lineage_kit.delivery.signals.sigterm import catch_sigterm

            catch_sigterm()

    def emit(self, event: Event) -> None:
        """Send one event to every destination. Never raises, never changes the event, never waits for a network.

        What is merely unclean is mended on a copy: a naive time is taken as local, a producer without scheme gets one,
        values JSON cannot carry are replaced by a marker. A plain dict is read as an event.
        """
        if self._delivery is None:
            return
        try:
            self._emit(event)
        except LineageError as error:
            report.problem("client.emit", f"an event could not be sent: {error}")
        except Exception as error:  # door: the job comes first
            report.problem("client.emit", f"an event could not be sent: {type(event).__name__}", error)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until nothing is owed, at most `timeout` seconds (default: ``delivery.exit_timeout``)."""
        if self._delivery is None:
            return True
        return self._delivery.flush(self.settings.delivery.exit_timeout if timeout is None else timeout)

    def recover(self, timeout: float) -> bool:
        """Deliver what processes that died have left in the journal, for at most `timeout` seconds.

        True when nothing more can be delivered now.

        This happens by itself in the background; who calls this wants to know, or needs it done before he goes on.
        """
        deadline = time.monotonic() + timeout
        while self._delivery is not None and self._delivery.recover():
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOOK)
        return True

    def close(self, timeout: float | None = None) -> bool:
        """Flush, then release every transport. True when nothing was left behind. May be called again."""
        self._closed = True
        if self._delivery is None:
            return True
        return self._delivery.close(self.settings.delivery.exit_timeout if timeout is None else timeout)

    def status(self) -> list[Status]:
        """What each destination was given, delivered and still owes."""
        return self._delivery.status() if self._delivery is not None else []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"OpenLineageClient({', '.join(status.destination for status in self.status()) or 'disabled'})"

    # -- for lifecycle, which prepares the parts of its events itself

    def envelope(
        self, body: bytes, key: str, run_id: str | None, state: str | None, parent: str | None = None
    ) -> Envelope:
        """One encoded event as it is handed over."""
        if len(body) > MAX_EVENT:
            body = shrink(body, key)
        # a plain text: members of an enumeration are hashed by Python code, at every look into a set
        return Envelope(body, sendable(key), run_id, None if state is None else str(state), parent)

    def hand_over(self, envelope: Envelope, *, again: bool = False) -> None:
        """Give one event to the delivery; `again`, when that was interrupted, the same object."""
        if self._delivery is not None:
            catch = _Catching.catch
            if catch is None or self._closed:
                self._delivery.submit(envelope, again=again)
            else:
                catch(envelope)
            for listener in _Listening.all if not again else ():  # last: it is handed over, whatever they do
                listener(envelope)

    def _emit(self, event: Any) -> None:
        if isinstance(event, Mapping):
            event = _read(event)
        if not isinstance(event, (RunEvent, JobEvent, DatasetEvent)):
            report.problem("client.emit", f"emit takes OpenLineage events, not {type(event).__name__}")
            return
        prepared = self._prepared(event)
        if prepared is None:
            return
        body, problems = encode_reporting(prepared)
        key = routing_key(prepared)
        if problems:
            report.problem(f"encode:{key}", f"in an event of {key}: {'; '.join(problems)}")
        if isinstance(prepared, RunEvent):
            state = prepared.eventType
            run = prepared.run
            envelope = self.envelope(
                body, key, run.runId, str(state) if state else None, parent_run(run.facets)
            )
        else:
            envelope = self.envelope(body, key, None, None)
        self.hand_over(envelope)
        handed_over()

    def _prepared(self, event: Event) -> Event | None:
        try:
            return self.prepare.event(event)
        except LineageError:
            raise
        except (
            Exception
        ):  # door: an object in it raises when it is looked at; only the encoder copes with those
            plain = _read(structs.asdict(event))
            if isinstance(event, RunEvent) and not isinstance(plain, RunEvent):
                raise
            return self.prepare.event(plain)


def sendable(key: str) -> str:
    """The key as it can be written: half characters, which no encoding has, are replaced as they are in the body."""
    return key if key.isascii() else key.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read(tree: Mapping[Any, Any]) -> Event:
    """The event in a mapping, whose values may be what Python has: times, UUIDs, enums, tuples, structs of ours."""
    from lineage_kit.event.decoding import decode

    body, problems = encode_reporting(dict(tree))
    if problems:
        report.problem("encode:mapping", f"in the values of an event: {'; '.join(problems)}")
    return decode(body)
