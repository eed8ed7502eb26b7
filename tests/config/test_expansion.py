"""`${NAME}` in the texts of a file is replaced by the variable, after the file has been understood."""

from collections.abc import Callable

import pytest

from lineage_kit.client.assemble import check
from lineage_kit.config import plain
from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError

Read = Callable[..., Settings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("${A}-${B}", "one-two words"),
        ("x${A}y", "xoney"),
        ("${MISSING:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${A:-default}", "one"),
        ("${MISSING:-}.", "."),
        ("${MISSING:-http://h:80/x}", "http://h:80/x"),
        ("x${EMPTY}", "x"),
        ("$${A}", "${A}"),
        ("$A $$ pa$$word $", "$A $$ pa$$word $"),
    ],
)
def test_forms(text: str, expected: str, read: Read) -> None:
    """Name, default, default for what is empty, and `$${` for the characters themselves; a lone $ is a $."""
    environ = {"A": "one", "B": "two words", "EMPTY": ""}
    assert read(f"producer: '{text}'\n", environ).producer == expected


def test_what_a_variable_holds_cannot_change_the_structure(read: Read) -> None:
    """Expansion comes after parsing: colons, quotes and new lines in a value are only text."""
    hostile = 'a: b\n"{[&*!\ntransport: {type: x}'
    settings = read("producer: ${A}\n", {"A": hostile})
    assert (settings.producer, settings.transport) == (hostile, None)
    assert read("producer: ${A}\n", {"A": "${B}"}).producer == "${B}"


def test_an_expanded_value_takes_the_type_of_its_setting(read: Read) -> None:
    """`exit_timeout: ${T:-5}` is a number, and in free-form sections it is text."""
    assert read("delivery: {exit_timeout: '${T:-5}'}\n").delivery.exit_timeout == 5.0
    assert plain(read("transport: {type: my.T, n: '${N:-5}'}\n").transport) == {"type": "my.T", "n": "5"}


def test_lists_and_nested_sections_are_expanded(read: Read) -> None:
    """Wherever a text stands."""
    settings = read("facets: {environment_variables: ['${A}']}\ntags: {job: {team: '${A}'}}\n", {"A": "x"})
    assert settings.facets.environment_variables == ("x",)
    assert settings.tags.job == {"team": "x"}


def test_variables_and_code_are_taken_literally(read: Read) -> None:
    """Only files are expanded: a key from elsewhere may hold any characters."""
    assert read(environ={"OPENLINEAGE__PRODUCER": "${A}"}).producer == "${A}"
    assert read(config={"producer": "${A}"}).producer == "${A}"


def test_what_a_stronger_layer_replaces_is_not_expanded(read: Read) -> None:
    """A variable that is needed by nothing in force may be unset."""
    text = "transport: {type: http, url: 'http://${UNSET}'}\n"
    assert plain(read(text, {"OPENLINEAGE_URL": "http://u"}).transport) == {"type": "http", "url": "http://u"}


@pytest.mark.parametrize(
    ("written", "said"), [("${UNSET}", "UNSET is not set"), ("${A B}", "begins a variable")]
)
def test_a_variable_that_cannot_be_put_in_is_one_problem(written: str, said: str, read: Read) -> None:
    """What follows from the missing text, such as an empty key or address, is not told beside it."""
    for text in (
        f"transport: {{type: http, url: 'http://h', auth: {{type: api_key, apiKey: '{written}'}}}}\n",
        f"transport: {{type: http, url: '{written}'}}\n",
        f"delivery: {{exit_timeout: '{written}'}}\n",
        f"transport: {{type: composite, transports: {{a: {{type: http, url: '{written}'}}}}}}\n",
    ):
        with pytest.raises(ConfigError, match=said) as caught:
            read(text, check_transport=check)
        assert "problems" not in str(caught.value)


def test_two_variables_that_are_missing_in_one_text_are_both_told(complaint: Callable[..., str]) -> None:
    """Both have to be set."""
    message = complaint("namespace: '${ONE}${TWO}'\n")
    assert "ONE" in message
    assert "TWO" in message
