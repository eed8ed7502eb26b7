"""From settings to deliveries: which wire gets which kind of delivery, what it is called, what it is told."""

from typing import Any

import pytest

from lineage_kit import Job, OpenLineageClient, Run, RunEvent, RunState, Transport
from lineage_kit.client import assemble
from lineage_kit.client.notice import EmbeddedLog
from lineage_kit.config.load import load
from lineage_kit.errors import ConfigError
from lineage_kit.transport import (
    CompositeConfig,
    CompositeTransport,
    HttpConfig,
    HttpTransport,
    MemoryTransport,
    create,
)
from tests.support.servers import HttpServer, refusing_port

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
EVENT = RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("shop", "load"), "https://x.example")
HTTP = {"type": "http", "url": "http://localhost:1"}
FILE = {"type": "file", "log_file_path": "events.ndjson", "append": True}


class Own:
    """A transport in the form of the documentation, which says nothing about delivery."""

    def __init__(self, config: Any = None) -> None:
        self.events: list[Any] = []

    def emit(self, event: Any) -> None:
        self.events.append(event)


class Quick(Transport):
    """One that says it never waits."""

    delivery = "direct"

    def send(self, envelope: Any) -> None: ...


@pytest.mark.parametrize(
    ("transport", "mode"),
    [
        (HTTP, "background"),
        (HTTP | {"type": "async_http"}, "background"),
        (FILE, "direct"),
        ({"type": "console"}, "direct"),
        ({"type": "local"}, "direct"),
        ({"type": "memory"}, "direct"),
        ({"type": "null"}, "direct"),
        (None, "direct"),
    ],
)
def test_wires_that_wait_go_in_the_background(transport: Any, mode: str) -> None:
    """Http in the background; what only touches this machine on the caller's thread."""
    settings = load(config={"transport": transport} if transport else None)
    [destination] = assemble.destinations(settings)
    assert destination.mode == mode
    [status] = assemble.delivery(settings).status()
    assert status.mode == mode


def test_own_transports_are_in_the_background_unless_they_say_otherwise() -> None:
    """A class of the user's own may wait, so that nobody waits for it."""
    settings = load()
    assert [one.mode for one in assemble.destinations(settings, Own())] == ["background"]
    assert [one.mode for one in assemble.destinations(settings, Quick())] == ["direct"]


def test_direct_mode_makes_everything_direct() -> None:
    """``delivery.mode: direct`` is asked for by name."""
    settings = load(config={"transport": HTTP, "delivery": {"mode": "direct"}})
    assert [one.mode for one in assemble.destinations(settings)] == ["direct"]


def test_direct_http_has_delivered_when_emit_returns() -> None:
    """With a direct delivery the backend has the event, and a short trouble is waited out within the budget."""
    with HttpServer() as server:
        server.answer(503)
        config = {"transport": HTTP | {"url": server.url}, "delivery": {"mode": "direct", "budget": 20}}
        with OpenLineageClient(config=config) as client:
            client.emit(EVENT)
            assert len(server.requests()) == 2
            assert client.status()[0].delivered == 1


def test_nothing_configured_is_the_embedded_log() -> None:
    """Without a transport there is one destination, on this machine."""
    [destination] = assemble.destinations(load())
    assert isinstance(destination.transport, EmbeddedLog)
    assert destination.name == "local"


def test_composite_is_one_delivery_each() -> None:
    """Destinations of a composite, nested ones too, are delivered to independently and carry their names."""
    inner = {"type": "composite", "transports": [FILE, {"type": "memory"}]}
    transports = {"first": HTTP, "second": inner, "third": {"type": "console"}}
    settings = load(config={"transport": {"type": "composite", "transports": transports}})
    found = {one.name: one.mode for one in assemble.destinations(settings)}
    assert list(found.values()) == ["background", "direct", "direct", "direct"]
    assert [name.partition(".")[0] for name in found] == ["first", "second", "second", "third"]
    assert [status.name for status in assemble.delivery(settings).status()] == list(found)


def test_composite_object_is_taken_apart_too() -> None:
    """`CompositeTransport` given in code works as the one of a file."""
    memory = MemoryTransport()
    composite = CompositeTransport(CompositeConfig([{"type": "memory"}, memory]))
    with OpenLineageClient(transport=composite) as client:
        client.emit(EVENT)
        assert [status.delivered for status in client.status()] == [1, 1]
    assert len(memory.events) == 1


def test_dead_destination_is_nothing_to_the_others() -> None:
    """The events of a destination that is down wait; the other one has them."""
    memory = MemoryTransport()
    with refusing_port() as port:
        dead = HttpTransport(HttpConfig(url=f"http://127.0.0.1:{port}"))
        composite = CompositeTransport(CompositeConfig({"dead": dead, "alive": memory}))
        client = OpenLineageClient(transport=composite)
        client.emit(EVENT)
        assert len(memory.events) == 1
        assert not client.flush(0.05)
        assert not client.close(0.05)
    dead_status, alive = client.status()
    assert (dead_status.delivered, dead_status.dropped) == (0, {"closed": 1})
    assert (alive.delivered, alive.dropped) == (1, {})


class Refusing(Transport):
    """One that fails every time."""

    delivery = "direct"

    def send(self, envelope: Any) -> None:
        raise OSError


@pytest.mark.parametrize(
    ("flags", "first", "got"),
    [
        ({}, Refusing, 1),
        ({"continue_on_failure": False}, Refusing, 0),
        ({"continue_on_success": False}, Refusing, 1),
        ({"continue_on_success": False}, MemoryTransport, 0),
    ],
)
def test_flags_of_a_composite(flags: dict[str, bool], first: type, got: int) -> None:
    """Whether the second is tried depends on how the first went, as far as the flags say so."""
    second = MemoryTransport()
    composite = CompositeTransport(CompositeConfig([first(), second], **flags))
    with OpenLineageClient(transport=composite) as client:
        client.emit(EVENT)
    assert len(second.events) == got


def test_custom_transport_gets_the_event() -> None:
    """An object with `emit` receives an event, decoded from what others would have sent."""
    own = Own()
    with OpenLineageClient(transport=own, config={"tags": {"job": {"a": "b"}}}) as client:
        client.emit(EVENT)
        assert client.flush(10)
    [event] = own.events
    assert isinstance(event, RunEvent)
    assert event.job.facets["tags"].tags[0].key == "a"
    assert own.events[0] is not EVENT


def test_registered_transport_by_name() -> None:
    """A transport made by the registry is taken like one of the user's own."""
    with OpenLineageClient(transport=create({"type": "memory"})) as client:
        client.emit(EVENT)
        assert client.status()[0].delivered == 1


@pytest.mark.parametrize(
    ("transport", "said"),
    [
        ({"type": "composite", "transports": []}, "transports is empty"),
        ({"type": "composite", "transports": [{"type": "nope"}]}, "nope"),
        ({"type": "tests.nowhere.Missing"}, "tests.nowhere"),
        ({"type": "collections.OrderedDict"}, "collections.OrderedDict"),
    ],
)
def test_what_cannot_be_assembled_says_where(transport: dict[str, Any], said: str) -> None:
    """An impossible transport is an error that names it and its path."""
    with pytest.raises(ConfigError, match=r"transport") as caught:
        assemble.delivery(load(config={"transport": transport}))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "given", [5, True, b"x", "console", [1], {}, {1}, len, object, object(), {"type": 5}]
)
def test_what_is_no_transport_is_an_error_that_says_what_is(given: Any) -> None:
    """A client made with something else is a ConfigError about `transport`."""
    with pytest.raises(ConfigError, match=r"transport") as caught:
        OpenLineageClient(transport=given)
    assert any(word in str(caught.value) for word in ("expected", "neither send", "missing", "is a class"))
