"""Programs written for the OpenLineage client run after changing the import: names, constructors and modules."""

import importlib

import pytest

from lineage_kit import transport
from lineage_kit.transport import create

URL = "http://backend.example:5000"
KAFKA = {"config": {"bootstrap.servers": "b:9092"}, "topic": "t", "messageKey": "k", "flush": False}
AUTH = {"type": "api_key", "apiKey": "k"}
PAIRS = {
    "AsyncHttp": ("async_http", {"url": URL, "max_queue_size": 5, "max_concurrent_requests": 2}),
    "Composite": ("composite", {"transports": [{"type": "noop"}], "continue_on_failure": True}),
    "Console": ("console", {}),
    "File": ("file", {"log_file_path": "events.json", "append": True}),
    "Http": ("http", {"url": URL, "timeout": 5, "verify": False, "auth": AUTH, "retry": {"total": 7}}),
    "Kafka": ("kafka", KAFKA),
    "Noop": ("noop", {}),
}
NO_COUNTERPART = {
    *("AmazonDataZoneConfig", "AmazonDataZoneTransport", "DatadogConfig", "DatadogTransport"),
    *("GCPLineageConfig", "GCPLineageTransport", "MSKIAMConfig", "MSKIAMTransport"),
    *("TransformConfig", "TransformTransport", "TransportFactory", "get_default_factory"),
}
"""Of the names that the existing client's package exports: transports of later versions, and its factory."""
EXPORTED_THERE = {
    *("AsyncHttpConfig", "AsyncHttpTransport", "CompositeTransport", "Config", "ConsoleTransport"),
    *("FileTransport", "HttpConfig", "HttpTransport", "KafkaConfig", "KafkaTransport", "NoopTransport"),
    *("Transport", "register_transport"),
    *NO_COUNTERPART,
}


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_a_documented_pair_of_config_and_transport_works(name: str) -> None:
    """From the package and from the module of its own name, by constructor and by mapping; ``kind`` is the type."""
    kind, options = PAIRS[name]
    home = importlib.import_module(f"lineage_kit.transport.{kind}")
    config, cls = getattr(transport, f"{name}Config"), getattr(transport, f"{name}Transport")
    assert (getattr(home, f"{name}Config"), getattr(home, f"{name}Transport")) == (config, cls)
    built = cls(config(**options))
    assert built.kind == kind
    assert isinstance(built.config, config)
    assert isinstance(cls(config.from_dict(dict(options))), cls)
    assert isinstance(create({"type": kind, **options}), cls)


def test_names_of_the_existing_client_are_there_or_listed() -> None:
    """What its package exports is exported here, but for what this version does not have."""
    assert {name for name in EXPORTED_THERE if not hasattr(transport, name)} == NO_COUNTERPART


def test_token_providers_are_made_as_there() -> None:
    """By class and by mapping."""
    from lineage_kit.transport.http import ApiKeyTokenProvider, HttpSslContextConfig, create_token_provider

    assert ApiKeyTokenProvider({"apiKey": "k"}).get_bearer() == "Bearer k"
    assert create_token_provider(AUTH).get_bearer() == "Bearer k"
    assert HttpSslContextConfig.from_dict({}).certificate is None
