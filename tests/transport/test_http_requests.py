"""HTTP against a real server in another process: what is sent, where to, and how it is packed."""

import base64
import os
import subprocess
import sys

import pytest

from lineage_kit.errors import ConfigError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.http import HttpCompression, HttpConfig, HttpTransport
from lineage_kit.transport.registry import create


def sent(server, envelope, **options):
    """The request that one event makes."""
    transport = HttpTransport(HttpConfig(**{"url": server.url, **options}))
    transport.send(envelope)
    transport.close()
    return server.requests()[-1]


def test_an_event_is_one_post_of_its_exact_bytes(server, envelope) -> None:
    """With the standard's endpoint, a content type, our name, and a key by which duplicates are known."""
    event = envelope("läden ☃")
    request = sent(server, event)
    assert (request.method, request.path, request.body) == ("POST", "/api/v1/lineage", event.body)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("lineage-kit/")
    assert request.headers["idempotency-key"] == event.event_id
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("base", "endpoint", "path"),
    [
        ("", "api/v1/lineage", "/api/v1/lineage"),
        ("/", "/api/v1/lineage", "/api/v1/lineage"),
        ("/proxy", "api/v1/lineage", "/proxy/api/v1/lineage"),
        ("/proxy/", "/api/v1/lineage", "/proxy/api/v1/lineage"),
        ("/a/b", "events", "/a/b/events"),
        ("/api/v1/lineage", "api/v1/lineage", "/api/v1/lineage"),
        ("/api/v1/lineage/", "api/v1/lineage", "/api/v1/lineage"),
        ("/hook", "", "/hook"),
        ("/hook?code=x1", "in", "/hook/in?code=x1"),
        ("/hook?a=1", "in?b=2", "/hook/in?a=1&b=2"),
    ],
)
def test_the_endpoint_is_joined_below_the_path_of_the_url(server, envelope, base, endpoint, path) -> None:
    """Slashes do not matter, the base path stays, and an address that is whole already is left alone."""
    assert sent(server, envelope(), url=server.url + base, endpoint=endpoint).path == path


def test_gzip_packs_the_body(server, envelope) -> None:
    """The unpacked body is the event; the key stays that of the event itself."""
    event = envelope()
    request = sent(server, event, compression=HttpCompression.GZIP)
    assert request.headers["content-encoding"] == "gzip"
    assert request.document == event.body
    assert request.headers["idempotency-key"] == event.event_id


def test_custom_headers_are_sent_and_win_over_ours(server, envelope) -> None:
    """Whatever the case of their names; nothing is sent twice."""
    headers = {"X-Team": "sales", "user-agent": "etl", "AUTHORIZATION": "Custom abc"}
    auth = {"type": "api_key", "apiKey": "not-sent"}
    received = sent(server, envelope(), custom_headers=headers, auth=auth).headers
    assert received["x-team"] == "sales"
    assert received["user-agent"] == "etl"
    assert received["authorization"] == "Custom abc"


def test_netrc_never_replaces_or_adds_credentials(server, envelope, monkeypatch, tmp_path) -> None:
    """Neither where a token is configured nor where none is."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login intruder password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    auth = {"type": "api_key", "apiKey": "ours"}
    assert sent(server, envelope(), auth=auth).headers["authorization"] == "Bearer ours"
    assert "authorization" not in sent(server, envelope()).headers


def test_a_user_in_the_url_is_basic_authentication(server, envelope) -> None:
    """It is unquoted, sent as a header, and shown nowhere."""
    url = server.url.replace("//", "//me:p%40ss@")
    request = sent(server, envelope(), url=url)
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"me:p@ss").decode()
    transport = HttpTransport(HttpConfig(url=url))
    for text in (repr(transport), repr(transport.config), transport.describe()):
        assert "p%40ss" not in text
        assert "p@ss" not in text


def test_one_connection_serves_many_events(server, envelope) -> None:
    """The session is kept."""
    transport = HttpTransport(HttpConfig(url=server.url))
    for _ in range(5):
        transport.send(envelope())
    transport.close()
    assert len({request.connection for request in server.requests()}) == 1


def test_a_connection_that_the_server_closed_is_replaced(server, envelope) -> None:
    """An idle connection ends on the other side; the next event goes through."""
    transport = HttpTransport(HttpConfig(url=server.url))
    server.answer(201, headers={"Connection": "close"})
    transport.send(envelope())
    assert transport.send(envelope()) == "201 Created"
    transport.close()


def test_async_http_is_the_same_transport(server, envelope) -> None:
    """With the keys that only it has in existing configurations."""
    options = {"max_queue_size": 5, "maxConcurrentRequests": "2"}
    transport = create({"type": "async_http", "url": server.url, **options})
    assert isinstance(transport, HttpTransport)
    assert transport.send(envelope()) == "201 Created"
    transport.close()


def test_a_session_of_ones_own_is_used(server, envelope) -> None:
    """What it adds to requests is kept, its own credentials too."""
    import requests

    session = requests.Session()
    session.headers["X-Mine"] = "1"
    session.auth = ("me", "pw")
    received = sent(server, envelope(), session=session).headers
    assert received["x-mine"] == "1"
    assert received["authorization"].startswith("Basic ")


def test_an_adapter_of_ones_own_is_used(server, envelope) -> None:
    """It is mounted for both schemes."""
    from requests.adapters import HTTPAdapter

    class Marking(HTTPAdapter):
        def add_headers(self, request, **kwargs):
            request.headers["X-Adapter"] = "1"

    assert sent(server, envelope(), adapter=Marking()).headers["x-adapter"] == "1"


def test_a_proxy_from_the_environment_is_used(server, envelope, monkeypatch) -> None:
    """The proxy is asked for the whole address."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    transport = HttpTransport(HttpConfig(url="http://backend.example:5000"))
    assert transport.send(envelope()) == "201 Created"
    transport.close()
    assert server.requests()[0].path == "http://backend.example:5000/api/v1/lineage"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_opens_a_connection_of_its_own(server, envelope) -> None:
    """And the parent's goes on."""
    program = f"""
import os
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.http import HttpConfig, HttpTransport
transport = HttpTransport(HttpConfig(url={server.url!r}))
transport.send(Envelope(b'"parent"', "k"))
child = os.fork()
transport.send(Envelope(b'"child"' if child == 0 else b'"parent again"', "k"))
if child:
    assert os.waitpid(child, 0)[1] == 0
transport.close()
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=os.path.dirname(__file__) + "/../..")
    connections = {request.body: request.connection for request in server.requests()}
    assert connections[b'"parent"'] == connections[b'"parent again"'] != connections[b'"child"']


def test_nothing_of_requests_is_loaded_before_the_first_event() -> None:
    """Making and describing the transport costs no import of it."""
    program = """
import sys
from lineage_kit.transport import HttpConfig, HttpTransport, ApiKeyTokenProvider, HttpCompression
HttpTransport(HttpConfig(url="https://backend:5000", endpoint="api/v1/lineage", timeout=5, verify=False,
    auth=ApiKeyTokenProvider({"apiKey": "x"}), compression=HttpCompression.GZIP)).describe()
sys.exit("requests" in sys.modules or "urllib3" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=os.path.dirname(__file__) + "/../..")


WRONG = [
    ({"url": "backend:5000"}, "expected scheme and host"),
    ({"url": ""}, "url is empty"),
    ({"url": "http://"}, "has no host"),
    ({"url": "http:/backend"}, "expected scheme and host"),
    ({"url": "ftp://backend"}, "scheme 'ftp'"),
    ({"url": "http://back end"}, "blanks"),
    ({"url": "http://backend:port"}, "port is no number"),
    ({"url": "http://[::1"}, "host is malformed"),
    ({"url": "http://b", "endpoint": "http://c/lineage"}, "endpoint must be a path"),
    ({"url": "http://b", "timeout": 0}, "timeout must be more than 0"),
    ({"url": "http://b", "verify": "no/such.pem"}, "there is no file or folder"),
    ({"url": "http://b", "compression": "zip"}, "'gzip'"),
    ({"url": "http://b", "custom_headers": {"X": "a\r\nB: c"}}, "line breaks"),
    ({"url": "http://b", "custom_headers": {"X Y": "a"}}, "no name of a header"),
    ({"url": "http://b", "custom_headers": {"X": "snow ☃"}}, "Latin-1"),
    ({"url": "http://me:pw@b", "auth": {"type": "api_key", "apiKey": "k"}}, "keep one of them"),
    ({"url": "http://b", "retry": {"totl": 3}}, "did you mean 'total'?"),
    ({"url": "http://b", "retry": {"total": -1}}, "total must be 0 or more"),
    ({"url": "http://b", "ssl_context": {"clientKeyPath": "/"}}, "without client_cert_path"),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_option_is_refused_where_it_is_written(options, message) -> None:
    """From a mapping and, but for the types that Python itself does not check, in code."""
    with pytest.raises(ConfigError, match="transport") as caught:
        create({"type": "http", **options})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2@",
        "http://me:hunter2@h:x",
        "me:hunter2@host",
        "http://h:hunter2@x y",
        "http://h?k=hunter2 ",
    ],
)
def test_a_fault_of_the_url_never_repeats_the_secret_in_it(url) -> None:
    """Neither user, password nor query."""
    with pytest.raises(ConfigError) as caught:
        HttpTransport(HttpConfig(url=url, timeout=-1))
    assert "hunter2" not in str(caught.value)


def test_retry_settings_of_existing_configurations_tell_the_number_of_fast_tries() -> None:
    """`total` decides; False is none, None leaves it to the others, and POST has to be among the methods."""

    def tries(**retry):
        return create({"type": "http", "url": "http://b", "retry": retry}).retry.fast_tries

    assert tries() == 5
    assert tries(total="7") == 7
    assert tries(total=False) == 0
    assert tries(total=None, connect=2) == 2
    assert tries(allowed_methods=["GET"]) == 0
    assert tries(backoff_factor=1, status_forcelist=[500], raise_on_status=False) == 5


def test_a_large_event_passes(server) -> None:
    """Nine hundred kilobytes in one body."""
    body = b'{"x":"' + b"y" * 900_000 + b'"}'
    assert sent(server, Envelope(body, "k")).body == body
