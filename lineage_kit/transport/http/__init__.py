"""The HTTP wire: options and token providers load without requests, which comes with the first event."""

from lineage_kit.transport.http.auth import ApiKeyTokenProvider, TokenProvider, create_provider
from lineage_kit.transport.http.options import HttpCompression, HttpConfig, RetryOptions, SslContext
from lineage_kit.transport.http.transport import HttpTransport

create_token_provider = create_provider
HttpSslContextConfig = SslContext
"""The same, as programs for the OpenLineage client call them."""

__all__ = [
    "ApiKeyTokenProvider",
    "HttpCompression",
    "HttpConfig",
    "HttpSslContextConfig",
    "HttpTransport",
    "RetryOptions",
    "SslContext",
    "TokenProvider",
    "create_provider",
    "create_token_provider",
]
