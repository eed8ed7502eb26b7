"""One event, one Kafka message; the broker's delivery report decides whether it is there."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from msgspec.structs import force_setattr

from lineage_kit.config.problems import HIDDEN, looks_secret
from lineage_kit.errors import (
    BrokenDestination,
    ConfigError,
    MissingExtraError,
    Rejected,
    TooLarge,
    TransportError,
    Unreachable,
)
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport, closed
from lineage_kit.transport.common import budget
from lineage_kit.transport.common.loading import prepare, undivided

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

POLL_SECONDS = 0.1
LONGEST_WAIT = 3600.0  # seconds for reports; librdkafka ends each message by its own time before
MOST = 500  # messages produced before their reports are waited for
EVENT_ID_HEADER = "event-id"
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}").fullmatch
_ADDRESSES = ("bootstrap.servers", "metadata.broker.list")
_MOCK = "test.mock.num.brokers"
_DEFAULTS = {
    "linger.ms": "0",  # one message is waited for at a time: there is nothing to gather
    "message.timeout.ms": "10000",  # trying again is the delivery's work
}
_SAME_SETTING = {"message.timeout.ms": "delivery.timeout.ms", "linger.ms": "queue.buffering.max.ms"}
_VERDICTS: dict[str, type[TransportError]] = {
    "INVALID_MSG": Rejected,
    "INVALID_MSG_SIZE": TooLarge,
    "INVALID_RECORD": Rejected,
    "MSG_SIZE_TOO_LARGE": TooLarge,
    "RECORD_LIST_TOO_LARGE": TooLarge,
    "CLUSTER_AUTHORIZATION_FAILED": BrokenDestination,
    "INVALID_REQUIRED_ACKS": BrokenDestination,
    "POLICY_VIOLATION": Rejected,
    "SASL_AUTHENTICATION_FAILED": BrokenDestination,
    "TOPIC_AUTHORIZATION_FAILED": BrokenDestination,
    "TOPIC_EXCEPTION": BrokenDestination,
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED": BrokenDestination,
    "UNKNOWN_TOPIC_ID": BrokenDestination,
    "UNKNOWN_TOPIC_OR_PART": BrokenDestination,
    "UNSUPPORTED_SASL_MECHANISM": BrokenDestination,
    "_AUTHENTICATION": BrokenDestination,
    "_INVALID_ARG": BrokenDestination,
    "_SSL": BrokenDestination,
    "_UNKNOWN_TOPIC": BrokenDestination,
}
"""Names of librdkafka's errors → whose fault; all others are worth another try."""


class KafkaConfig(Options, frozen=True):
    """config: settings of librdkafka's producer, a mapping or the same as JSON text. topic: where messages go.

    flush: accepted; the delivery's worker waits for the report of each message either way, the caller never.
    message_key: instead of the key made from the run's root, parent or job.
    """

    config: dict[str, Any] | str
    topic: str
    flush: bool = True
    message_key: str | None = None
    messageKey: str | None = None  # noqa: N815 - the same, as programs for the OpenLineage client spell it

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.messageKey is not None and self.message_key is None:
            force_setattr(self, "message_key", self.messageKey)
        if isinstance(self.config, str):
            force_setattr(self, "config", _from_json(self.config))

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A topic that cannot exist, and settings that no producer takes."""
        if "topic" in given and not _TOPIC(given["topic"]):
            yield "topic", f"topic {_unfit(given['topic'])}: letters, digits, '.', '_' and '-' make a name"
        if "config" in given:
            try:
                config = given["config"]
                _check_values(_from_json(config) if isinstance(config, str) else config)
            except ConfigError as error:
                yield "config", str(error)

    @property
    def settings(self) -> dict[str, Any]:
        """What librdkafka is told; text became a mapping when this was made."""
        return cast("dict[str, Any]", self.config)


def _unfit(topic: str) -> str:
    """Why no topic has this name, which is not repeated: what was meant for another line may be secret."""
    if not topic:
        return "is empty"
    wrong = next((character for character in topic if not _TOPIC(character)), "")
    return f"has {wrong!r} in it" if wrong else "is longer than 249 characters"


def _check_values(settings: dict[str, Any]) -> None:
    for key, value in settings.items():
        if not (isinstance(value, (str, int, float)) or callable(value) or key == "logger"):
            inner = f", such as {key}.{next(iter(value))!s:.40}" if isinstance(value, dict) and value else ""
            hint = f"; names are written with dots{inner}" if isinstance(value, dict) else ""
            raise ConfigError(f"config: the value of {key!r} must be a text, a number or true or false{hint}")
    if not any(settings.get(key) for key in (*_ADDRESSES, _MOCK)):
        raise ConfigError("config: the key 'bootstrap.servers' is missing, such as broker.example:9092")


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
        reports = self._produced([envelope])
        refusal, message = reports[0]
        if refusal is not None:
            raise self._failure(refusal)
        return f"partition {message.partition()} offset {message.offset()}"

    def send_many(self, envelopes: Sequence[Envelope]) -> Sequence[BaseException | None]:
        """Produce several messages, of different runs, and wait for the reports of all."""
        if self._closed:
            raise closed(self)
        reports = self._produced(envelopes)
        return [None if report[0] is None else self._failure(report[0]) for report in reports]

    def _produced(self, envelopes: Sequence[Envelope]) -> list[tuple[KafkaError | None, Message]]:
        """The delivery reports, in the order of the events. Raises what keeps all of them from being known."""
        with undivided():
            from confluent_kafka import KafkaException

        self._trouble = None
        reports: dict[int, tuple[KafkaError | None, Message]] = {}
        deadline = time.monotonic() + budget.at_most(LONGEST_WAIT)
        try:
            producer = self._open_producer()
            for number, envelope in enumerate(envelopes):
                producer.produce(
                    self.config.topic,
                    envelope.body,
                    key=self.config.message_key or envelope.key,
                    headers=[(EVENT_ID_HEADER, envelope.event_id.encode())],
                    on_delivery=_reporter(reports, number),
                )
                producer.poll(0)
            while len(reports) < len(envelopes):
                if self._closed or time.monotonic() > deadline:
                    raise Unreachable("given up while waiting for the delivery report")
                producer.poll(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
        except BufferError as error:
            raise Unreachable("the producer's queue is full") from error
        except KafkaException as error:
            raise self._failure(error.args[0]) from error
        return [reports[number] for number in range(len(envelopes))]

    def close(self, timeout: float = 1.0) -> None:
        """Wait at most `timeout` seconds for what is on its way, then let the producer go."""
        self._closed = True
        producer, self._producer = self._producer, None
        if producer is not None and self._pid == os.getpid():
            producer.flush(timeout)
            producer.purge()
            producer.poll(0)
            _let_go(producer)

    def describe(self) -> str:
        """Topic and brokers."""
        settings = self.config.settings
        where = next((str(settings[key]) for key in _ADDRESSES if settings.get(key)), "a mock cluster")
        return f"topic {self.config.topic} at {where}"

    def __repr__(self) -> str:
        return f"KafkaTransport({self.describe()})"

    def _open_producer(self) -> Producer:
        """The producer of this process; what a forked child inherited has no threads and is left alone."""
        if self._producer is None or self._pid != os.getpid():
            from confluent_kafka import Producer

            self._producer = Producer(self._settings())
            self._pid = os.getpid()
            _hold(self._producer)
        return self._producer

    def _settings(self) -> dict[str, Any]:
        given = self.config.settings
        user_callback = given.get("error_cb")

        def note_trouble(error: KafkaError) -> None:
            if self._trouble is None or error.name() in _VERDICTS:
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
                _let_go(producer)
        text = f"{cause.name()}: {cause.str()}"
        for key, value in self.config.settings.items():
            if looks_secret(key) and value:
                text = text.replace(str(value), HIDDEN)
        return _VERDICTS.get(cause.name(), Unreachable)(text)


def _reporter(reports: dict[int, Any], number: int) -> Callable[[Any, Any], None]:
    def report(error: Any, message: Any) -> None:
        reports[number] = (error, message)

    return report


class _Quiet:
    """Takes librdkafka's own log lines: every reconnection is one, and they would go to standard error."""

    def log(self, level: int, message: str, *arguments: object) -> None:
        import logging

        logging.getLogger("lineage_kit").debug(message, *arguments)


def _from_json(text: str) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise ConfigError("config must be a mapping, or a text that holds one as JSON") from None


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if callable(value) or not isinstance(value, (int, float)) else str(value)


def _reference(change: str) -> Callable[[Any], None]:
    import ctypes

    def apply(producer: Any) -> None:
        getattr(ctypes.pythonapi, change)(ctypes.py_object(producer))

    return apply


def _hold(producer: Any) -> None:
    """Keep a producer from being destroyed behind our back.

    In a forked child the threads that its destruction waits for do not exist: the child would hang or crash when the
    interpreter ends, whether it ever sent an event or not. So one reference is never given back but by `_let_go`.
    """
    _reference("Py_IncRef")(producer)


def _let_go(producer: Any) -> None:
    _reference("Py_DecRef")(producer)
