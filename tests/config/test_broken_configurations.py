"""Whoever writes a configuration wrongly reads in one message where, what was found and what is expected."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError
from lineage_kit.transport.registry import create

Complaint = Callable[..., str]


def table(name: str) -> dict[str, dict[str, Any]]:
    """The broken configurations of one kind: how it is broken → what is written and what its author reads."""
    return tomllib.loads((Path(__file__).parent / "broken" / f"{name}.toml").read_text("utf-8"))


FILES, VALUES, VARIABLES, TRANSPORTS = map(table, ("files", "values", "variables", "transports"))
BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}' if before else 'x'] * 10)}]\n"
    for before, name in zip(("", "a", "b", "c", "d"), "abcde", strict=True)
)


def test_there_are_enough_of_them() -> None:
    """Forty ways to be wrong were asked for; twice as many are told apart here."""
    assert sum(map(len, (FILES, VALUES, VARIABLES, TRANSPORTS))) >= 80


@pytest.mark.parametrize("how", FILES)
def test_a_broken_file_says_what_is_to_be_mended(how: str, complaint: Complaint) -> None:
    """Text that is no usable YAML is refused with the line and the remedy, all mistakes in one message."""
    assert complaint(FILES[how]["file"]) == FILES[how]["message"].rstrip("\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "transport:\n  type: console # café\n".encode("latin-1"),
            "openlineage.yml line 2: the file is not UTF-8 text; save it in that encoding",
        ),
        (
            "transport:\n".encode("utf-16"),
            "openlineage.yml line 1: the file is not UTF-8 text; save it in that encoding",
        ),
        (
            b"namespace: a\nproducer: \x01\n",
            "openlineage.yml line 2: the character U+0001 is not allowed in YAML",
        ),
        (
            b"# " + b"x" * 1024 * 1024,
            "openlineage.yml: the file is larger than 1024 KiB; that is no configuration",
        ),
        (
            BOMB,
            "openlineage.yml: more than 20,000 values once every *alias is replaced; that is no configuration",
        ),
        ("[" * 5000, "openlineage.yml: nested too deeply"),
    ],
    ids=["latin-1", "utf-16", "control character", "too large", "alias bomb", "deep nesting"],
)
def test_a_file_that_is_hostile_or_garbled_is_refused(
    data: str | bytes, message: str, complaint: Complaint
) -> None:
    """Wrong encodings, size, alias bombs and endless nesting are told for what they are."""
    assert complaint(data) == message


@pytest.mark.parametrize("how", VALUES)
def test_a_broken_value_says_what_was_expected(how: str, complaint: Complaint) -> None:
    """A key or value that means nothing is refused with file, line, path, what was found and what is valid."""
    assert complaint(VALUES[how]["file"]) == VALUES[how]["message"].rstrip("\n")


@pytest.mark.parametrize("how", VARIABLES)
def test_a_broken_variable_is_named(how: str, complaint: Complaint) -> None:
    """What a variable sets wrongly is refused under the variable's own name."""
    assert complaint(environ=VARIABLES[how]["environ"]) == VARIABLES[how]["message"].rstrip("\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"config": {"namepsace": "x"}},
            "code, at $: unknown key 'namepsace'; did you mean 'namespace'?",
        ),
        ({"config": ["x"]}, "config: found a list, expected a mapping or the path of a file"),
        (
            {"config": {"namespace": object()}},
            "code, at $.namespace: found an object of type object, expected a text",
        ),
        (
            {"url": "http://h", "config": {"transport": {"type": "console"}}},
            "code, at $.transport: `url` means HTTP, and the transport given beside it is another; give one of them",
        ),
    ],
    ids=["misspelt key", "no mapping", "an object for a text", "url beside another transport"],
)
def test_a_broken_argument_is_named(arguments: dict[str, Any], message: str, complaint: Complaint) -> None:
    """What code gives wrongly is refused in the same form."""
    assert complaint(**arguments) == message


@pytest.mark.parametrize("how", TRANSPORTS)
def test_a_broken_transport_says_what_was_expected(
    how: str, read: Callable[..., Settings], tmp_path: Path
) -> None:
    """Options of a transport are refused in the same form, with the line they stand in."""
    settings = read(TRANSPORTS[how]["file"])
    assert settings.transport is not None
    with pytest.raises(ConfigError) as caught:
        create(settings.transport)
    assert str(caught.value).replace(f"{tmp_path}/", "") == TRANSPORTS[how]["message"].rstrip("\n")


@pytest.mark.parametrize("missing", ["tabs", "quotes", "capitals"])
def test_each_mistake_of_the_pasted_sample_is_told_without_the_others(
    missing: str, complaint: Complaint
) -> None:
    """Whatever of tabs, curly quotes and capitals is left in the sample is told, and only that."""
    text = "Transport:\n\tType: “http”\n\tUrl: “http://h”\n"
    mended = {
        "tabs": text.replace("\t", "  "),
        "quotes": text.replace("“", '"').replace("”", '"'),
        "capitals": text.lower(),
    }[missing]
    message = complaint(mended)
    told = {
        "tabs": "indented with a tab" in message,
        "quotes": "curly quotes" in message,
        "capitals": "did you mean 'transport'?" in message,
    }
    assert told == {name: name != missing for name in told}


def test_words_of_the_users_own_are_not_told_apart_by_capitals(complaint: Complaint) -> None:
    """Tags may be capitalised: only known keys are corrected."""
    message = complaint("tags:\n  job:\n    Name: “x”\nTransport: {}\n")
    assert "'Name'" not in message
    assert "'Transport'" in message


def test_a_configuration_that_is_a_directory_is_refused(complaint: Complaint, tmp_path: Path) -> None:
    """A directory named by the variable is told to be one."""
    assert (
        complaint(environ={"OPENLINEAGE_CONFIG": str(tmp_path)})
        == f"{tmp_path}: this is a directory, expected a YAML file"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_configuration_that_is_a_pipe_is_refused_without_waiting(
    complaint: Complaint, tmp_path: Path
) -> None:
    """Reading never blocks on something that is no file."""
    os.mkfifo(tmp_path / "openlineage.yml")
    assert complaint() == "openlineage.yml: this is not a regular file"


def test_a_missing_file_with_a_similar_neighbour_is_pointed_to_it(
    complaint: Complaint, tmp_path: Path
) -> None:
    """The nearest name in the directory is proposed."""
    (tmp_path / "lineage.yaml").write_text("namespace: a\n")
    message = complaint(environ={"OPENLINEAGE_CONFIG": "lineage.yml"})
    assert message == "OPENLINEAGE_CONFIG: there is no file 'lineage.yml'; did you mean 'lineage.yaml'?"


def test_problems_of_all_layers_come_together(complaint: Complaint) -> None:
    """File, variables and code are checked in one go."""
    message = complaint("facts: {}\n", {"OPENLINEAGE__NOTICE": "x"}, config={"tags": {"jobs": {}}})
    assert message.startswith("3 problems in the configuration:")
    places: list[Any] = [line.split(":")[0] for line in message.splitlines()[1:]]
    assert places == [
        "  - openlineage.yml line 1, at $",
        "  - code, at $.tags",
        "  - OPENLINEAGE__NOTICE, at $.notice",
    ]
