"""The options of the Kafka transport: librdkafka's own settings, the topic, the key of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from msgspec.structs import force_setattr

from lineage_kit.errors import ConfigError
from lineage_kit.transport.base import Options

ADDRESSES = ("bootstrap.servers", "metadata.broker.list")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}").fullmatch
_MOCK = "test.mock.num.brokers"


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
    if not any(settings.get(key) for key in (*ADDRESSES, _MOCK)):
        raise ConfigError("config: the key 'bootstrap.servers' is missing, such as broker.example:9092")


def _from_json(text: str) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise ConfigError("config must be a mapping, or a text that holds one as JSON") from None
