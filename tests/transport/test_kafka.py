"""Kafka against the mock cluster inside librdkafka: what is produced, and how a failure is judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("confluent_kafka", reason="confluent-kafka (extra kafka) is not installed")
from confluent_kafka import KafkaError

from lineage_kit.errors import BrokenDestination, ConfigError, TooLarge, TransportError, Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.kafka import KafkaConfig, KafkaTransport
from lineage_kit.transport.kafka.transport import EVENT_ID_HEADER
from lineage_kit.transport.kafka.verdict import VERDICTS
from tests.support.kafka import mock_cluster, read_back
from tests.support.servers import refusing_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cluster():
    """The address of a mock cluster."""
    with mock_cluster() as address:
        yield address


def kafka(address, message_key=None, flush=True, **settings):
    """A transport to the brokers at `address`."""
    config = {"bootstrap.servers": address, **settings}
    return KafkaTransport(KafkaConfig(config=config, topic="events", flush=flush, message_key=message_key))


def fault_of(transport, envelope) -> TransportError:
    """What sending raises; the transport is closed."""
    with pytest.raises(TransportError) as caught:
        transport.send(envelope)
    transport.close()
    return caught.value


@pytest.mark.parametrize("flush", [True, False])
def test_an_event_is_one_message(cluster, envelope, flush) -> None:
    """Its exact bytes, the key that keeps a run in order, and a header by which duplicates are known."""
    transport = kafka(cluster, flush=flush)
    assert "offset 0" in transport.send(envelope("läden"))
    transport.close()
    [message] = read_back(cluster, "events", 1)
    assert message.value() == envelope("läden").body
    assert message.key() == b"run:etl/l\xc3\xa4den"
    assert message.headers() == [(EVENT_ID_HEADER, envelope("läden").event_id.encode())]


def test_a_configured_key_replaces_the_events_own(cluster, envelope) -> None:
    """For everything that this transport sends."""
    transport = kafka(cluster, message_key="mine")
    transport.send(envelope())
    transport.close()
    assert read_back(cluster, "events", 1)[0].key() == b"mine"


def test_events_of_one_key_keep_their_order(cluster, envelope) -> None:
    """They go to one partition, one after the other."""
    transport = kafka(cluster)
    states = ["START", "RUNNING", "COMPLETE"] * 20
    for state in states:
        transport.send(envelope("land", state))
    transport.close()
    messages = read_back(cluster, "events", len(states))
    assert len({message.partition() for message in messages}) == 1
    assert [message.value() for message in messages] == [envelope("land", state).body for state in states]


def test_an_event_over_the_limit_is_too_large(cluster) -> None:
    """The event is at fault, the producer goes on."""
    transport = kafka(cluster)
    with pytest.raises(TooLarge):
        transport.send(Envelope(b"x" * 2_000_000, "k"))
    transport.send(Envelope(b"small", "k"))
    transport.close()
    assert read_back(cluster, "events", 1)[0].value() == b"small"


def test_a_broker_that_is_down_is_worth_another_try(envelope, capfd) -> None:
    """Within the time for a message; what the client met is told, and nothing is written to standard error."""
    with refusing_port() as port:
        error = fault_of(kafka(f"127.0.0.1:{port}", **{"message.timeout.ms": 1000}), envelope())
    assert isinstance(error, Unreachable)
    assert "refused" in str(error)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", VERDICTS)
def test_each_error_of_the_broker_has_its_verdict(name) -> None:
    """The table holds names that librdkafka knows."""
    error = KafkaError(getattr(KafkaError, name))
    judged = kafka("b:9092")._failure(error)
    assert type(judged) is VERDICTS[name]
    assert name in str(judged)


def test_a_message_that_timed_out_is_explained_by_what_happened_meanwhile() -> None:
    """Librdkafka reports refused credentials beside the message, which then merely runs out of time."""
    transport = kafka("b:9092")
    note_trouble = transport._settings()["error_cb"]
    timed_out = KafkaError(KafkaError._MSG_TIMED_OUT)
    assert type(transport._failure(timed_out)) is Unreachable
    note_trouble(KafkaError(KafkaError._TRANSPORT))
    assert type(transport._failure(timed_out)) is Unreachable
    note_trouble(KafkaError(KafkaError._AUTHENTICATION))
    assert type(transport._failure(timed_out)) is BrokenDestination


def test_ones_own_callback_for_errors_is_called_too() -> None:
    """It is part of `config` in code."""
    seen = []
    transport = kafka("b:9092", error_cb=seen.append)
    transport._settings()["error_cb"](KafkaError(KafkaError._TRANSPORT))
    assert len(seen) == 1


def test_settings_are_passed_on_as_text_over_our_defaults() -> None:
    """A default gives way to either name of its setting."""
    settings = kafka("b:9092", **{"enable.idempotence": True, "delivery.timeout.ms": 7})._settings()
    assert settings["enable.idempotence"] == "true"
    assert settings["delivery.timeout.ms"] == "7"
    assert "message.timeout.ms" not in settings
    assert settings["linger.ms"] == "0"


@pytest.mark.parametrize("topic", ["", " ", "no such topic!", "a" * 250, "events/all"])
def test_a_topic_that_cannot_exist_is_refused(topic) -> None:
    """Where it is written."""
    with pytest.raises(ConfigError, match="topic"):
        KafkaConfig(config={"bootstrap.servers": "b:9092"}, topic=topic)


def test_an_unknown_setting_is_a_broken_destination(envelope) -> None:
    """Librdkafka says which; what looks secret is not repeated."""
    error = fault_of(kafka("b:9092", **{"bootstrap.server": "x", "sasl.password": "server"}), envelope())
    assert isinstance(error, BrokenDestination)
    assert "No such configuration property" in str(error)


def test_closing_ends_a_send_that_waits(envelope) -> None:
    """Exit is not held up by a broker that does not answer."""
    from threading import Event, Thread

    raised, sending = [], Event()

    def work(transport):
        sending.set()
        try:
            transport.send(envelope())
        except TransportError as error:
            raised.append(error)

    with refusing_port() as port:
        transport = kafka(f"127.0.0.1:{port}", **{"message.timeout.ms": 300_000})
        thread = Thread(target=work, args=(transport,))
        thread.start()
        sending.wait()
        transport.close(0.1)
        thread.join(30)
    assert not thread.is_alive()
    assert [type(error) for error in raised] in ([Unreachable], [BrokenDestination])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("child_sends", [True, False])
def test_a_forked_child_has_a_producer_of_its_own_and_ends_well(cluster, child_sends) -> None:
    """Its interpreter ends normally though it inherited a producer whose threads it lacks."""
    program = f"""
import os, sys
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.kafka import KafkaConfig, KafkaTransport
transport = KafkaTransport(KafkaConfig(config={{"bootstrap.servers": {cluster!r}}}, topic="events"))
transport.send(Envelope(b"parent", "k"))
child = os.fork()
if child == 0:
    if {child_sends}:
        transport.send(Envelope(b"child", "k"))
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
transport.send(Envelope(b"parent again", "k"))
transport.close()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, cwd=ROOT, timeout=60)
    expected = [b"parent", *([b"child"] if child_sends else []), b"parent again"]
    assert [message.value() for message in read_back(cluster, "events", len(expected))] == expected


def test_nothing_runs_before_the_first_event() -> None:
    """Neither the driver is loaded nor a thread started."""
    program = """
import sys, threading
from lineage_kit.transport import KafkaConfig, KafkaTransport
KafkaTransport(KafkaConfig(config={"bootstrap.servers": "b:9092"}, topic="t", flush=False)).close()
sys.exit("confluent_kafka" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_no_repr_shows_a_setting() -> None:
    """Neither a password in the mapping nor in the text."""
    for config in (
        {"bootstrap.servers": "b:1", "sasl.password": "hunter2"},
        '{"bootstrap.servers":"b:1","sasl.password":"hunter2"}',
    ):
        transport = KafkaTransport(KafkaConfig(config=config, topic="t"))
        for text in (repr(transport), repr(transport.config), transport.describe()):
            assert "hunter2" not in text
