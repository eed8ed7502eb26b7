"""One wire per file: each makes one attempt to send one event; classes and their options are loaded when named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineage_kit.transport.base import Config, Transport

if TYPE_CHECKING:
    from lineage_kit.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
    from lineage_kit.transport.composite import CompositeConfig, CompositeTransport
    from lineage_kit.transport.console import ConsoleConfig, ConsoleTransport
    from lineage_kit.transport.file import FileConfig, FileTransport
    from lineage_kit.transport.http import (
        ApiKeyTokenProvider,
        HttpCompression,
        HttpConfig,
        HttpTransport,
        TokenProvider,
        create_token_provider,
    )
    from lineage_kit.transport.kafka import KafkaConfig, KafkaTransport
    from lineage_kit.transport.local import LocalConfig, LocalTransport
    from lineage_kit.transport.memory import MemoryConfig, MemoryTransport
    from lineage_kit.transport.noop import NoopConfig, NoopTransport, NullConfig, NullTransport
    from lineage_kit.transport.registry import create, register_transport

_HOMES = {
    "async_http": ("AsyncHttpConfig", "AsyncHttpTransport"),
    "composite": ("CompositeConfig", "CompositeTransport"),
    "console": ("ConsoleConfig", "ConsoleTransport"),
    "file": ("FileConfig", "FileTransport"),
    "http": (
        "ApiKeyTokenProvider",
        "HttpCompression",
        "HttpConfig",
        "HttpTransport",
        "TokenProvider",
        "create_token_provider",
    ),
    "kafka": ("KafkaConfig", "KafkaTransport"),
    "local": ("LocalConfig", "LocalTransport"),
    "memory": ("MemoryConfig", "MemoryTransport"),
    "noop": ("NoopConfig", "NoopTransport", "NullConfig", "NullTransport"),
    "registry": ("create", "register_transport"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ApiKeyTokenProvider",
    "AsyncHttpConfig",
    "AsyncHttpTransport",
    "CompositeConfig",
    "CompositeTransport",
    "Config",
    "ConsoleConfig",
    "ConsoleTransport",
    "FileConfig",
    "FileTransport",
    "HttpCompression",
    "HttpConfig",
    "HttpTransport",
    "KafkaConfig",
    "KafkaTransport",
    "LocalConfig",
    "LocalTransport",
    "MemoryConfig",
    "MemoryTransport",
    "NoopConfig",
    "NoopTransport",
    "NullConfig",
    "NullTransport",
    "TokenProvider",
    "Transport",
    "create",
    "create_token_provider",
    "register_transport",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
