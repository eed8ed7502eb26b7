"""The rows about a Kafka cluster: away, silent, refusing messages, topics and sizes; and a producer that is full."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka import KafkaError

from tests.faults.cell import KAFKA, TOPIC, Cell, Fault
from tests.faults.rows_http import A_MOMENT, keeps, passes, sets_aside, smaller
from tests.support.kafka_trouble import missing

MANY = 200
"""Answers that are enough for every try while a fault lasts."""


def _answers(error: int, times: int = MANY) -> Callable[[Cell], None]:
    return lambda cell: cell.cluster.answer(*[error] * times)


def _tries(cell: Cell) -> None:
    cell.first.do("flush", A_MOMENT)


def _well(cell: Cell) -> None:
    cell.cluster.forget_answers()
    cell.cluster.refuse_topic(TOPIC, 0)
    cell.cluster.be_slow(0)
    cell.cluster.come_up()


def _flushes(cell: Cell) -> None:
    assert cell.first.do("flush", 20) == ["True"]


def _row(name: str, **what: object) -> Fault:
    return Fault(name, (KAFKA,), needs=missing, **{"after": _well, "during": _tries, "expects": keeps} | what)


ROWS: list[Fault] = [
    _row("refused", before=lambda cell: cell.cluster.go_down()),
    _row("silence", before=lambda cell: cell.cluster.be_slow(60)),
    _row("down in the middle", during=lambda cell: cell.cluster.go_down()),
    _row("Kafka: too few replicas", before=_answers(KafkaError.NOT_ENOUGH_REPLICAS)),
    _row("Kafka: topic not allowed", before=_answers(KafkaError.TOPIC_AUTHORIZATION_FAILED)),
    _row("Kafka: unknown topic",
         before=lambda cell: cell.cluster.refuse_topic(TOPIC, KafkaError.UNKNOWN_TOPIC_OR_PART)),
    _row("Kafka: the broker finds one message too large", before=_answers(KafkaError.MSG_SIZE_TOO_LARGE, 1),
         during=_flushes, expects=sets_aside(1, 1)),
    _row("Kafka: messages too large for the producer", act="dense", options={"message.max.bytes": 20_000},
         during=_flushes, expects=smaller),
    _row("Kafka: queue of the producer full", options={"queue.buffering.max.messages": 3},
         during=_flushes, expects=passes),
]  # fmt: skip
