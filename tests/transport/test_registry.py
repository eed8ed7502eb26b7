"""From a mapping to a transport: types, spellings, composites, and every way to get it wrong."""

import copy
import types

import pytest

from lineage_kit.errors import ConfigError, MissingExtraError
from lineage_kit.transport import Transport, create, register_transport, registry
from lineage_kit.transport.composite import CompositeConfig, CompositeTransport
from lineage_kit.transport.console import ConsoleTransport
from lineage_kit.transport.kafka import KafkaConfig, KafkaTransport
from lineage_kit.transport.memory import MemoryTransport
from lineage_kit.transport.noop import NullTransport

MINIMAL = {
    "async_http": {"url": "http://b"},
    "composite": {"transports": [{"type": "noop"}]},
    "file": {"log_file_path": "x"},
    "http": {"url": "http://b"},
    "kafka": {"config": {"bootstrap.servers": "b:9092"}, "topic": "t"},
}


@pytest.mark.parametrize("kind", sorted(registry.KNOWN))
def test_every_known_type_can_be_made(kind) -> None:
    """With nothing but what it needs; it says where it goes and how it wants to be delivered."""
    transport = create({"type": kind, **MINIMAL.get(kind, {})})
    assert transport.describe()
    assert transport.delivery in ("direct", "background")


def test_files_console_and_memory_are_written_directly() -> None:
    """Networks in the background."""
    direct = {
        kind
        for kind in registry.KNOWN
        if create({"type": kind, **MINIMAL.get(kind, {})}).delivery == "direct"
    }
    assert direct == {"console", "file", "local", "memory", "noop", "null"}


@pytest.mark.parametrize("key", ["messageKey", "messagekey", "message_key"])
def test_keys_are_read_in_three_spellings(key) -> None:
    """As people write YAML, variables and Python."""
    assert create({"type": "kafka", **MINIMAL["kafka"], key: "k"}).config.message_key == "k"
    assert KafkaConfig(config={"bootstrap.servers": "b:9092"}, topic="t", messageKey="k").message_key == "k"


def test_the_mapping_is_never_changed() -> None:
    """It can be used again for another client."""
    given = {
        "type": "composite",
        "name": "all",
        "transports": {
            "a": {
                "type": "http",
                "priority": 3,
                "url": "http://b",
                "auth": {"type": "api_key", "apiKey": "k"},
            },
            "b": {
                "type": "kafka",
                "name": "k",
                "config": {"bootstrap.servers": "b:1"},
                "topic": "t",
                "messageKey": "x",
            },
        },
    }
    before = copy.deepcopy(given)
    create(given)
    assert given == before
    create(types.MappingProxyType(given))


WRONG = [
    ({}, "the key 'type' is missing; it is one of async_http, composite, console"),
    ({"Type": "console"}, "found 'Type', but keys are lower case"),
    ({"type": None}, "'noop' is the one that sends nothing"),
    ({"type": 5}, "expected the name of a transport"),
    ({"type": "consol"}, "did you mean 'console'?"),
    ({"type": "Http", "url": "http://b"}, "did you mean 'http'?"),
    ({"type": "carrier-pigeon"}, "known are"),
    ({"type": "msk-iam"}, "does not yet"),
    ({"type": "transform"}, "does not yet"),
    ({"type": "gcplineage"}, "does not yet"),
    ({"type": "datadog"}, "does not yet"),
    ({"type": "amazon_datazone_api"}, "does not yet"),
    ({"type": "console", "stile": "tree"}, "did you mean 'style'?"),
    ({"type": "noop", "url": "x"}, "unknown key 'url'"),
    (
        {"type": "http", "url": "http://b", "priority": "high"},
        "$.transport.priority: expected a whole number",
    ),
    ({"type": "memory", "max_events": 0}, "max_events must be 1 or more"),
    ({"type": "local", "max_bytes": 0}, "max_bytes must be 1 or more"),
    ({"type": "composite"}, "'transports' is missing"),
    ({"type": "composite", "transports": []}, "transports is empty"),
    ({"type": "composite", "transports": {"a": {}}}, "transports is empty"),
    ({"type": "composite", "transports": "console"}, "transports"),
    (
        {"type": "composite", "transports": [{"type": "noop"}, "console"]},
        "$.transport.transports[1]: expected a mapping",
    ),
    (
        {"type": "composite", "transports": {"a": {"type": "file"}}},
        "$.transport.transports.a: the key 'log_file_path'",
    ),
    ("console", "expected a mapping with the key 'type', found 'console'"),
    (["console"], "expected a mapping with the key 'type', found a list"),
]


@pytest.mark.parametrize(("mapping", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_a_mistake_is_named_with_its_place(mapping, message) -> None:
    """What was found, where, and what was probably meant."""
    with pytest.raises(ConfigError) as caught:
        create(mapping)
    assert message in str(caught.value)
    assert "$.transport" in str(caught.value)


def test_a_composite_holds_its_destinations() -> None:
    """Named by key, by name or by type; the same name never twice; an empty entry is left out."""
    listed = create(
        {
            "type": "composite",
            "transports": [{"type": "noop"}, {"type": "noop"}, {"type": "memory", "name": "m"}, None],
        }
    )
    assert [one.name for one in listed.flat()] == ["noop", "noop-2", "m"]
    mapped = create(
        {
            "type": "composite",
            "transports": {"a": {"type": "noop"}, "b": {"type": "memory", "name": "other"}, "c": {}},
        }
    )
    assert [one.name for one in mapped.flat()] == ["a", "other"]
    assert isinstance(mapped.destinations[1].transport, MemoryTransport)


def test_priorities_order_a_composite_only_when_asked() -> None:
    """Descending; where they are equal, as written."""
    transports = {
        "low": {"type": "noop"},
        "high": {"type": "noop", "priority": "5"},
        "below": {"type": "noop", "priority": -1},
    }
    as_written = create({"type": "composite", "transports": transports})
    sorted_ = create({"type": "composite", "transports": transports, "sortTransports": True})
    assert [one.name for one in as_written.flat()] == ["low", "high", "below"]
    assert [one.name for one in sorted_.flat()] == ["high", "low", "below"]
    assert (as_written.config.continue_on_failure, as_written.config.continue_on_success) == (True, True)


def test_composites_nest() -> None:
    """The inner destinations take the place of the composite, under its name."""
    inner = {"type": "composite", "transports": [{"type": "console"}, {"type": "noop"}]}
    outer = create({"type": "composite", "transports": {"both": inner, "more": {"type": "memory"}}})
    assert [one.name for one in outer.flat()] == ["both.console", "both.noop", "more"]
    assert "standard output" in outer.describe()


def test_a_composite_in_code_takes_transports_and_mappings(envelope) -> None:
    """As a list or by name. It sends nothing itself, and closes all it has."""
    memory = MemoryTransport()
    composite = CompositeTransport(CompositeConfig(transports={"mine": memory, "log": {"type": "console"}}))
    assert [(one.name, type(one.transport)) for one in composite.flat()] == [
        ("mine", MemoryTransport),
        ("log", ConsoleTransport),
    ]
    with pytest.raises(TypeError, match="sends nothing itself"):
        composite.send(envelope())
    composite.close()
    with pytest.raises(Exception, match="closed"):
        memory.send(envelope())


def test_closing_a_composite_closes_all_whatever_one_raises() -> None:
    """And then says what went wrong."""

    class Stuck(Transport):
        def send(self, envelope):
            pass

        def close(self, timeout=1.0):
            raise OSError("stuck")

    first, last = MemoryTransport(), MemoryTransport()
    with pytest.raises(OSError, match="stuck"):
        CompositeTransport(CompositeConfig(transports=[first, Stuck(), last])).close()
    assert first._closed
    assert last._closed


def test_the_missing_kafka_driver_is_named_with_its_pip_command(monkeypatch) -> None:
    """When the transport is made, not with the first event."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'lineage-kit\[kafka\]'"):
        create({"type": "kafka", **MINIMAL["kafka"]})


def test_a_registered_class_is_known_by_its_kind(envelope) -> None:
    """Also in place of one of ours."""

    @register_transport
    class Pigeon:
        kind = "pigeon"
        sent = ()

        def send(self, envelope):
            type(self).sent += (envelope,)

    transport = create({"type": "pigeon"})
    transport.send(envelope())
    assert Pigeon.sent == (envelope(),)
    registry._registered.clear()


def test_what_is_registered_must_have_a_kind_and_the_shape() -> None:
    """Said when it is registered."""
    with pytest.raises(ConfigError, match="kind"):
        register_transport(type("NoKind", (), {"send": print}))
    with pytest.raises(ConfigError, match="neither send"):
        register_transport(type("NoSend", (), {"kind": "x"}))


def test_an_installed_distribution_may_offer_transports(tmp_path, monkeypatch) -> None:
    """By an entry point in the group `lineage_kit.transports`."""
    info = tmp_path / "pigeons-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[lineage_kit.transports]\nloft = pigeons_loft:Loft\nlost = pigeons_loft:Lost\n"
    )
    (tmp_path / "pigeons_loft.py").write_text("class Loft:\n    def send(self, envelope): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert type(create({"type": "loft"}).wrapped).__name__ == "Loft"
    with pytest.raises(ConfigError, match="has no 'Lost'"):
        create({"type": "lost"})


def test_noop_and_null_are_the_same() -> None:
    """Both take every event and keep none."""
    assert isinstance(create({"type": "noop"}), NullTransport)
    assert isinstance(create({"type": "null"}), NullTransport)


def test_kafka_settings_may_be_text() -> None:
    """As a variable gives them; what is no mapping is refused."""
    transport = create(
        {"type": "kafka", "topic": "t", "config": '{"bootstrap.servers": "b:9092", "acks": "all"}'}
    )
    assert isinstance(transport, KafkaTransport)
    assert transport.config.settings["acks"] == "all"
    for config in ("b:9092", "[1]", {"acks": "all"}, {"bootstrap.servers": ["b:1"]}):
        with pytest.raises(ConfigError, match="config"):
            create({"type": "kafka", "topic": "t", "config": config})
