"""A struct's annotations are the whole declaration of its options: `convert` reads every spelling and type by them."""

import enum
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest

from lineage_kit.config import Raw, Scalar, Section, convert, plain
from lineage_kit.errors import ConfigError
from lineage_kit.transport.registry import create


class Colour(enum.Enum):
    """An enumeration of words."""

    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct, kw_only=True):
    """A nested section."""

    max_size: int = 1


class Cat(msgspec.Struct, tag_field="type", tag="cat"):
    """One of two shapes."""

    lives: int = 9


class Dog(msgspec.Struct, tag_field="type", tag="dog"):
    """The other."""

    name: str


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One field of every kind."""

    url: str
    message_key: str | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    count: int = 0
    total: int | bool = 5
    flush: bool = True
    verify: bool | str = True
    compression: Literal["gzip"] | None = None
    colour: Colour = Colour.RED
    codes: list[int] = []
    names: tuple[str, ...] = ()
    headers_given: dict[str, str] = {}
    config: dict[str, Any] | str = {}
    inner: Inner = msgspec.field(default_factory=Inner)
    optional: Inner | None = None
    pets: list[Cat | Dog] = []
    pattern: re.Pattern[str] | None = None
    path: Path | None = None
    anything: Any = None
    auth: Raw = None


class Checked(msgspec.Struct, kw_only=True):
    """A struct with a rule of its own."""

    low: int = 0
    high: int = 1

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def options(**given: Any) -> Options:
    """The options made of a mapping with these keys."""
    return convert({"url": "http://h", **given}, Options)


def refusal(given: Any, kind: type = Options) -> str:
    """The message for a mapping that is refused."""
    with pytest.raises(ConfigError) as caught:
        convert(given, kind)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("timeout", "7.5", 7.5),
        ("timeout", 7, 7.0),
        ("count", "12", 12),
        ("count", Scalar("0x10", 16), 16),
        ("total", "1", 1),
        ("total", "false", False),
        ("flush", "no", False),
        ("flush", "ON", True),
        ("flush", 0, False),
        ("verify", "false", False),
        ("verify", "/etc/ca.pem", "/etc/ca.pem"),
        ("compression", "GZIP", "gzip"),
        ("compression", None, None),
        ("colour", "Blue", Colour.BLUE),
        ("colour", Colour.BLUE, Colour.BLUE),
        ("codes", "500, 502;503", [500, 502, 503]),
        ("codes", "[500]", [500]),
        ("codes", ["500", 502], [500, 502]),
        ("names", "a", ("a",)),
        ("names", "", ()),
        ("headers_given", '{"a": 1e5}', {"a": "1e5"}),
        ("config", '{"acks": 1}', {"acks": 1}),
        ("config", "acks=1", "acks=1"),
        ("config", {"acks": Scalar("1", 1), "on": Scalar("yes", True)}, {"acks": 1, "on": True}),
        ("inner", {"maxSize": "3"}, Inner(max_size=3)),
        ("inner", Inner(max_size=4), Inner(max_size=4)),
        ("inner", None, Inner()),
        ("optional", Scalar("", None), None),
        ("optional", '{"max_size": 3}', Inner(max_size=3)),
        ("pets", [{"type": "cat"}, {"type": "dog", "name": "Rex"}], [Cat(), Dog("Rex")]),
        ("pattern", "a+", re.compile("a+")),
        ("path", "/x", Path("/x")),
        ("anything", Section({"a": Scalar("1", 1)}), {"a": 1}),
        ("message_key", Scalar("null", None), None),
        ("message_key", Scalar("0012", 10), "0012"),
    ],
)
def test_a_value_becomes_what_its_field_is(name: str, given: Any, expected: Any) -> None:
    """Text from variables, values of YAML and objects of Python all end as the field's type."""
    found = getattr(options(**{name: given}), name)
    assert found == expected
    assert type(found) is type(expected)


def test_text_fields_are_ordinary_text() -> None:
    """What remembered its source is a plain str once it has its type."""
    assert type(options(message_key=Scalar("abc")).message_key) is str


def test_raw_fields_keep_text_and_place() -> None:
    """A raw field is handed on as it is, so that its own type can still read the text."""
    section = Section({"apiKey": Scalar("0012", 10, "openlineage.yml line 3")}, "openlineage.yml line 2")
    assert options(auth=section).auth is section
    assert plain(section) == {"apiKey": 10}


@pytest.mark.parametrize(
    ("keys", "winner"),
    [
        (("messageKey", "messagekey", "message_key"), "messageKey"),
        (("messagekey", "message_key"), "messagekey"),
        (("message_key",), "message_key"),
    ],
)
def test_spellings_of_a_key(keys: tuple[str, ...], winner: str) -> None:
    """CamelCase beats small letters beats snake_case, when several are given."""
    assert options(**{key: key for key in reversed(keys)}).message_key == winner


def test_the_mapping_is_never_changed() -> None:
    """Neither it nor what is in it."""
    given = {"url": "http://h", "inner": {"maxSize": 1}, "config": {"a": {"b": 1}}}
    read = convert(given, Options)
    assert isinstance(read.config, dict)
    read.config["a"]["b"] = 2
    assert given == {"url": "http://h", "inner": {"maxSize": 1}, "config": {"a": {"b": 1}}}


def test_an_instance_is_taken_as_it_is() -> None:
    """Code may pass the struct itself."""
    made = Options(url="x")
    assert convert(made, Options) is made


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "at $.transport: the key 'url' is missing"),
        ([], "at $.transport: found a list, expected a mapping"),
        (None, "at $.transport: found nothing, expected a mapping"),
        (
            {"url": None},
            "at $.transport.url: found nothing, expected a text (in quotes, if the text itself is 'null' or '~')",
        ),
        ({"URL": "x"}, "at $.transport: unknown key 'URL'; did you mean 'url'?"),
        (
            {"url": "x", "mesageKey": "y"},
            "at $.transport: unknown key 'mesageKey'; did you mean 'messageKey'?",
        ),
        ({"url": "x", "timeout": 0}, "at $.transport.timeout: found '0', expected a number above 0"),
        ({"url": "x", "count": "5.5"}, "at $.transport.count: found '5.5', expected a whole number"),
        ({"url": "x", "count": True}, "at $.transport.count: found 'True', expected a whole number"),
        (
            {"url": "x", "colour": "green"},
            "at $.transport.colour: found 'green', expected one of 'red', 'blue'",
        ),
        (
            {"url": "x", "total": "many"},
            "at $.transport.total: found 'many', expected a whole number or true or false",
        ),
        ({"url": "x", "verify": []}, "at $.transport.verify: found a list, expected true or false or a text"),
        ({"url": "x", "codes": [1, "x"]}, "at $.transport.codes[1]: found 'x', expected a whole number"),
        ({"url": "x", "codes": {"a": 1}}, "at $.transport.codes: found a mapping, expected a list"),
        (
            {"url": "x", "inner": {"max_size": "x"}},
            "at $.transport.inner.max_size: found 'x', expected a whole number",
        ),
        (
            {"url": "x", "inner": {"type": 1}},
            "at $.transport.inner: unknown key 'type'; known here: max_size",
        ),
        ({"url": "x", "inner": 5}, "at $.transport.inner: found '5', expected a mapping"),
        (
            {"url": "x", "pets": [{"type": "cow"}]},
            "at $.transport.pets[0].type: found 'cow', expected one of 'cat', 'dog'",
        ),
        ({"url": "x", "path": 5}, "at $.transport.path: found '5', expected a path"),
        (
            {"url": "x" * 100, "count": "y" * 100},
            f"at $.transport.count: found '{'y' * 60}…', expected a whole number",
        ),
    ],
)
def test_what_does_not_fit_is_said(given: Any, message: str) -> None:
    """Path, what was found, what was expected."""
    assert refusal(given) == message


def test_a_rule_of_the_struct_is_said_with_its_path() -> None:
    """What a struct checks itself is told like everything else."""
    assert refusal({"low": 2}, Checked) == "at $.transport: low is above high"


def test_all_that_is_wrong_comes_at_once_with_its_place() -> None:
    """Every problem is listed, each with the line of its own value."""
    given = Section(
        {"timeout": Scalar("x", origin="f.yml line 3"), "flush": Scalar("y", origin="f.yml line 4")},
        "f.yml line 1",
    )
    assert refusal(given).splitlines() == [
        "3 problems in the configuration:",
        "  - f.yml line 1, at $.transport: the key 'url' is missing",
        "  - f.yml line 3, at $.transport.timeout: found 'x', expected a number above 0",
        "  - f.yml line 4, at $.transport.flush: found 'y', expected true or false",
    ]


def test_the_type_key_of_a_transport_is_passed_over() -> None:
    """The registry has read it already; `ignore` names others."""
    assert convert({"type": "http", "url": "x"}, Options).url == "x"
    assert convert({"name": "n", "url": "x"}, Options, ignore=("name",)).url == "x"


def test_a_section_without_keys_says_so() -> None:
    """No list of nothing."""
    with pytest.raises(ConfigError, match=r"unknown key 'colour'; there are no keys here$"):
        create({"type": "noop", "colour": 1})


def test_a_file_that_is_not_shown_is_told_in_a_whole_sentence() -> None:
    """What looks like a key in the place of a path."""
    with pytest.raises(
        ConfigError, match="there is no file or folder at what is given, which is not shown: it may"
    ):
        create({"type": "http", "url": "http://h", "verify": "sk-abcdef123456"})
