"""Several messages at once, against a mock cluster: a report for each, and the order of each run."""

import time
from collections.abc import Iterator

import pytest

pytest.importorskip("confluent_kafka", reason="confluent-kafka (extra kafka) is not installed")
from confluent_kafka import KafkaError

from lineage_kit.errors import BrokenDestination, TooLarge, Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.kafka import KafkaConfig, KafkaTransport
from tests.support.kafka_trouble import TroubledCluster, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a cluster")
TOPIC = "events"
LIMIT = 20_000


@pytest.fixture
def cluster() -> Iterator[TroubledCluster]:
    """One broker, one topic of one partition."""
    with TroubledCluster() as cluster:
        cluster.make_topic(TOPIC)
        yield cluster


def kafka(cluster: TroubledCluster, **settings) -> KafkaTransport:
    """A transport to the cluster."""
    config = {"bootstrap.servers": cluster.address, "message.timeout.ms": 1000, **settings}
    return KafkaTransport(KafkaConfig(config=config, topic=TOPIC))


def messages(count: int, key: str = "k") -> list[Envelope]:
    """So many events."""
    return [Envelope(b'{"number":%d}' % number, key) for number in range(count)]


def kinds(transport: KafkaTransport, given: list[Envelope]) -> list[type[BaseException] | None]:
    """What became of each; the transport is closed."""
    try:
        return [None if one is None else type(one) for one in transport.send_many(given)]
    finally:
        transport.close()


def test_every_message_has_its_report(cluster: TroubledCluster) -> None:
    """All are there when the call returns, in the order in which they were given."""
    given = messages(300)
    assert kinds(kafka(cluster), given) == [None] * 300
    assert cluster.values(TOPIC) == [one.body for one in given]


def test_one_that_is_too_large_spoils_no_other(cluster: TroubledCluster) -> None:
    """It alone is too large; all others are delivered, and once."""
    given = [*messages(3), Envelope(b"x" * (LIMIT + 1), "k"), *messages(3, "other")]
    found = kinds(kafka(cluster, **{"message.max.bytes": LIMIT}), given)
    assert found == [None, None, None, TooLarge, None, None, None]
    assert cluster.values(TOPIC) == [one.body for one in given if len(one.body) < LIMIT]


def test_a_producer_that_is_full_is_waited_for(cluster: TroubledCluster) -> None:
    """A queue shorter than what is given is no failure: each message is produced once."""
    given = messages(50)
    assert kinds(kafka(cluster, **{"queue.buffering.max.messages": 5}), given) == [None] * 50
    assert cluster.values(TOPIC) == [one.body for one in given]


def test_what_the_broker_refuses_is_that_of_its_messages(cluster: TroubledCluster) -> None:
    """The next call brings what was refused before, once that is over."""
    given = messages(4)
    transport = kafka(cluster)
    assert transport.send_many(given[:1]) == [None]
    cluster.answer(KafkaError.MSG_SIZE_TOO_LARGE)
    assert [type(one) for one in transport.send_many(given[1:2])] == [TooLarge]
    assert transport.send_many(given[2:]) == [None, None]
    transport.close()
    assert cluster.values(TOPIC) == [one.body for one in (given[0], *given[2:])]


def test_a_broker_that_is_away_fails_all(cluster: TroubledCluster) -> None:
    """Each is worth another try, and all arrive in order when it is back."""
    given = messages(5)
    transport = kafka(cluster)
    cluster.go_down()
    assert [type(one) for one in transport.send_many(given)] == [Unreachable] * 5
    cluster.come_up()
    assert transport.send_many(given) == [None] * 5
    transport.close()
    assert cluster.values(TOPIC) == [one.body for one in given]


def test_a_topic_that_is_not_allowed_breaks_the_destination_until_it_is(cluster: TroubledCluster) -> None:
    """The producer does not remember the refusal for longer than the cluster does."""
    given = messages(2)
    transport = kafka(cluster)
    cluster.answer(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    assert [type(one) for one in transport.send_many(given)] == [BrokenDestination] * 2
    tries = 1
    while transport.send_many(given) != [None, None] and tries < 100:
        time.sleep(0.05)  # sleep: the producer asks for the topic again in its own time
        tries += 1
    transport.close()
    assert cluster.values(TOPIC) == [one.body for one in given]


def test_a_transport_that_is_closed_takes_none(cluster: TroubledCluster) -> None:
    """As with single messages."""
    transport = kafka(cluster)
    transport.close()
    with pytest.raises(BrokenDestination):
        transport.send_many(messages(2))
