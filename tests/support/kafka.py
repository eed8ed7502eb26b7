"""A Kafka cluster inside this process: librdkafka's own mock, and a way to read a topic back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

confluent_kafka = pytest.importorskip(
    "confluent_kafka", reason="confluent-kafka (extra kafka) is not installed"
)


@contextmanager
def mock_cluster() -> Iterator[str]:
    """The address of a cluster of one broker; topics come into being when they are written."""
    holder = confluent_kafka.Producer({"test.mock.num.brokers": "1", "log_level": 0})
    brokers = holder.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    holder.close()


def read_back(address: str, topic: str, count: int) -> list:
    """The first `count` messages of a topic, in the order of the broker."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": address, "group.id": "reader", "auto.offset.reset": "earliest", "log_level": 0}
    )
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in partitions])
        found = []
        while len(found) < count:
            message = consumer.poll(10)
            assert message is not None, f"only {len(found)} of {count} messages came"
            assert message.error() is None, message.error()
            found.append(message)
        return found
    finally:
        consumer.close()
