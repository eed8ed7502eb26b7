"""The HTTP wire: options and token providers load without requests, which comes with the first event."""

from lineage_kit.transport.http.auth import ApiKeyTokenProvider, TokenProvider, create_provider
from lineage_kit.transport.http.options import HttpCompression, HttpConfig, RetryOptions, SslContext
from lineage_kit.transport.http.transport import HttpTransport

__all__ = [
    "ApiKeyTokenProvider",
    "HttpCompression",
    "HttpConfig",
    "HttpTransport",
    "RetryOptions",
    "SslContext",
    "TokenProvider",
    "create_provider",
]
