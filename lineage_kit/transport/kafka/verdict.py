"""What an error of librdkafka means for the message and for the destination."""

from __future__ import annotations

from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, TransportError

VERDICTS: dict[str, type[TransportError]] = {
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
