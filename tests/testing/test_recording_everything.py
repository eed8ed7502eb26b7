"""While a recording is open, nothing that any client of the process emits goes anywhere else."""

import threading
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_kit import (
    Job,
    OpenLineageClient,
    Run,
    RunEvent,
    RunState,
    configure,
    lineage_job,
    report,
    run,
    session,
)
from lineage_kit.errors import ConfigError, LineageError
from lineage_kit.event import new_id
from lineage_kit.testing import MemoryTransport, Recording, record_events
from lineage_kit.transport import HttpConfig, HttpTransport
from tests.support.servers import HttpServer

LOADED = ["START load", "COMPLETE load"]


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    """A backend that ought to hear nothing."""
    with HttpServer() as backend:
        yield backend


@lineage_job("load")
def load() -> None:
    """A job."""


def emit_by(client: OpenLineageClient, name: str = "by_hand") -> None:
    """Send a START of the job `name`, and wait until nothing is owed."""
    client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(new_id()), Job("shop", name)))
    assert client.flush(15)


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "URL"},
        {"namespace": "shop"},
        {"transport": {"type": "http", "url": "URL"}},
        {"transport": "console"},
        {"config": {"transport": {"type": "http", "url": "URL"}, "delivery": {"mode": "direct"}}},
        {"config": "FILE"},
    ],
    ids=str,
)
def test_configure_inside(
    settings: dict[str, Any],
    server: HttpServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever `configure` says in the block, also where nothing tells that this is a test, events are recorded."""
    _leave_pytest(monkeypatch)
    (tmp_path / "own.yml").write_text(f"transport: {{type: http, url: '{server.url}'}}\n")
    with record_events() as events:
        configure(**_filled(settings, server.url, str(tmp_path / "own.yml")))
        load()
        assert session.flush(15)
    assert events.states == LOADED
    assert server.requests() == []
    assert capsys.readouterr().out == ""
    assert not session.is_configured()


def _leave_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
        monkeypatch.delenv(name, raising=False)


def _filled(given: Any, url: str, file: str) -> Any:
    if isinstance(given, dict):
        return {key: _filled(value, url, file) for key, value in given.items()}
    return {"URL": url, "FILE": file}.get(given, given)


def test_settings_of_configure_count_inside() -> None:
    """Namespace and tags are those that the code under test configures, and mistakes are errors."""
    with record_events() as events:
        configure(namespace="shop", config={"tags": {"job": {"stage": "test"}}})
        load()
        with pytest.raises(ConfigError, match="did you mean"):
            configure(transport={"type": "htpp"})
        configure(enabled=False)
        load()
    assert events.states == LOADED
    assert events[0].job.namespace == "shop"
    assert events[0].job.facets["tags"].tags[0].key == "stage"


@pytest.mark.parametrize("way", ["url", "config", "environment", "object", "mapping"])
@pytest.mark.parametrize("when", ["before", "inside"])
def test_clients_made_by_hand(
    way: str, when: str, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that user code made is recorded, with `with` too, and whether it was made before or inside."""
    _leave_pytest(monkeypatch)
    http = {"type": "http", "url": server.url}
    monkeypatch.setenv("OPENLINEAGE_URL", server.url)
    make = {
        "url": lambda: OpenLineageClient(server.url),
        "config": lambda: OpenLineageClient(config={"transport": http}),
        "environment": OpenLineageClient.from_environment,
        "object": lambda: OpenLineageClient(transport=HttpTransport(HttpConfig(url=server.url))),
        "mapping": lambda: OpenLineageClient(transport=http),
    }[way]
    early = make() if when == "before" else None
    with record_events() as events, early or make() as client:
        emit_by(client)
        load()
    assert events.states == ["START by_hand", *LOADED]
    assert server.requests() == []


def test_clients_deliver_again_afterwards() -> None:
    """A client made before or inside goes by its own transport once the recording is over."""
    before, inside = MemoryTransport(), MemoryTransport()
    early = OpenLineageClient(transport=before)
    with record_events() as events:
        late = OpenLineageClient(transport=inside)
        emit_by(early, "caught")
        emit_by(late, "caught")
    emit_by(early, "early")
    emit_by(late, "late")
    assert events.states == ["START caught"] * 2
    assert [event.job.name for event in [*before.events, *inside.events]] == ["early", "late"]


def test_one_client_in_several_tests() -> None:
    """A client that the first test made is recorded in each of the next."""
    with record_events() as first:
        client = OpenLineageClient(transport=MemoryTransport())
        emit_by(client, "one")
        with record_events() as second:
            emit_by(client, "two")
        emit_by(client, "three")
    with record_events() as third:
        emit_by(client, "four")
    told = [recording.states for recording in (first, second, third)]
    assert told == [["START one", "START three"], ["START two"], ["START four"]]


def test_runs_that_were_open_before_go_on_in_the_recording() -> None:
    """What an open run tells while the recording is open is caught with the rest."""
    transport = MemoryTransport()
    configure(transport=transport)
    with run("outer") as outer:
        with record_events() as events:
            outer.heartbeat()
        assert events.states == ["RUNNING outer"]
    assert [str(event.eventType) for event in transport.events] == ["START", "COMPLETE"]


def test_threads_that_configure_and_emit() -> None:
    """The recording is that of the process, whichever thread configures or makes a client."""

    def work() -> None:
        configure(transport=MemoryTransport())
        load()
        emit_by(OpenLineageClient(transport=MemoryTransport()))

    with record_events() as events:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        load()
    assert events.states == [*LOADED, "START by_hand", *LOADED]


def test_reset_and_closing_inside() -> None:
    """Code under test that closes clients or starts afresh goes on being recorded."""
    with record_events() as events:
        load()
        session.active.close()
        session.reset()
        load()
        with OpenLineageClient(transport=MemoryTransport()) as client:
            emit_by(client)
        emit_by(client, "after_its_end")
        load()
    assert events.states == [*LOADED, *LOADED, "START by_hand", *LOADED]


def test_strictness_outlives_configure() -> None:
    """`configure` in the code under test does not make a strict test a lenient one."""
    with record_events(strict=True):
        configure(namespace="shop")
        with pytest.raises(LineageError, match="bare_word"), run("daily") as active:
            active.add_output("bare_word")
    assert not report.is_strict()
    configure(transport=MemoryTransport(), strict=True)
    configure(transport=MemoryTransport())
    assert not report.is_strict()


def test_nothing_is_forgotten() -> None:
    """A recording has no bound, unlike the memory transport."""
    with record_events() as events:
        assert events._transport.envelopes.maxlen is None


def test_fixture_catches_it_too(lineage_events: Recording) -> None:
    """The fixture of pytest is the same."""
    configure(transport=MemoryTransport())
    load()
    emit_by(OpenLineageClient(transport=MemoryTransport()))
    assert lineage_events.states == [*LOADED, "START by_hand"]


def test_unittest_as_documented(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test case of unittest records with one line in setUp, and what was there is back after it."""
    _leave_pytest(monkeypatch)
    monkeypatch.setenv("OPENLINEAGE_URL", server.url)

    class Loading(unittest.TestCase):
        def setUp(self) -> None:
            self.events = self.enterContext(record_events())

        def test_load(self) -> None:
            """One run, and it is a root."""
            load()
            self.events.completed("load").is_root()

    outcome = unittest.TestResult()
    Loading("test_load").run(outcome)
    assert (outcome.testsRun, outcome.errors, outcome.failures) == (1, [], [])
    assert server.requests() == []
    assert not session.is_configured()
