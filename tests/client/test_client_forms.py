"""A client is made in every form that the OpenLineage Python client's documentation shows."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from lineage_kit import Job, OpenLineageClient, OpenLineageClientOptions, Run, RunEvent, RunState
from lineage_kit.errors import ConfigError
from lineage_kit.transport import HttpConfig, HttpTransport, MemoryTransport
from lineage_kit.transport.http.auth import ApiKeyTokenProvider
from tests.support.scripts import Folder
from tests.support.servers import HttpServer

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
EVENT = RunEvent(
    RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("shop", "orders.load"), "https://x.example"
)

EMITS = f"""
from lineage_kit import Job, OpenLineageClient, Run, RunEvent, RunState
with OpenLineageClient() as client:
    client.emit(RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run("{ID}"), Job("shop", "orders.load")))
"""


def _one_destination(client: OpenLineageClient) -> str:
    [status] = client.status()
    return status.destination


def test_url_is_an_http_backend() -> None:
    """A bare URL means HTTP, at the standard endpoint below it."""
    with OpenLineageClient(url="http://localhost:5000") as client:
        assert _one_destination(client) == "http://localhost:5000/api/v1/lineage"
    with OpenLineageClient("http://localhost:5000") as client:
        assert _one_destination(client) == "http://localhost:5000/api/v1/lineage"


def test_config_is_what_the_file_would_hold() -> None:
    """A mapping with the sections of openlineage.yml configures in code."""
    config = {
        "transport": {"type": "http", "url": "https://a.example", "endpoint": "in"},
        "namespace": "shop",
    }
    with OpenLineageClient(config=config) as client:
        assert _one_destination(client) == "https://a.example/in"
        assert client.settings.namespace == "shop"


def test_transport_object_of_the_documentation() -> None:
    """`HttpTransport(HttpConfig(…))` is taken as it is, with a token provider made by hand."""
    key = ApiKeyTokenProvider({"apiKey": "k"})
    config = HttpConfig(
        url="https://backend:5000", endpoint="api/v1/lineage", timeout=5, verify=False, auth=key
    )
    with OpenLineageClient(transport=HttpTransport(config)) as client:
        assert _one_destination(client) == "https://backend:5000/api/v1/lineage"


@pytest.mark.parametrize("made", ["OpenLineageClient()", "OpenLineageClient.from_environment()"])
def test_environment_and_file(made: str, tmp_path: Path) -> None:
    """Without arguments the file is read, and a variable beats it."""
    (tmp_path / "openlineage.yml").write_text(
        "transport: {type: file, log_file_path: here.ndjson, append: true}\n"
    )
    folder = Folder(tmp_path)
    program = f"from lineage_kit import OpenLineageClient\nprint({made}.status()[0].destination)"
    assert folder.run(program).stdout.endswith("here.ndjson\n")
    done = folder.run(program, OPENLINEAGE_URL="http://from.variable:5000")
    assert done.stdout == "http://from.variable:5000/api/v1/lineage\n"


def test_code_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given to the constructor wins over variables."""
    monkeypatch.setenv("OPENLINEAGE_URL", "http://from.variable:5000")
    with OpenLineageClient("http://from.code:5000") as client:
        assert _one_destination(client) == "http://from.code:5000/api/v1/lineage"
    transport = MemoryTransport()
    with OpenLineageClient(transport=transport) as client:
        client.emit(EVENT)
    assert len(transport.events) == 1


def test_nothing_configured_is_the_local_log(tmp_path: Path) -> None:
    """Without any configuration events are kept in the state directory."""
    folder = Folder(tmp_path)
    done = folder.run(EMITS)
    assert done.returncode == 0
    assert folder.states() == ["START orders.load"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"config": {"transport": {"type": "htp"}}}, "did you mean"),
        ({"config": {"transport": {"type": "http"}}}, "url"),
        ({"config": {"trnsport": {"type": "http"}}}, "transport"),
        ({"url": "no url"}, "url"),
        ({"transport": 3}, "at $.transport"),
        ({"transport": MemoryTransport}, "is a class"),
        ({"config": 3}, "mapping"),
    ],
)
def test_mistakes_are_errors_of_the_constructor(given: dict, said: str) -> None:
    """What cannot be is a ConfigError, a ValueError too, that says what is wrong."""
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        OpenLineageClient(**given)
    assert isinstance(caught.value, ValueError)


def test_broken_file_is_an_error_of_the_constructor(tmp_path: Path) -> None:
    """`OpenLineageClient()` in front of a broken openlineage.yml says where it is broken."""
    (tmp_path / "openlineage.yml").write_text("transport:\n  type: http\n  ur: http://localhost\n")
    with pytest.raises(ConfigError, match=r"openlineage\.yml"):
        OpenLineageClient()


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "yes", "On", " true "])
def test_disabled_client_does_nothing(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENLINEAGE_DISABLED beats even a transport given in code; all methods go on working."""
    monkeypatch.setenv("OPENLINEAGE_DISABLED", value)
    transport = MemoryTransport()
    with OpenLineageClient(transport=transport) as client:
        client.emit(EVENT)
        assert client.flush()
        assert client.status() == []
        assert repr(client) == "OpenLineageClient(disabled)"
    assert transport.events == []
    assert not client.enabled


def test_disabled_in_the_file(tmp_path: Path) -> None:
    """`disabled: true` in the file does the same."""
    (tmp_path / "openlineage.yml").write_text(
        "disabled: true\ntransport: {type: http, url: http://localhost}\n"
    )
    assert OpenLineageClient().status() == []


def test_no_secret_in_repr() -> None:
    """The repr of a client and of its settings shows where events go, without keys or passwords."""
    auth = {"type": "api_key", "apiKey": "hunter2"}
    for more in (
        {"url": "https://user:hunter2@backend.example"},
        {"url": "https://backend.example", "auth": auth},
    ):
        with OpenLineageClient(config={"transport": {"type": "http", **more}}) as client:
            assert "backend.example" in repr(client)
            assert "hunter2" not in repr(client) + repr(client.settings) + repr(client.status())


@pytest.mark.parametrize("auth", ["null", "~", ""])
def test_auth_null_is_no_auth(auth: str, tmp_path: Path) -> None:
    """An empty `auth` in the file means none."""
    with HttpServer() as server:
        text = f"transport:\n  type: http\n  url: {server.url}\n  auth: {auth}\n"
        (tmp_path / "openlineage.yml").write_text(text)
        assert Folder(tmp_path).run(EMITS).returncode == 0
        [request] = server.wait_for(1)
    assert "authorization" not in request.headers
    assert request.json()["run"]["runId"] == ID


def test_api_key_and_custom_headers_reach_the_backend() -> None:
    """The key goes out as a bearer token."""
    with HttpServer() as server:
        transport = {"type": "http", "url": server.url, "auth": {"type": "api_key", "apiKey": "1e5"}}
        with OpenLineageClient(config={"transport": transport}) as client:
            client.emit(EVENT)
        [request] = server.wait_for(1)
    assert request.headers["authorization"] == "Bearer 1e5"
    assert (request.method, request.path) == ("POST", "/api/v1/lineage")


def test_several_clients_at_once() -> None:
    """Clients do not know each other: each sends to its own transport under its own settings."""
    transports = [MemoryTransport() for _ in range(3)]
    clients = [
        OpenLineageClient(transport=transport, config={"tags": {"job": {"number": str(number)}}})
        for number, transport in enumerate(transports)
    ]
    for client in clients:
        client.emit(EVENT)
    clients[0].close()
    clients[1].emit(EVENT)
    assert [len(transport.events) for transport in transports] == [1, 2, 1]
    values = [transport.events[0].job.facets["tags"].tags[0].value for transport in transports]
    assert values == ["0", "1", "2"]


class Noting(HTTPAdapter):
    """An adapter that notes what went through it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        self.sent.append(request.url)
        return super().send(request, *args, **options)


@pytest.mark.parametrize("with_session", [True, False])
def test_options_adapter_and_session_of_the_documentation_are_used(with_session: bool) -> None:
    """The key is sent, the adapter carries what goes to the url, and the session gives its headers along."""
    adapter, session = Noting(), requests.Session()
    session.headers["X-Of-The-Session"] = "1"
    options = OpenLineageClientOptions(timeout=5, verify=True, api_key="the-key", adapter=adapter)
    assert "the-key" not in repr(options)
    with HttpServer() as server:
        given = {"session": session} if with_session else {}
        with OpenLineageClient(url=server.url, options=options, **given) as client:
            client.emit(EVENT)
            assert client.flush(30)
        [request] = server.requests()
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert headers["authorization"] == "Bearer the-key"
        assert ("x-of-the-session" in headers) is with_session
        assert adapter.sent == [f"{server.url}/api/v1/lineage"]


def test_options_win_over_the_environment_and_keep_what_config_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from code; what `config` says about the same transport stays."""
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TIMEOUT", "3")
    config = {"namespace": "shop", "transport": {"endpoint": "in"}}
    client = OpenLineageClient("http://h", OpenLineageClientOptions(timeout=7), config=config)
    assert client.settings.transport is not None
    assert float(client.settings.transport["timeout"]) == 7
    assert _one_destination(client) == "http://h/in"
    client.close(0)


@pytest.mark.parametrize(
    "given",
    [
        {"options": OpenLineageClientOptions()},
        {"session": object()},
        {"url": "http://h", "options": {}},
        {"url": "http://h", "session": object(), "config": "x.yml"},
    ],
)
def test_options_without_a_url_or_of_another_kind_are_refused(given: dict[str, Any]) -> None:
    """They would have no effect; what is expected is said."""
    with pytest.raises(ConfigError, match=r"url|OpenLineageClientOptions|path of a file"):
        OpenLineageClient(**given)
