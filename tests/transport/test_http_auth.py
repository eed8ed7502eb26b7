"""Tokens: where they come from, when they are renewed, and that nobody ever reads them."""

import sys

import pytest

from lineage_kit.errors import BrokenDestination, ConfigError, Unreachable
from lineage_kit.transport.http import (
    ApiKeyTokenProvider,
    HttpConfig,
    HttpTransport,
    TokenProvider,
    create_provider,
)
from lineage_kit.transport.registry import create


def http(server, auth):
    """A transport to `server`."""
    return HttpTransport(HttpConfig(url=server.url, auth=auth))


@pytest.fixture
def tokens(tmp_path, monkeypatch):
    """A module of the user's own with token providers."""
    (tmp_path / "my_tokens.py").write_text(
        "class Rotating:\n"
        "    def __init__(self, config):\n"
        "        self.words = iter(config['words'])\n"
        "    def get_bearer(self):\n"
        "        return 'Bearer ' + next(self.words)\n"
        "class Broken:\n"
        "    def __init__(self, config):\n"
        "        raise RuntimeError('cannot use ' + config['password'])\n"
        "    def get_bearer(self): ...\n"
        "class Bearerless:\n"
        "    def get_barer(self): ...\n"
        "def function(): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("my_tokens", None)


@pytest.mark.parametrize("key", ["apiKey", "apikey", "api_key"])
def test_an_api_key_is_sent_as_a_bearer_token(server, envelope, key) -> None:
    """In each spelling, and exactly as it was written."""
    transport = http(server, {"type": "api_key", key: "1e5"})
    transport.send(envelope())
    transport.close()
    assert server.requests()[0].headers["authorization"] == "Bearer 1e5"


def test_the_first_spelling_of_an_api_key_wins() -> None:
    """As in the existing client: camelCase, lowercase, snake_case."""
    assert ApiKeyTokenProvider({"api_key": "c", "apikey": "b", "apiKey": "a"}).get_bearer() == "Bearer a"


def test_a_provider_by_dotted_path_gets_the_auth_mapping(server, envelope, tokens) -> None:
    """It is taken by its shape: get_bearer() is enough."""
    transport = create(
        {"type": "http", "url": server.url, "auth": {"type": "my_tokens.Rotating", "words": ["one", "two"]}}
    )
    transport.send(envelope())
    transport.send(envelope())
    transport.close()
    assert [request.headers["authorization"] for request in server.requests()] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("status", [401, 403, 407])
def test_a_refused_token_is_renewed_once(server, envelope, tokens, status) -> None:
    """The same event goes again with the new one."""
    server.answer(status)
    transport = http(server, {"type": "my_tokens.Rotating", "words": ["old", "new"]})
    assert transport.send(envelope()) == "201 Created"
    transport.close()
    first, second = server.requests()
    assert (first.headers["authorization"], second.headers["authorization"]) == ("Bearer old", "Bearer new")
    assert first.body == second.body


def test_a_token_that_does_not_change_is_not_tried_again(server, envelope) -> None:
    """A fixed key that is refused is a broken destination after one request."""
    server.always(401)
    transport = http(server, {"type": "api_key", "apiKey": "k"})
    with pytest.raises(BrokenDestination, match="credentials"):
        transport.send(envelope())
    transport.close()
    assert len(server.requests()) == 1


def test_refresh_is_called_when_the_provider_has_it(server, envelope) -> None:
    """So that one which caches its token can fetch another."""

    class Caching(TokenProvider):
        token = "stale"

        def get_bearer(self):
            return f"Bearer {self.token}"

        def refresh(self):
            self.token = "fresh"

    server.answer(401)
    transport = http(server, Caching())
    transport.send(envelope())
    transport.close()
    assert [request.headers["authorization"][7:] for request in server.requests()] == ["stale", "fresh"]


def test_a_token_that_is_refused_twice_breaks_the_destination(server, envelope, tokens) -> None:
    """There is one new try, not a loop."""
    server.always(403)
    transport = http(server, {"type": "my_tokens.Rotating", "words": ["a", "b", "c"]})
    with pytest.raises(BrokenDestination):
        transport.send(envelope())
    transport.close()
    assert len(server.requests()) == 2


def test_a_provider_that_raises_is_worth_another_try(server, envelope) -> None:
    """The kind of error is told, its text is not: it may hold the token."""

    class Failing(TokenProvider):
        def get_bearer(self):
            raise RuntimeError("token hunter2 expired")

    transport = http(server, Failing())
    with pytest.raises(Unreachable, match=r"Failing.get_bearer\(\) raised RuntimeError") as caught:
        transport.send(envelope())
    assert "hunter2" not in str(caught.value)
    assert server.requests() == []


@pytest.mark.parametrize("token", ["Bearer a\r\nX: y", b"bytes", 5])
def test_a_token_that_is_no_line_of_text_breaks_the_destination(server, envelope, token) -> None:
    """It cannot smuggle in headers."""

    class Odd(TokenProvider):
        def get_bearer(self):
            return token

    with pytest.raises(BrokenDestination, match="no text of one line"):
        http(server, Odd()).send(envelope())


def test_no_token_means_no_header(server, envelope) -> None:
    """The base class provides none."""
    transport = http(server, TokenProvider({}))
    transport.send(envelope())
    transport.close()
    assert "authorization" not in server.requests()[0].headers


def test_an_answer_that_repeats_the_token_is_masked(server, envelope) -> None:
    """What a server says ends up in logs."""
    server.answer(400, body="bad token hunter2-long")
    transport = http(server, {"type": "api_key", "apiKey": "hunter2-long"})
    with pytest.raises(Exception, match=r"bad token \*\*\*") as caught:
        transport.send(envelope())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("auth", [None, {}])
def test_auth_may_be_null(auth) -> None:
    """A variable that was not set, or a heading without lines, is no auth."""
    assert create_provider(auth) is None


WRONG = [
    ({"apiKey": "k"}, "the key 'type' is missing"),
    ({"type": "api_key"}, "the key 'apiKey' is missing"),
    ({"type": "api_key", "apiKy": "k"}, "by 'apiKy'"),
    ({"type": "apikey", "apiKey": "k"}, "did you mean 'api_key'?"),
    ({"type": "jwt", "apiKey": "k"}, "does not yet"),
    ({"type": "oauth2"}, "does not yet"),
    ({"type": "my_tokens.Nothing"}, "has no 'Nothing'"),
    ({"type": "my_tokens.rotating", "words": []}, "did you mean 'Rotating'?"),
    ({"type": "my_tokens.Bearerless"}, "has no method get_bearer(); did you mean 'get_barer'?"),
    ({"type": "my_tokens.function"}, "is no class"),
    ({"type": "my_tokens.Broken", "password": "hunter2"}, "RuntimeError: cannot use ***"),
    ({"type": "no_such_module.Provider"}, "there is no module 'no_such_module'"),
    ("api_key", "expected a mapping"),
    (object(), "no token provider"),
    (TokenProvider, "no token provider"),
]


@pytest.mark.parametrize(("auth", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_auth_is_refused_where_it_is_written(tokens, auth, message) -> None:
    """Never sent without credentials instead, and no secret in the message."""
    with pytest.raises(ConfigError, match="auth") as caught:
        create({"type": "http", "url": "http://backend", "auth": auth})
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_no_repr_shows_a_key() -> None:
    """Of the provider, its options, and the transport."""
    provider = ApiKeyTokenProvider({"apiKey": "hunter2"})
    config = HttpConfig(
        url="http://b", auth={"type": "api_key", "apiKey": "hunter2"}, custom_headers={"X-Key": "hunter2"}
    )
    for thing in (provider, config, HttpTransport(config), HttpConfig(url="http://b", auth=provider)):
        assert "hunter2" not in repr(thing)
        assert "hunter2" not in str(getattr(thing, "__rich_repr__", list)())
