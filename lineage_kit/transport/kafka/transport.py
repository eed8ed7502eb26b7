"""One event, one Kafka message; the broker's delivery report decides whether it is there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lineage_kit.config.problems import HIDDEN, looks_secret
from lineage_kit.errors import MissingExtraError, TransportError, Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport, closed
from lineage_kit.transport.common import budget
from lineage_kit.transport.common.loading import prepare, undivided
from lineage_kit.transport.kafka.keeping import hold, let_go
from lineage_kit.transport.kafka.options import ADDRESSES, KafkaConfig
from lineage_kit.transport.kafka.verdict import VERDICTS

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

    Report = tuple[KafkaError | None, Message | None]

POLL_SECONDS = 0.1
LONGEST_WAIT = 3600.0  # seconds for reports; librdkafka ends each message by its own time before
MOST = 500  # messages produced before their reports are waited for
EVENT_ID_HEADER = "event-id"
_DEFAULTS = {
    "linger.ms": "0",  # one message is waited for at a time: there is nothing to gather
    "message.timeout.ms": "10000",  # trying again is the delivery's work
}
_SAME_SETTING = {"message.timeout.ms": "delivery.timeout.ms", "linger.ms": "queue.buffering.max.ms"}


class KafkaTransport(Transport):
    """``type: kafka``: confluent-kafka is loaded, and a producer made, with the first event of each process."""

    kind: ClassVar[str | None] = "kafka"
    config_class: ClassVar[type] = KafkaConfig
    most = MOST

    def __init__(self, config: KafkaConfig) -> None:
        from importlib.util import find_spec

        self.config: KafkaConfig = config
        if find_spec("confluent_kafka") is None:
            raise MissingExtraError("The kafka transport", "confluent_kafka", "kafka")
        self._producer: Producer | None = None
        prepare()
        self._pid = -1
        self._trouble: KafkaError | None = None
        self._closed = False

    def send(self, envelope: Envelope) -> str:
        """Produce one message and wait for its delivery report; gives back where it stands in the topic."""
        if self._closed:
            raise closed(self)
        refusal, message = self._produced([envelope])[0]
        if refusal is not None:
            raise self._failure(refusal)
        if message is None:
            return "delivered"
        return f"partition {message.partition()} offset {message.offset()}"

    def send_many(self, envelopes: Sequence[Envelope]) -> Sequence[BaseException | None]:
        """Produce several messages, of different runs, and wait for the reports of all."""
        if self._closed:
            raise closed(self)
        reports = self._produced(envelopes)
        return [None if report[0] is None else self._failure(report[0]) for report in reports]

    def _produced(self, envelopes: Sequence[Envelope]) -> list[Report]:
        """The delivery reports, in the order of the events. Raises what keeps all of them from being known."""
        with undivided():
            from confluent_kafka import KafkaException

        self._trouble = None
        reports: dict[int, Report] = {}
        deadline = time.monotonic() + budget.at_most(LONGEST_WAIT)
        try:
            producer = self._open_producer()
            for number, envelope in enumerate(envelopes):
                try:
                    self._produce(producer, envelope, _reporter(reports, number), deadline)
                except KafkaException as error:  # of this one alone: it is too large, say
                    reports[number] = error.args[0], None
            self._wait(producer, lambda: len(reports) == len(envelopes), deadline)
        except KafkaException as error:
            raise self._failure(error.args[0]) from error
        return [reports[number] for number in range(len(envelopes))]

    def _produce(
        self, producer: Producer, envelope: Envelope, report: Callable[[Any, Any], None], deadline: float
    ) -> None:
        """Hand one message to the producer, as soon as there is room for it."""
        while True:
            try:
                producer.produce(
                    self.config.topic,
                    envelope.body,
                    key=self.config.message_key or envelope.key,
                    headers=[(EVENT_ID_HEADER, envelope.event_id.encode())],
                    on_delivery=report,
                )
            except BufferError as error:
                if self._closed or time.monotonic() > deadline:
                    raise Unreachable("the producer's queue is full") from error
                producer.poll(POLL_SECONDS)
            else:
                producer.poll(0)
                return

    def _wait(self, producer: Producer, reached: Callable[[], bool], deadline: float) -> None:
        """Let reports come in until `reached()`; raises `Unreachable` when they do not."""
        while not reached():
            if self._closed or time.monotonic() > deadline:
                raise Unreachable("given up while waiting for the delivery report")
            producer.poll(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))

    def close(self, timeout: float = 1.0) -> None:
        """Wait at most `timeout` seconds for what is on its way, then let the producer go."""
        self._closed = True
        producer, self._producer = self._producer, None
        if producer is not None and self._pid == os.getpid():
            producer.flush(timeout)
            producer.purge()
            producer.poll(0)
            let_go(producer)

    def describe(self) -> str:
        """Topic and brokers."""
        settings = self.config.settings
        where = next((str(settings[key]) for key in ADDRESSES if settings.get(key)), "a mock cluster")
        return f"topic {self.config.topic} at {where}"

    def __repr__(self) -> str:
        return f"KafkaTransport({self.describe()})"

    def _open_producer(self) -> Producer:
        """The producer of this process; what a forked child inherited has no threads and is left alone."""
        if self._producer is None or self._pid != os.getpid():
            from confluent_kafka import Producer

            self._producer = Producer(self._settings())
            self._pid = os.getpid()
            hold(self._producer)
        return self._producer

    def _settings(self) -> dict[str, Any]:
        given = self.config.settings
        user_callback = given.get("error_cb")

        def note_trouble(error: KafkaError) -> None:
            if self._trouble is None or error.name() in VERDICTS:
                self._trouble = error
            if user_callback is not None:
                user_callback(error)

        defaults = {key: value for key, value in _DEFAULTS.items() if _SAME_SETTING[key] not in given}
        settings = defaults | {key: _as_text(value) for key, value in given.items()}
        return settings | {"error_cb": note_trouble, "logger": given.get("logger") or _Quiet()}

    def _failure(self, error: KafkaError) -> TransportError:
        """The verdict of an error; a message that timed out is explained by what the client met meanwhile."""
        cause = error
        if error.name() in ("_MSG_TIMED_OUT", "_TIMED_OUT") and self._trouble is not None:
            cause = self._trouble
        if error.fatal():
            producer, self._producer = self._producer, None
            if producer is not None:
                let_go(producer)
        text = f"{cause.name()}: {cause.str()}"
        for key, value in self.config.settings.items():
            if looks_secret(key) and value:
                text = text.replace(str(value), HIDDEN)
        return VERDICTS.get(cause.name(), Unreachable)(text)


def _reporter(reports: dict[int, Report], number: int) -> Callable[[Any, Any], None]:
    def report(error: Any, message: Any) -> None:
        reports[number] = (error, message)

    return report


class _Quiet:
    """Takes librdkafka's own log lines: every reconnection is one, and they would go to standard error."""

    def log(self, level: int, message: str, *arguments: object) -> None:
        import logging

        logging.getLogger("lineage_kit").debug(message, *arguments)


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if callable(value) or not isinstance(value, (int, float)) else str(value)
