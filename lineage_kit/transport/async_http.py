"""The HTTP transport under the names that the OpenLineage client has for its second one: here no event waits anyway."""

from __future__ import annotations

from typing import ClassVar

from lineage_kit.transport.http import HttpConfig, HttpTransport


class AsyncHttpConfig(HttpConfig, frozen=True):
    """The options of `HttpConfig`."""


class AsyncHttpTransport(HttpTransport):
    """``type: async_http``: what `HttpTransport` is."""

    kind: ClassVar[str | None] = "async_http"
    config_class: ClassVar[type] = AsyncHttpConfig
