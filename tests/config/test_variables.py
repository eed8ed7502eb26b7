"""Every setting has a variable, and the classic variables of an OpenLineage client mean what they always meant."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from lineage_kit.config import plain
from lineage_kit.config.model import Settings

Read = Callable[..., Settings]
PREFIX = "OPENLINEAGE__TRANSPORT__"


def transport(settings: Settings) -> Any:
    """The transport as plain values."""
    return plain(settings.transport)


@pytest.mark.parametrize("text", ["1", "true", "TRUE", "True", "yes", "On", " true "])
def test_disabled_beats_everything(text: str, read: Read) -> None:
    """Once lineage is switched off nothing else is read, not even a broken file."""
    settings = read("- broken", {"OPENLINEAGE_DISABLED": text}, url="http://h")
    assert settings.disabled
    assert settings.transport is None


@pytest.mark.parametrize("text", ["0", "false", "FALSE", "no", "off", ""])
def test_not_disabled(text: str, read: Read) -> None:
    """What says no in any case leaves lineage on."""
    assert not read(environ={"OPENLINEAGE_DISABLED": text}).disabled


def test_a_variable_is_turned_into_the_type_of_its_setting(read: Read) -> None:
    """Booleans, numbers, lists, nested sections and JSON all arrive typed."""
    settings = read(
        environ={
            "OPENLINEAGE__DATASET__REDUCING_ENABLED": "False",
            "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "5",
            "OPENLINEAGE__DELIVERY__MEMORY_LIMIT": "1000000",
            "OPENLINEAGE__DELIVERY__MODE": "DIRECT",
            "OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES": "HOME, USER",
            "OPENLINEAGE__FACETS__SOURCE_CODE_LOCATION__DISABLED": "yes",
            "OPENLINEAGE__FILTERS": '[{"type": "regex", "regex": "^tmp"}]',
            "OPENLINEAGE__DATASET__EXTRA_TRIMMERS": "posixpath.basename;posixpath.dirname",
            "OPENLINEAGE__REDACT": "false",
            "OPENLINEAGE__LOGGING": "debug",
        }
    )
    assert settings.dataset.reducing_enabled is False
    assert settings.delivery.exit_timeout == 5.0
    assert settings.delivery.memory_limit == 1_000_000
    assert settings.delivery.mode == "direct"
    assert settings.facets.environment_variables == ("HOME", "USER")
    assert settings.facets.source_code_location.disabled
    assert settings.filters[0].matches("tmp.x")
    assert settings.dataset.extra_trimmers == ("posixpath.basename", "posixpath.dirname")
    assert not settings.redact.enabled
    assert settings.logging == "DEBUG"


def test_keys_are_lowered_and_values_are_not(read: Read) -> None:
    """Case is kept in values, inside lists and in the keys of JSON; dots in those keys survive."""
    settings = read(
        environ={
            PREFIX + "TYPE": "kafka",
            PREFIX + "TOPIC": "Orders",
            PREFIX + "CONFIG": '{"bootstrap.servers": "Host:9092", "List": ["A", 1]}',
        }
    )
    assert transport(settings) == {
        "type": "kafka",
        "topic": "Orders",
        "config": {"bootstrap.servers": "Host:9092", "List": ["A", 1]},
    }


def test_a_shallower_variable_beats_deeper_ones(read: Read) -> None:
    """JSON for a section replaces whatever variables say inside it."""
    settings = read(
        environ={PREFIX + "TYPE": "http", PREFIX + "URL": "http://deep", PREFIX[:-2]: '{"type": "console"}'}
    )
    assert transport(settings) == {"type": "console"}


def test_text_that_only_looks_like_json_stays_text(read: Read) -> None:
    """A value with brackets that is no JSON is taken as it is."""
    assert read(environ={"OPENLINEAGE__NAMESPACE": "{etl}"}).namespace == "{etl}"
    assert read(environ={"OPENLINEAGE__NAMESPACE": "[etl"}).namespace == "[etl"


def test_free_form_scalars_stay_text(read: Read) -> None:
    """What no setting gives a type is what was written: `5` and `true` are text."""
    settings = read(
        environ={PREFIX + "TYPE": "my.Transport", PREFIX + "RETRIES": "5", PREFIX + "FAST": "true"}
    )
    assert transport(settings) == {"type": "my.Transport", "retries": "5", "fast": "true"}


def test_the_namespace_variable(read: Read) -> None:
    """OPENLINEAGE_NAMESPACE beats the file and loses to the setting's own variable."""
    environ = {"OPENLINEAGE_NAMESPACE": "a"}
    assert read("namespace: file\n", environ).namespace == "a"
    assert read(environ={**environ, "OPENLINEAGE__NAMESPACE": "b"}).namespace == "b"


def test_the_logging_variable(read: Read) -> None:
    """OPENLINEAGE_CLIENT_LOGGING takes a level in any case."""
    assert read(environ={"OPENLINEAGE_CLIENT_LOGGING": "warning"}).logging == "WARNING"
    assert read().logging is None


def test_the_url_variable_describes_an_http_backend(read: Read) -> None:
    """Address, endpoint and key make one transport, which replaces the file's."""
    environ = {"OPENLINEAGE_URL": "http://u", "OPENLINEAGE_ENDPOINT": "e", "OPENLINEAGE_API_KEY": "1e5"}
    settings = read("transport: {type: kafka, topic: t}\n", environ)
    assert transport(settings) == {
        "type": "http",
        "url": "http://u",
        "endpoint": "e",
        "auth": {"type": "api_key", "apiKey": "1e5"},
    }


def test_endpoint_and_key_mean_nothing_without_the_url(read: Read) -> None:
    """They never change a transport that is described otherwise."""
    environ = {"OPENLINEAGE_ENDPOINT": "e", "OPENLINEAGE_API_KEY": "k"}
    assert transport(read("transport: {type: http, url: http://f}\n", environ)) == {
        "type": "http",
        "url": "http://f",
    }


def test_options_in_variables_complete_the_url_variable(read: Read) -> None:
    """OPENLINEAGE_URL with single options is an HTTP transport with these options."""
    settings = read("transport: {type: console}\n", {"OPENLINEAGE_URL": "http://u", PREFIX + "TIMEOUT": "3"})
    assert transport(settings) == {"type": "http", "url": "http://u", "timeout": "3"}


@pytest.mark.parametrize("kind", ["http", "async_http"])
def test_a_type_in_a_variable_takes_address_and_key_from_the_url_variable(kind: str, read: Read) -> None:
    """`…__TYPE=http` beside OPENLINEAGE_URL is complete."""
    environ = {PREFIX + "TYPE": kind, "OPENLINEAGE_URL": "http://u", "OPENLINEAGE_API_KEY": "k"}
    assert transport(read(environ=environ)) == {
        "type": kind,
        "url": "http://u",
        "auth": {"type": "api_key", "apiKey": "k"},
    }


def test_the_key_does_not_go_to_another_address(read: Read) -> None:
    """Where a variable names the address itself, the key of OPENLINEAGE_URL stays out of it."""
    environ = {
        PREFIX + "TYPE": "http",
        PREFIX + "URL": "http://other",
        "OPENLINEAGE_URL": "http://u",
        "OPENLINEAGE_API_KEY": "k",
    }
    assert transport(read(environ=environ)) == {"type": "http", "url": "http://other"}


def test_another_type_in_a_variable_stays_without_the_url(read: Read) -> None:
    """A console named by variable is not turned into HTTP."""
    assert transport(read(environ={PREFIX + "TYPE": "console", "OPENLINEAGE_URL": "http://u"})) == {
        "type": "console"
    }


def test_the_url_variable_joins_a_composite_as_its_last_destination(read: Read) -> None:
    """`default_http` follows the destinations that variables define."""
    environ = {
        PREFIX + "TYPE": "composite",
        PREFIX + "TRANSPORTS__FIRST__TYPE": "console",
        PREFIX + "TRANSPORTS__SECOND__TYPE": "null",
        "OPENLINEAGE_URL": "http://u",
    }
    children = transport(read(environ=environ))["transports"]
    assert list(children)[-1] == "default_http"
    assert set(children) == {"first", "second", "default_http"}
    assert children["default_http"] == {"type": "http", "url": "http://u"}


def test_the_url_variable_joins_a_composite_of_the_file(read: Read) -> None:
    """A mapping gets one destination more, and so does a list."""
    mapping = "transport:\n  type: composite\n  transports:\n    a: {type: console}\n"
    assert list(transport(read(mapping, {"OPENLINEAGE_URL": "http://u"}))["transports"]) == [
        "a",
        "default_http",
    ]
    items = "transport:\n  type: composite\n  transports:\n    - {type: console}\n"
    assert transport(read(items, {"OPENLINEAGE_URL": "http://u"}))["transports"] == [
        {"type": "console"},
        {"name": "default_http", "type": "http", "url": "http://u"},
    ]


def test_a_composite_may_do_without_the_url_variable(read: Read) -> None:
    """`{}` for `default_http` takes it out, and a definition of one's own stands."""
    environ = {
        PREFIX + "TYPE": "composite",
        PREFIX + "TRANSPORTS__A__TYPE": "console",
        "OPENLINEAGE_URL": "http://u",
    }
    without = {**environ, PREFIX + "TRANSPORTS__DEFAULT_HTTP": "{}"}
    assert transport(read(environ=without))["transports"] == {"a": {"type": "console"}}
    own = {**environ, PREFIX + "TRANSPORTS__DEFAULT_HTTP__TYPE": "null"}
    assert transport(read(environ=own))["transports"]["default_http"] == {"type": "null"}


def test_nothing_is_written_into_the_environment(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the process's own variables leaves them as they are."""
    monkeypatch.setenv("OPENLINEAGE_URL", "http://u")
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "k")
    before = dict(os.environ)
    from lineage_kit.config.load import load

    assert transport(load())["url"] == "http://u"
    assert dict(os.environ) == before
