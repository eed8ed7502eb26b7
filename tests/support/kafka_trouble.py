"""A Kafka cluster inside this process that fails on request: librdkafka's mock, which Python reaches by its C names.

confluent-kafka makes such a cluster from a setting, but has no way to tell it what to do; the library that it brings
does, and `ctypes` finds the functions in it.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Any, Self

import pytest

confluent_kafka = pytest.importorskip(
    "confluent_kafka", reason="confluent-kafka (extra kafka) is not installed"
)

PRODUCE = 0  # the number of that kind of request
BROKER = 1
_PRODUCER = 0
_TEXT = 512


def missing() -> str:
    """Why a cluster cannot be told to fail here; empty where it can."""
    try:
        _library()
    except (AttributeError, OSError):
        return "librdkafka's mock cluster cannot be reached by its C names here"
    return ""


def _library() -> Any:
    library = ctypes.CDLL(confluent_kafka.cimpl.__file__)
    for name, result in {
        "rd_kafka_new": ctypes.c_void_p,
        "rd_kafka_conf_new": ctypes.c_void_p,
        "rd_kafka_mock_cluster_new": ctypes.c_void_p,
        "rd_kafka_mock_cluster_bootstraps": ctypes.c_char_p,
    }.items():
        getattr(library, name).restype = result
    assert library.rd_kafka_mock_broker_set_down
    return library


class TroubledCluster:
    """One broker; it does what it is told at once."""

    def __enter__(self) -> Self:
        self._library = _library()
        conf = ctypes.c_void_p(self._library.rd_kafka_conf_new())
        why = ctypes.create_string_buffer(_TEXT)
        self._library.rd_kafka_conf_set(conf, b"log_level", b"0", why, _TEXT)
        self._client = ctypes.c_void_p(self._library.rd_kafka_new(_PRODUCER, conf, why, _TEXT))
        self._cluster = ctypes.c_void_p(self._library.rd_kafka_mock_cluster_new(self._client, 1))
        self.address = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        return self

    def __exit__(self, *exc: object) -> None:
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)

    def go_down(self) -> None:
        """Refuse connections, and end those that there are."""
        self._library.rd_kafka_mock_broker_set_down(self._cluster, BROKER)

    def come_up(self) -> None:
        """Take connections again, at the same port."""
        self._library.rd_kafka_mock_broker_set_up(self._cluster, BROKER)

    def be_slow(self, seconds: float) -> None:
        """Let every answer take so long; 0: none."""
        self._library.rd_kafka_mock_broker_set_rtt(self._cluster, BROKER, int(seconds * 1000))

    def answer(self, *errors: int) -> None:
        """The answers to the next requests that bring messages, by the numbers of `confluent_kafka.KafkaError`."""
        codes = (ctypes.c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(PRODUCE), ctypes.c_size_t(len(errors)), codes
        )

    def forget_answers(self) -> None:
        """All is well again."""
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, ctypes.c_int16(PRODUCE))

    def refuse_topic(self, topic: str, error: int) -> None:
        """Whoever asks for the topic gets an error; 0: none."""
        self._library.rd_kafka_mock_topic_set_error(self._cluster, topic.encode(), ctypes.c_int(error))

    def make_topic(self, topic: str) -> None:
        """A topic of one partition."""
        self._library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), 1, 1)

    def values(self, topic: str) -> list[bytes]:
        """Every message of a topic that is there so far, in the order of the broker."""
        settings = {"group.id": "r", "auto.offset.reset": "earliest", "log_level": 0, "fetch.wait.max.ms": 10}
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.address, **settings})
        found: list[bytes] = []
        with suppress(confluent_kafka.KafkaException):
            partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            for number in partitions:
                place = confluent_kafka.TopicPartition(topic, number, 0)
                _, end = consumer.get_watermark_offsets(place, timeout=10)
                consumer.assign([place])
                found += _read(consumer, end)
        consumer.close()
        return found


def _read(consumer: Any, count: int) -> list[bytes]:
    found = []
    while len(found) < count:
        message = consumer.poll(10)
        assert message is not None, f"only {len(found)} of {count} messages came"
        assert message.error() is None, message.error()
        found.append(message.value())
    return found
