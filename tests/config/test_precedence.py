"""Code beats the environment, which beats the file, which beats the defaults; key by key, but transports whole."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lineage_kit.config import plain
from lineage_kit.config.model import Settings

Read = Callable[..., Settings]


def test_each_layer_beats_the_weaker_ones(read: Read) -> None:
    """The same setting in all layers is taken from the strongest, and each layer adds what it alone has."""
    text = "namespace: file\nproducer: http://file\nnotice: never\n"
    environ = {"OPENLINEAGE__NAMESPACE": "variable", "OPENLINEAGE__PRODUCER": "http://variable"}
    settings = read(text, environ, config={"namespace": "code"})
    assert (settings.namespace, settings.producer, settings.notice) == ("code", "http://variable", "never")
    assert settings.delivery.mode == "background"


def test_sections_merge_key_by_key(read: Read) -> None:
    """Tags of all layers come together, the stronger value where both have one."""
    text = "tags:\n  job: {a: file, b: file}\n"
    environ = {"OPENLINEAGE__TAGS__JOB__B": "variable", "OPENLINEAGE__TAGS__JOB__C": "variable"}
    settings = read(text, environ, config={"tags": {"job": {"c": "code"}}})
    assert settings.tags.job == {"a": "file", "b": "variable", "c": "code"}


def test_lists_replace(read: Read) -> None:
    """A list of a stronger layer is taken as it is, nothing of the weaker one is added."""
    text = "facets:\n  environment_variables: [A, B]\n"
    settings = read(text, {"OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES": '["C"]'})
    assert settings.facets.environment_variables == ("C",)


def test_a_stronger_transport_type_replaces_the_whole_section(read: Read) -> None:
    """Options of the file's transport do not leak into another one."""
    text = "transport:\n  type: kafka\n  topic: t\n  config: {a: b}\n"
    environ = {"OPENLINEAGE__TRANSPORT__TYPE": "http", "OPENLINEAGE__TRANSPORT__URL": "http://variable"}
    assert plain(read(text, environ).transport) == {"type": "http", "url": "http://variable"}
    code = {"transport": {"type": "console"}}
    assert plain(read(text, environ, config=code).transport) == {"type": "console"}


def test_without_a_type_a_stronger_layer_changes_single_options(read: Read) -> None:
    """One option of the file's transport can be set by a variable or in code."""
    text = "transport:\n  type: http\n  url: http://file\n  timeout: 3\n"
    settings = read(text, {"OPENLINEAGE__TRANSPORT__TIMEOUT": "7"}, config={"transport": {"name": "main"}})
    assert plain(settings.transport) == {"type": "http", "url": "http://file", "timeout": "7", "name": "main"}
    assert not settings.transport_from_code


def test_a_type_inside_the_transport_replaces_its_own_section_only(read: Read) -> None:
    """Another kind of authentication brings its own options, and the address stays."""
    text = "transport:\n  type: http\n  url: http://h\n  auth:\n    type: my.Provider\n    user: me\n"
    environ = {"OPENLINEAGE__TRANSPORT__AUTH__TYPE": "api_key", "OPENLINEAGE__TRANSPORT__AUTH__APIKEY": "k"}
    assert plain(read(text, environ).transport)["auth"] == {"type": "api_key", "apikey": "k"}


def test_spellings_of_one_key_meet_across_layers(read: Read) -> None:
    """A variable, whose key is in small letters, replaces what the file has in camelCase."""
    text = "transport:\n  type: kafka\n  messageKey: file\n"
    for name in ("MESSAGEKEY", "MESSAGE_KEY"):
        transport = plain(read(text, {f"OPENLINEAGE__TRANSPORT__{name}": "variable"}).transport)
        assert transport == {"type": "kafka", name.lower(): "variable"}


def test_words_of_the_users_own_are_not_taken_for_spellings(read: Read) -> None:
    """Tags `a_b` and `ab` are two tags."""
    settings = read("tags:\n  job: {a_b: file}\n", {"OPENLINEAGE__TAGS__JOB__AB": "variable"})
    assert settings.tags.job == {"a_b": "file", "ab": "variable"}


def test_a_value_and_a_section_resolve_to_the_stronger(read: Read) -> None:
    """Where one layer has a mapping and another a single value, the stronger one stands."""
    text = "transport:\n  type: kafka\n  config: text\n"
    deeper = {"OPENLINEAGE__TRANSPORT__CONFIG__ACKS": "all"}
    assert plain(read(text, deeper).transport)["config"] == {"acks": "all"}
    assert plain(read(text, deeper, config={"transport": {"config": "x"}}).transport)["config"] == "x"


def test_no_transport_is_said_with_null(read: Read) -> None:
    """`transport: null` in a stronger layer takes the weaker one's away: nothing is configured then."""
    text = "transport:\n  type: console\n"
    assert read(text).transport is not None
    assert read(text, {"OPENLINEAGE__TRANSPORT": "null"}).transport is None
    assert read(text, config={"transport": None}).transport is None


def test_a_url_in_code_is_an_http_backend(read: Read) -> None:
    """`url` replaces every configured transport, and takes no key from the environment to another host."""
    settings = read("transport: {type: console}\n", {"OPENLINEAGE_API_KEY": "k"}, url="http://code")
    assert plain(settings.transport) == {"type": "http", "url": "http://code"}
    assert settings.transport_from_code


def test_a_url_in_code_completes_an_http_transport_given_beside_it(read: Read) -> None:
    """Options in `config` and the address in `url` are one transport."""
    settings = read(url="http://code", config={"transport": {"type": "async_http", "timeout": 2}})
    assert plain(settings.transport) == {"type": "async_http", "url": "http://code", "timeout": 2}


def test_the_callers_dictionaries_are_never_changed(read: Read) -> None:
    """The mapping given in code is the same afterwards, however often it is used."""
    config: dict[str, Any] = {
        "transport": {"type": "composite", "transports": [{"type": "console", "name": "a", "priority": 1}]},
        "tags": {"job": {"a": "b"}},
    }
    before = deepcopy(config)
    first = read(config=config, environ={"OPENLINEAGE_URL": "http://u"})
    assert read(config=config).transport == first.transport
    assert config == before
    assert first.transport is not config["transport"]


def test_a_user_list_replaces_the_variables_map(read: Read) -> None:
    """Destinations listed in code leave nothing of those that variables define."""
    environ = {
        "OPENLINEAGE__TRANSPORT__TYPE": "composite",
        "OPENLINEAGE__TRANSPORT__TRANSPORTS__A__TYPE": "console",
    }
    given = [{"type": "null"}]
    assert (
        plain(read(environ=environ, config={"transport": {"transports": given}}).transport)["transports"]
        == given
    )
