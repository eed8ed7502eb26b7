"""The Kafka wire: options load without confluent-kafka, which comes with the first event."""

from lineage_kit.transport.kafka.options import KafkaConfig
from lineage_kit.transport.kafka.transport import KafkaTransport

__all__ = ["KafkaConfig", "KafkaTransport"]
