"""What programs for the OpenLineage client give beside a URL: its options and a session, as keys of ``transport``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from lineage_kit.errors import ConfigError
from lineage_kit.strangers import type_name


class OpenLineageClientOptions(msgspec.Struct, frozen=True):
    """How to reach the HTTP backend at the ``url`` beside it; the keys of the `http` transport say the same and more.

    timeout: seconds for a whole attempt. verify: False trusts any certificate, a path names authorities to trust.
    api_key: sent as ``Authorization: Bearer …``. adapter: a `requests` adapter, used for that url.
    """

    timeout: float = 5.0
    verify: bool | str = True
    api_key: str | None = None
    adapter: Any = None

    def __repr__(self) -> str:
        return f"OpenLineageClientOptions(timeout={self.timeout}, verify={self.verify!r})"


def with_options(
    config: Mapping[str, Any] | str | os.PathLike[str] | None,
    url: str | None,
    options: OpenLineageClientOptions | None,
    session: Any,
) -> Mapping[str, Any] | str | os.PathLike[str] | None:
    """`config` with what is given beside `url` in its section ``transport``. Raises `ConfigError` without a `url`."""
    if options is None and session is None:
        return config
    if url is None:
        raise ConfigError("options and session say how to reach a url: give `url` too, or use `config`")
    if not isinstance(options, OpenLineageClientOptions | None):
        raise ConfigError(f"options: found {type_name(options)}, expected OpenLineageClientOptions(…)")
    if isinstance(config, (str, os.PathLike)):
        raise ConfigError(
            "options and session stand beside a `config` that is a mapping, not the path of a file"
        )
    section = {} if session is None else {"session": session}
    section |= _keys(options) if options is not None else {}
    given = dict(config or {})
    transport = given.get("transport")
    return given | {"transport": section | dict(transport) if isinstance(transport, Mapping) else section}


def _keys(options: OpenLineageClientOptions) -> dict[str, Any]:
    keys: dict[str, Any] = {"timeout": options.timeout, "verify": options.verify}
    if options.api_key is not None:
        keys["auth"] = {"type": "api_key", "apiKey": options.api_key}
    if options.adapter is not None:
        keys["adapter"] = options.adapter
    return keys
