"""Where the Authorization header comes from: an API key, a class of the user's own, or the user in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineage_kit.config import not_yet, plain
from lineage_kit.config.dotted import construct, fault, load_class
from lineage_kit.config.problems import clip, names_a_type, nearest, show
from lineage_kit.config.tree import is_null, origin_of
from lineage_kit.errors import BrokenDestination, ConfigError, Unreachable
from lineage_kit.transport.http.address import is_one_line

EXPECTED = "it is 'api_key' or the dotted path of a class with get_bearer()"
API_KEY_SPELLINGS = ("apiKey", "apikey", "api_key")  # the first that is there wins


class TokenProvider:
    """Base of token providers; one's own need not derive from it, having ``get_bearer`` is enough.

    It is built with the mapping under ``auth``. When the destination answers 401, its ``refresh()`` is called if it
    has one, then ``get_bearer`` again.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = config

    def get_bearer(self) -> str | None:
        """The whole value of the Authorization header (``Bearer …``), or None to send none. May be slow, may raise."""
        return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class ApiKeyTokenProvider(TokenProvider):
    """``auth: {type: api_key, apiKey: …}``: the key as a bearer token."""

    def __init__(self, config: Mapping[str, Any], path: str = "auth") -> None:
        found = next((key for key in API_KEY_SPELLINGS if not is_null(config.get(key))), None)
        if found is None:
            close = next((key for key in config if nearest(str(key), API_KEY_SPELLINGS)), None)
            hint = f"; did you mean it by {clip(str(close))}?" if close else ""
            raise fault(f"the key 'apiKey' is missing{hint}", path, config)
        _refuse_unknown(config, path)
        if not isinstance(config[found], str) or not is_one_line(str(config[found])):
            raise fault("the API key must be a text of one line", f"{path}.{found}", config[found])
        if not config[found].strip():
            raise fault(
                "the API key is empty; `auth: null` is no authentication", f"{path}.{found}", config[found]
            )
        self.api_key = str(config[found]).strip()  # as it was written: 1e5 is no number here
        super().__init__(None)

    def get_bearer(self) -> str:
        """The header's value."""
        return f"Bearer {self.api_key}"


def _refuse_unknown(config: Mapping[str, Any], path: str) -> None:
    unknown = next((key for key in config if key not in ("type", *API_KEY_SPELLINGS)), None)
    if unknown is not None:
        shown = (
            clip(str(unknown)) if str(unknown).replace("_", "").isalpha() else "(not shown, it may be secret)"
        )
        raise fault(f"unknown key {shown}; there are 'type' and 'apiKey'", path, config)


def create_provider(auth: Any, path: str = "$.transport.auth") -> Any:
    """The object with ``get_bearer`` that the ``auth`` setting asks for; None when it is absent or null.

    Raises `ConfigError`; the values of the mapping are not repeated in it.
    """
    if is_null(auth) or auth == {}:
        return None
    if not isinstance(auth, Mapping):
        return _require_bearer(auth, path)
    kind = auth.get("type")
    if is_null(kind) or not isinstance(kind, str):
        raise fault(f"the key 'type' is missing; {EXPECTED}", path, auth)
    if kind == "api_key":
        return ApiKeyTokenProvider(auth, path)
    cls = _class(kind, f"{path}.type")
    options = plain(auth)
    return construct(lambda: cls(options), str(kind), options, path)


def bearer(provider: Any) -> str | None:
    """What the provider wants sent. Whatever it raises is worth another try; none of its text is repeated."""
    if provider is None:
        return None
    token = _ask(provider, "get_bearer")
    if token is None or (isinstance(token, str) and is_one_line(token)):
        return token
    raise BrokenDestination(f"{type(provider).__name__}.get_bearer() gave no text of one line")


def refreshed(provider: Any, old: str | None) -> str | None:
    """A token other than `old`, after asking the provider to refresh; None when there is no other."""
    if callable(getattr(provider, "refresh", None)):
        _ask(provider, "refresh")
    new = bearer(provider)
    return new if new != old else None


def _ask(provider: Any, method: str) -> Any:
    try:
        return getattr(provider, method)()
    except Exception as error:
        text = f"{type(provider).__name__}.{method}() raised {type(error).__name__}"
        raise Unreachable(text) from error


def _class(kind: str, path: str) -> type:
    origin = origin_of(kind)
    refusal = not_yet("auth", str(kind), f"{origin}, at {path}" if origin else f"at {path}")
    if refusal is not None:
        raise refusal
    if "." in kind or ":" in kind:
        return load_class(kind, path, "get_bearer")
    near = nearest(str(kind), ["api_key"])
    text = (
        f"unknown type {str(kind)!r}; did you mean {near!r}?"
        if near
        else f"found {show(kind, path)}; {EXPECTED}"
    )
    if not names_a_type(str(kind)):
        text = f"found {show(kind, path)}; {EXPECTED}"
    if kind.lower() == "basic":
        text += "; a user and password go into the url, https://user:password@host"
    raise fault(text, path, kind)


def _require_bearer(provider: Any, path: str) -> Any:
    if isinstance(provider, (str, int, float, list, tuple)):
        raise fault(f"expected a mapping with the key 'type', found {show(provider, path)}", path, provider)
    if isinstance(provider, type) or not callable(getattr(provider, "get_bearer", None)):
        name = getattr(provider, "__qualname__", type(provider).__name__)
        raise ConfigError(f"at {path}: {name} is no token provider: an object with get_bearer() is expected")
    return provider
