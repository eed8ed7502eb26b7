"""A test run neither sends anything nor writes to the user's log, unless code names the destination."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_kit import Job, OpenLineageClient, Run, RunEvent, RunState, run, session, status
from lineage_kit.client import assemble
from lineage_kit.config.load import load
from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError
from lineage_kit.transport import MemoryTransport
from tests.support.scripts import Folder
from tests.support.servers import HttpServer

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
EVENT = RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("shop", "load"), "https://x.example")
FILE = "transport: {type: file, log_file_path: here.ndjson, append: true}\n"


def _client_of_blocks() -> OpenLineageClient:
    with run("daily"):
        pass
    return session.open_client()


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    """A backend that nothing should reach."""
    with HttpServer() as running:
        yield running


FORMS: dict[str, Callable[[], OpenLineageClient]] = {
    "bare": OpenLineageClient,
    "from environment": OpenLineageClient.from_environment,
    "other settings in code": lambda: OpenLineageClient(config={"namespace": "etl", "notice": "always"}),
    "settings alone": lambda: OpenLineageClient.of(load()),
    "no settings": lambda: OpenLineageClient.of(Settings()),
    "decorators and blocks": _client_of_blocks,
}


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("file", [None, FILE, "transport: {type: local}\n"], ids=["no file", "file", "local"])
@pytest.mark.parametrize("by_variable", [False, True], ids=["", "url"])
def test_whatever_file_and_environment_say_events_stay_in_memory(
    make: Callable[[], OpenLineageClient],
    file: str | None,
    by_variable: bool,
    tmp_path: Path,
    server: HttpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However a client is made, without a transport in code its events go no further than this process."""
    if file is not None:
        (tmp_path / "openlineage.yml").write_text(file)
    before = sorted(path.name for path in tmp_path.iterdir())
    if by_variable:
        monkeypatch.setenv("OPENLINEAGE_URL", server.url)
    client = make()
    client.emit(EVENT)
    assert client.close(10)
    assert server.requests() == []
    [one] = client.status()
    assert (one.name, one.destination, one.mode) == ("memory", "memory of this process", "direct")
    assert one.delivered > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert list(tmp_path.with_name(f"{tmp_path.name}-home").iterdir()) == []


@pytest.mark.parametrize(
    "given",
    [
        {"config": {"transport": {"type": "file", "log_file_path": "code.ndjson", "append": True}}},
        {"config": {"transport": {"type": "local", "directory": "code.ndjson"}}},
    ],
    ids=["file", "local"],
)
def test_a_transport_in_code_is_meant(given: dict[str, Any], tmp_path: Path) -> None:
    """Who names the destination in Python has it, under pytest as anywhere."""
    (tmp_path / "openlineage.yml").write_text(FILE)
    with OpenLineageClient(**given) as client:
        client.emit(EVENT)
    assert (tmp_path / "code.ndjson").exists()
    assert not (tmp_path / "here.ndjson").exists()


def test_a_url_or_an_object_in_code_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is with a backend's address and with a transport object."""
    monkeypatch.setenv("OPENLINEAGE_URL", "http://from.variable:5000")
    with HttpServer() as server:
        with OpenLineageClient(server.url) as client:
            client.emit(EVENT)
        assert len(server.wait_for(1)) == 1
    memory = MemoryTransport()
    with OpenLineageClient(transport=memory) as client:
        client.emit(EVENT)
    assert len(memory.events) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("transport: {type: http, ur: 'http://localhost'}\n", "did you mean 'url'"),
        ("transport: {type: smoke_signals}\n", "smoke_signals"),
        ("transport: {type: no_such_module.Transport}\n", "no_such_module"),
        ("transport: {type: composite, transports: []}\n", "transports is empty"),
        ("namspace: shop\n", "namespace"),
    ],
)
def test_what_is_broken_is_an_error_all_the_same(
    text: str, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A client made by hand raises it; decorators and blocks warn of it, run, and stay in memory."""
    (tmp_path / "openlineage.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"openlineage\.yml") as caught:
        OpenLineageClient()
    assert said in str(caught.value)
    with run("daily"):
        pass
    [one] = status()["destinations"]
    assert (one.name, one.delivered) == ("memory", 2)
    assert [said in record.getMessage() for record in caplog.records] == [True]


def test_what_was_made_only_to_be_checked_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class of the user's own is built, so that its options are checked, and closed, whatever that raises."""
    (tmp_path / "one_that_is_closed.py").write_text(
        "done = []\n"
        "class Own:\n"
        "    def __init__(self, config): done.append('made')\n"
        "    def send(self, envelope): done.append('sent')\n"
        "    def close(self, timeout=1.0): done.append('closed'); raise RuntimeError\n"
    )
    (tmp_path / "openlineage.yml").write_text("transport: {type: one_that_is_closed.Own}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with OpenLineageClient() as client:
        client.emit(EVENT)
    import one_that_is_closed

    assert one_that_is_closed.done == ["made", "closed"]


def test_switched_off_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENLINEAGE_DISABLED is obeyed under pytest by decorators and blocks too."""
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    with run("daily") as active:
        assert active.env() == {}
    assert status()["destinations"] == []
    assert OpenLineageClient().status() == []


def test_destinations_are_told_as_configured(tmp_path: Path) -> None:
    """What asks where events would go, such as doctor, gets the answer that holds outside of tests."""
    (tmp_path / "openlineage.yml").write_text(FILE)
    assert [one.name for one in assemble.destinations(load())] == ["file"]


def test_a_script_started_by_a_test_obeys_too(tmp_path: Path) -> None:
    """A program that makes its own client inherits pytest's variable, and with it the rule."""
    (tmp_path / "openlineage.yml").write_text(FILE)
    program = """
    from lineage_kit import Job, OpenLineageClient, Run, RunEvent, RunState
    from lineage_kit.event import new_id
    with OpenLineageClient() as client:
        client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(new_id()), Job("shop", "load")))
        print(client.status()[0].name)
    """
    folder = Folder(tmp_path)
    assert folder.run(program, PYTEST_CURRENT_TEST="test_etl.py::test_load (call)").stdout == "memory\n"
    assert not (tmp_path / "here.ndjson").exists()
    assert folder.run(program).stdout == "file\n"
    assert (tmp_path / "here.ndjson").exists()
