"""No secret of a configuration is ever printed: not by an error, not by a repr, not by the sources."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lineage_kit.client.client import OpenLineageClient
from lineage_kit.config import masked
from lineage_kit.config.load import load
from lineage_kit.config.model import Settings
from lineage_kit.config.problems import is_hidden, looks_secret
from lineage_kit.errors import ConfigError
from lineage_kit.transport.registry import create
from tests.support.scripts import Folder

Read = Callable[..., Settings]
SECRET = "zq7Xv9Kp2Lm4"
KEYS = [
    *(
        "apiKey",
        "apikey",
        "api_key",
        "password",
        "sasl.password",
        "token",
        "accessToken",
        "client_secret",
        "secret",
    ),
    *(
        "Authorization",
        "ssl.key.password",
        "sasl.jaas.config",
        "X-Api-Key",
        "Cookie",
        "AWS_SECRET_ACCESS_KEY",
        "signature",
    ),
]


def everything_said(config: dict[str, Any]) -> str:
    """All that a configuration makes us print: errors with their chains, reprs, sources."""
    said = []
    try:
        settings = load(config, environ={})
        said += [
            repr(settings),
            str(settings),
            json.dumps(settings.sources),
            json.dumps(masked(settings.transport)),
        ]
        said.append(repr(create(settings.transport or {}).config))
    except ConfigError as error:
        link: BaseException | None = error
        while link is not None:
            said += [str(link), repr(link)]
            link = link.__cause__ or link.__context__
    return "\n".join(said)


VALUES = st.recursive(
    st.sampled_from([SECRET, [SECRET], {"a": SECRET}, f"Bearer {SECRET}"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "type", "b"]), inner, max_size=2)
    ),
    max_leaves=3,
)


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(
    st.sampled_from(KEYS),
    VALUES,
    st.sampled_from(["$", "transport", "auth", "headers", "retry", "timeout"]),
    st.sampled_from(["http", "kafka", "htpp", "my_package.Transport"]),
)
def test_the_value_under_a_secret_key_is_never_said(key: str, value: Any, place: str, kind: str) -> None:
    """Wherever a secret-looking key stands, valid or not, what is under it stays hidden."""
    transport: dict[str, Any] = {"type": kind, "url": "http://h"}
    config: dict[str, Any] = {"transport": transport}
    if place == "$":
        config[key] = value
    elif place == "transport":
        transport[key] = value
    else:
        inner = {"auth": "auth", "headers": "custom_headers"}.get(place, place)
        transport[inner] = {"type": "api_key", key: value} if inner == "auth" else {key: value}
    assert SECRET not in everything_said(config)


@pytest.mark.parametrize(
    "transport",
    [
        {"type": "http", "url": f"http://me:{SECRET}@h/x"},
        {"type": "http", "url": f"http://h/x?sig={SECRET}"},
        {"type": "http", "url": f"me:{SECRET}@h"},
        {"type": "http", "url": "http://h", "auth": SECRET},
        {"type": "http", "url": "http://h", "auth": [SECRET]},
        {"type": "http", "url": "http://h", "auth": {"type": SECRET}},
        {"type": "http", "url": "http://h", "auth": {"type": f"sk-{SECRET}"}},
        {"type": "http", "url": "http://h", "auth": {"type": f"eyJ{SECRET}.{SECRET}.{SECRET}"}},
        {"type": "http", "url": "http://h", "auth": {"type": f"s.{SECRET}", "apiKey": "k"}},
        {"type": "http", "url": "http://h", "auth": {"type": "api_key", SECRET: None}},
        {"type": "http", "url": "http://h", "auth": {"type": "api_key", "apiKey": "k", SECRET: "x"}},
        {"type": "http", "url": f"http://h/x?sig={SECRET}#y"},
        {"type": "http", "url": f"http://h/?sig={SECRET}@x#{SECRET}"},
        {"type": "http", "url": f"http://me:{SECRET}#{SECRET}@h"},
        {"type": "http", "url": f"http://me:{SECRET}?{SECRET}@h"},
        {"type": "http", "url": "http://h", "compression": f"ghp_{SECRET}"},
        {"type": "http", "url": "http://h", "timeout": f"sk-{SECRET}"},
        {"type": "http", "url": "http://h", "verify": f"sk-{SECRET}"},
        {"type": f"sk-{SECRET}", "url": "http://h"},
        {"type": f"eyJ{SECRET}.{SECRET}.{SECRET}", "url": "http://h"},
        {"type": "http", f"sk-{SECRET}": "http://h"},
        {"type": "http", "url": "http://h", "auth": {"type": "my.Provider", "user": SECRET}},
        {"type": "http", "url": "http://h", "timeout": f"http://me:{SECRET}@h"},
        {"type": "http", "url": "http://h", "custom_headers": {"X-Anything": SECRET}},
        {"type": "http", "url": "http://h", "custom_headers": [f"Authorization: Bearer {SECRET}"]},
        {"type": "kafka", "topic": "t", "config": f"bootstrap.servers=h,sasl.password={SECRET}"},
        {"type": "kafka", "topic": "t", "config": {"sasl.password": SECRET}},
        {"type": "kafka", "topic": {"x": 1}, "config": [f'{{"password": "{SECRET}"}}']},
    ],
)
def test_secrets_outside_of_secret_keys_are_not_said_either(transport: dict[str, Any]) -> None:
    """Credentials in URLs, texts and headers stay hidden as well, and keys that were pasted where a word belongs."""
    assert SECRET not in everything_said({"transport": transport})
    settings = load({"transport": transport}, environ={})
    assert SECRET not in repr(settings)
    assert SECRET not in json.dumps(masked(settings.transport))


@pytest.mark.parametrize(
    "text",
    [
        f"transport:\n  auth:\n    apiKey: *{SECRET}\n",
        f"transport:\n  auth:\n    apiKey: !{SECRET} x\n",
        f"transport:\n  auth:\n    apiKey: &{SECRET}\n  x: [\n",
        f'transport:\n  auth:\n    apiKey: "{SECRET}\n',
        f"transport:\n  auth:\n    apiKey: %{SECRET}\n",
        f"transport:\n  auth:\n    apiKey: {SECRET}: x: y\n",
        f"transport:\n\tauth: {SECRET}\n",
        f"Transport:\n  apiKey: “{SECRET}”\n",
        f"transport: [{SECRET}\n",
        f"{SECRET}\n",
    ],
)
def test_broken_yaml_is_never_quoted(text: str, read: Read) -> None:
    """The parser's own words repeat what was written; ours do not."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    link: BaseException | None = caught.value
    while link is not None:
        assert SECRET not in str(link)
        link = link.__cause__ or link.__context__


def test_variables_are_not_said(read: Read) -> None:
    """What variables hold is no more shown than what files hold."""
    environ = {
        "OPENLINEAGE_URL": f"http://me:{SECRET}@h",
        "OPENLINEAGE_API_KEY": SECRET,
        "OPENLINEAGE__NAMESPACES__WAREHOUSE": f"postgres://me:{SECRET}@h",
        "SECRET_OF_MINE": SECRET,
    }
    settings = read(
        "transport:\n  type: http\n  auth: {type: api_key, apiKey: '${SECRET_OF_MINE}'}\n", environ
    )
    assert SECRET not in repr(settings)
    broken = {
        **environ,
        "OPENLINEAGE__TRANSPORT__AUTH": f'{{"apiKey": "{SECRET}"',
        "OPENLINEAGE__NOTICE": "x",
    }
    with pytest.raises(ConfigError) as caught:
        read(environ=broken)
    assert SECRET not in str(caught.value)


def test_what_is_no_secret_is_shown(read: Read) -> None:
    """Hiding does not make a configuration unreadable: type, host, topic and time are there."""
    settings = read(
        "transport: {type: http, url: 'http://me:pw@h:5000/x', timeout: 3, auth: {type: api_key, apiKey: k}}\n"
    )
    assert masked(settings.transport) == {
        "type": "http",
        "url": "http://***@h:5000/x",
        "timeout": 3,
        "auth": {"type": "api_key", "apiKey": "***"},
    }


@pytest.mark.parametrize("key", KEYS)
def test_secret_keys_are_recognised(key: str) -> None:
    """In every spelling and position."""
    assert looks_secret(key)
    assert is_hidden(f"$.transport.{key}")


@pytest.mark.parametrize(
    "key", ["url", "topic", "type", "auth", "monkey", "keyboard", "bootstrap.servers", "tokens_file"]
)
def test_ordinary_keys_are_not(key: str) -> None:
    """A word that merely contains `key` is no key."""
    assert not looks_secret(key)


@pytest.mark.parametrize(
    "transport",
    [
        {"type": "http", "url": f"http://user:{SECRET}"},
        {"type": "http", "url": f"http://h:{SECRET}/api"},
        {"type": "http", "url": f"http://{SECRET}:x"},
        {"type": "http", "url": SECRET},
        {"type": "http", "url": f"{SECRET}://h"},
        {"type": "http", "url": f"http://h/{SECRET}#x"},
        {"type": "kafka", "topic": f"{SECRET} x", "config": {"bootstrap.servers": "h"}},
        {"type": "file", "log_file_path": f"file://k:{SECRET}@b/x"},
        {"type": "file", "log_file_path": f"{SECRET}://b/x"},
        {"type": "composite", "transports": {SECRET: {"type": "http", "url": "ftp://h"}}},
        {"type": "composite", "transports": {SECRET: "http://h"}},
        {SECRET: {"url": "http://h"}},
        {"type": SECRET},
    ],
)
def test_what_stands_where_it_cannot_be_read_is_not_repeated(transport: dict[str, Any]) -> None:
    """A secret in the place of an address, a topic, a path, a name or a type is in no message and no chain."""
    with pytest.raises(ConfigError, match=r"at \$\.transport") as caught:
        OpenLineageClient(config={"transport": transport})
    link: BaseException | None = caught.value
    while link is not None:
        assert SECRET not in str(link)
        link = link.__cause__ or link.__context__


def test_a_readable_scheme_and_host_are_repeated() -> None:
    """What parts of an address can be read are told, so that its author finds it."""
    with pytest.raises(ConfigError, match=r"url 'https://backend\.example:5000/…' has a fragment"):
        create({"type": "http", "url": "https://backend.example:5000/api#x"})


CLASSES = """
class Sink:
    def __init__(self, options):
        raise RuntimeError(f"bad options {options}")

    def send(self, envelope):
        pass


class Provider(Sink):
    def get_bearer(self):
        return None
"""


@pytest.mark.parametrize(
    "transport",
    [
        {"type": "own.Sink", "apiKey": SECRET, "deep": {"password": [SECRET]}},
        {"type": "http", "url": "http://h", "auth": {"type": "own.Provider", "user": SECRET}},
    ],
)
def test_a_constructor_that_repeats_its_options_does_so_in_no_traceback(
    transport: dict[str, Any], tmp_path: Path
) -> None:
    """The uncaught error of a client says the class, the type and line of its own mistake, and nothing secret."""
    (tmp_path / "own.py").write_text(CLASSES)
    (tmp_path / "openlineage.yml").write_text(json.dumps({"transport": transport}))
    said = Folder(tmp_path).run("from lineage_kit import OpenLineageClient\nOpenLineageClient()").stderr
    assert SECRET not in said
    assert "cannot be built: RuntimeError: " in said
    assert "own.py:4 (options given: " in said
