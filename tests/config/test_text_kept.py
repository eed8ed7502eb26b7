"""Text stays text: YAML and JSON never turn a key, a tag or a name into a number or a boolean."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lineage_kit.config import convert, masked, plain
from lineage_kit.config.model import Settings
from lineage_kit.transport.registry import create

Read = Callable[..., Settings]
TRICKY = [
    *("1e5", "123456789.50", "0012", "0x1F", "1_000", "1.0e+5", "yes", "No", "on", "true", "12:30:00"),
    *("2026-11-22", "2026-99-99", ".5", "1.", "+1", "-0", "0o17", ".inf", ".nan"),
]


class Key(msgspec.Struct, kw_only=True):
    """An option that is text."""

    api_key: str


@pytest.mark.parametrize("text", TRICKY)
def test_an_unquoted_key_in_a_file_stays_as_it_is_written(text: str, read: Read) -> None:
    """`apiKey: 1e5` is the key 1e5."""
    settings = read(
        f"transport:\n  type: http\n  url: http://h\n  auth:\n    type: api_key\n    apiKey: {text}\n"
    )
    assert settings.transport is not None
    assert convert(settings.transport["auth"], Key).api_key == text


@pytest.mark.parametrize("text", TRICKY)
def test_a_key_in_a_variable_stays_as_it_is_written(text: str, read: Read) -> None:
    """So it does in a variable of its own, and as a number inside JSON."""
    settings = read(
        environ={"OPENLINEAGE__TRANSPORT__TYPE": "http", "OPENLINEAGE__TRANSPORT__AUTH__APIKEY": text}
    )
    assert settings.transport is not None
    assert convert(settings.transport["auth"], Key).api_key == text


@pytest.mark.parametrize("text", ["1e5", "123456789.50", "100000000000000000000000001", "true", "-0"])
def test_a_number_inside_json_keeps_its_digits(text: str, read: Read) -> None:
    """JSON numbers and booleans where text belongs are the text that was written."""
    settings = read(environ={"OPENLINEAGE__TRANSPORT": f'{{"type": "http", "auth": {{"apiKey": {text}}}}}'})
    assert settings.transport is not None
    assert convert(settings.transport["auth"], Key).api_key == text


@pytest.mark.parametrize("text", TRICKY)
def test_tag_values_are_text(text: str, read: Read) -> None:
    """`true` and `1` are the texts "true" and "1", from a file as from a variable."""
    assert read(f"tags: {{job: {{a: {text}}}}}\n").tags.job == {"a": text}
    assert read("namespace: a\n", {"OPENLINEAGE__TAGS__RUN__A": text}).tags.run == {"a": text}


def test_tags_given_in_code_become_text(read: Read) -> None:
    """Booleans and numbers are written as JSON would."""
    assert read(config={"tags": {"job": {"a": True, "b": 1, "c": 1.5}}}).tags.job == {
        "a": "true",
        "b": "1",
        "c": "1.5",
    }


def test_numbers_that_are_text_by_their_setting(read: Read) -> None:
    """A pull request number, a version and a namespace may look like numbers."""
    text = (
        "namespace: 007\nfacets:\n  source_code_location:\n    version: 1.10\n    pull_request_number: 12\n"
    )
    settings = read(text)
    location = settings.facets.source_code_location
    assert (settings.namespace, location.version, location.pull_request_number) == ("007", "1.10", "12")


def test_keys_that_look_like_booleans_are_text(read: Read) -> None:
    """A tag named `on` or `1` is that tag."""
    assert read("tags: {job: {on: a, 1: b}}\n").tags.job == {"on": "a", "1": "b"}


def test_free_form_values_are_what_yaml_says(read: Read) -> None:
    """For what no setting types, `plain` gives the types of YAML; quoted text stays text."""
    settings = read(
        "transport:\n  type: my.Transport\n  n: 5\n  f: 1.5\n  b: yes\n  q: '5'\n  z: null\n  l: [1, a]\n"
    )
    assert plain(settings.transport) == {
        "type": "my.Transport",
        "n": 5,
        "f": 1.5,
        "b": True,
        "q": "5",
        "z": None,
        "l": [1, "a"],
    }
    assert type(plain(settings.transport)["q"]) is str


def test_a_type_is_a_name_whatever_it_looks_like(read: Read) -> None:
    """`type: null` is the transport of that name."""
    assert plain(read("transport:\n  type: null\n").transport) == {"type": "null"}


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    st.from_regex(r"[0-9A-Za-z+_][0-9A-Za-z.+_\-]{0,19}", fullmatch=True).filter(
        lambda text: text.lower() != "null"
    )
)
def test_any_unquoted_word_is_the_text_it_is(read: Read, text: str) -> None:
    """No unquoted word of letters, digits, dots and signs is changed on its way."""
    assert read(f"namespace: {text}\n").namespace == text


def test_a_number_is_shown_as_it_was_written(read: Callable[..., Settings]) -> None:
    """What YAML would read as octal or sexagesimal is read as it stands, and so it is shown."""
    settings = read("transport: {type: http, url: 'http://h', timeout: 010}\n")
    assert masked(settings.transport)["timeout"] == "010"
    assert create(settings.transport or {}).config.timeout == 10.0
