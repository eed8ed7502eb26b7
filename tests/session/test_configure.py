"""`configure` sets in code what decorators and blocks use; mistakes are errors where they are written."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lineage_kit import Transport, configure, flush, lineage_job, report, run, session, status
from lineage_kit.errors import ConfigError, LineageError
from lineage_kit.transport import MemoryTransport
from tests.support.servers import HttpServer


@lineage_job("load")
def load() -> str:
    """A job."""
    return "loaded"


def _names(transport: MemoryTransport) -> list[str]:
    return [f"{event.eventType} {event.job.namespace}/{event.job.name}" for event in transport.events]


def test_transport_object() -> None:
    """An object of a transport class gets the events of decorators and blocks."""
    transport = MemoryTransport()
    configure(transport=transport)
    with run("daily"):
        load()
    names = ["START default/daily", "START default/load", "COMPLETE default/load", "COMPLETE default/daily"]
    assert _names(transport) == names


def test_transport_as_mapping(tmp_path: Path) -> None:
    """A mapping is what ``transport`` would hold in openlineage.yml."""
    configure(transport={"type": "file", "log_file_path": "events.ndjson", "append": True})
    load()
    lines = (tmp_path / "events.ndjson").read_text().splitlines()
    assert [json.loads(line)["eventType"] for line in lines] == ["START", "COMPLETE"]


def test_transport_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A name alone is a transport without options."""
    configure(transport="console")
    load()
    assert capsys.readouterr().out.count("COMPLETE") == 1


class Shouting(Transport):
    """A transport of the user's own."""

    delivery = "direct"

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.said: list[str] = []

    def send(self, envelope: Any) -> None:
        self.said.append(envelope.state.upper())


def test_transport_of_ones_own() -> None:
    """Anything with `send` or `emit` is a transport."""
    own = Shouting()
    configure(transport=own)
    load()
    assert own.said == ["START", "COMPLETE"]


def test_url() -> None:
    """A URL is an HTTP backend; `flush` waits until it has the events, and `status` counts them."""
    with HttpServer() as server:
        configure(server.url)
        load()
        assert flush(15)
        states = [request.json()["eventType"] for request in server.requests()]
        [destination] = status()["destinations"]
    assert states == ["START", "COMPLETE"]
    assert (destination.delivered, destination.owed, destination.mode) == (2, 0, "background")


def test_namespace_and_other_settings() -> None:
    """`namespace` is that of jobs that name none; `config` holds any other section."""
    transport = MemoryTransport()
    configure(transport=transport, namespace="shop", config={"tags": {"job": {"stage": "test"}}})
    load()
    with run("own", namespace="mine"):
        pass
    assert set(_names(transport)) == {
        "START shop/load",
        "COMPLETE shop/load",
        "START mine/own",
        "COMPLETE mine/own",
    }
    assert transport.events[0].job.facets["tags"].tags[0].value == "test"


@pytest.mark.parametrize("form", [str, Path])
def test_config_may_be_the_path_of_a_file(form: type, tmp_path: Path) -> None:
    """A file named here is read instead of openlineage.yml; what else is given to `configure` wins over it."""
    (tmp_path / "openlineage.yml").write_text("namespace: not_read\n")
    (tmp_path / "own.yml").write_text("namespace: shop\ntags: {job: {stage: test}}\n")
    first, second = MemoryTransport(), MemoryTransport()
    configure(transport=first, config=form(tmp_path / "own.yml"))
    load()
    configure(transport=second, config=form("own.yml"), namespace="other")
    load()
    assert _names(first)[0] == "START shop/load"
    assert _names(second)[0] == "START other/load"
    assert second.events[0].job.facets["tags"].tags[0].key == "stage"


def test_enabled_false_switches_off() -> None:
    """`enabled=False` calls functions straight through and blocks give a run that does nothing."""
    transport = MemoryTransport()
    configure(transport=transport, enabled=False)
    assert load() == "loaded"
    with run("daily") as active:
        assert active
        assert len(active.id) == 36
        assert active.env() == {}
    assert transport.events == []
    assert flush()
    assert status() == {"destinations": [], "problems": {}}


def test_strict_raises_trouble() -> None:
    """`strict=True` makes trouble at run time an exception, until the next `configure`."""
    configure(transport=MemoryTransport(), strict=True)
    with run("daily") as active:
        pass
    with pytest.raises(LineageError, match="after its end"):
        active.run_tag("late")
    configure(transport=MemoryTransport())
    active.run_tag("late")
    assert report.counts() == {"run.late:daily": 1}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "not a url"}, "url"),
        ({"url": "ftp://backend"}, "http"),
        ({"url": ""}, "url"),
        ({"transport": "htpp"}, "did you mean 'http'"),
        ({"transport": {"typ": "http"}}, "'type' is missing"),
        ({"transport": {"type": "http"}}, "url"),
        ({"transport": object()}, "transport"),
        ({"transport": MemoryTransport}, "transport"),
        ({"config": {"namspace": "shop"}}, "namespace"),
        ({"config": {"delivery": {"exit_timeout": "soon"}}}, "exit_timeout"),
        ({"config": [1]}, "expected a mapping or the path of a file"),
        ({"config": 5}, "expected a mapping or the path of a file"),
        ({"config": "nowhere.yml"}, "nowhere.yml"),
        ({"transport": 5}, "found '5'"),
        ({"namespace": ""}, "namespace"),
        ({"url": "http://a", "transport": {"type": "console"}}, "url"),
    ],
)
def test_mistakes_are_errors_here(settings: dict[str, Any], said: str) -> None:
    """A bad setting is a ConfigError that names it, and leaves what was configured before in place."""
    transport = MemoryTransport()
    configure(transport=transport)
    with pytest.raises(ConfigError, match=re.escape(said)):
        configure(**settings)
    load()
    assert len(transport.events) == 2


def test_broken_file_is_an_error_of_configure(tmp_path: Path) -> None:
    """`configure` in front of a broken openlineage.yml says so, whatever is given in code."""
    (tmp_path / "openlineage.yml").write_text("tags:\n  jobs: {a: b}\n")
    with pytest.raises(ConfigError, match=r"openlineage\.yml"):
        configure(transport=MemoryTransport())


def test_no_secret_in_the_error() -> None:
    """What was given may hold a key; the message does not."""
    with pytest.raises(ConfigError) as caught:
        configure(
            transport={"type": "http", "url": "http://a", "auth": {"type": "api_key", "apiKy": "hunter2"}}
        )
    assert "hunter2" not in str(caught.value)
    assert "apiKey" in str(caught.value)


def test_runs_keep_the_client_they_started_with() -> None:
    """A run that is open while `configure` is called ends where it began; its children start at the new place."""
    first, second = MemoryTransport(), MemoryTransport()
    configure(transport=first)
    with run("daily") as active:
        configure(transport=second)
        active.heartbeat()
        load()
    load()
    assert _names(first) == ["START default/daily", "RUNNING default/daily", "COMPLETE default/daily"]
    assert [event.eventType for event in second.events] == ["START", "COMPLETE"] * 2
    assert second.events[0].run.facets["parent"].run.runId == active.id


def test_open_runs_end_though_lineage_was_switched_off() -> None:
    """A run that sent its START sends its end."""
    transport = MemoryTransport()
    configure(transport=transport)
    with run("daily"):
        configure(enabled=False)
        load()
    assert _names(transport) == ["START default/daily", "COMPLETE default/daily"]


def test_previous_client_goes_on_delivering() -> None:
    """What was handed to a backend before `configure` still arrives there."""
    with HttpServer() as server:
        server.always(201, fault="hold")
        configure(server.url)
        first = session.active
        load()
        configure(transport=MemoryTransport())
        server.wait_for(1)
        server.release()
        assert first.flush(15)
        states = [request.json()["eventType"] for request in server.requests()]
    assert states == ["START", "COMPLETE"]


def test_decorated_functions_follow_every_configure() -> None:
    """What was prepared for a function under one client is prepared anew under the next."""
    for number in range(3):
        transport = MemoryTransport()
        configure(transport=transport, namespace=f"space{number}")
        load()
        assert _names(transport) == [f"START space{number}/load", f"COMPLETE space{number}/load"]


def test_reset_forgets_everything() -> None:
    """After `reset` the next use starts afresh."""
    transport = MemoryTransport()
    configure(transport=transport, strict=True)
    session.reset()
    assert not session.is_configured()
    assert not report.is_strict()
    load()
    assert transport.events == []
