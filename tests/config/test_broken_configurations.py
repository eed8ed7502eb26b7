"""Whoever writes a configuration wrongly reads in one message where, what was found and what is expected."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError
from lineage_kit.transport.registry import create
from tests.support.broken_configurations import CODE, FILES, TRANSPORTS, VALUES, VARIABLES

Complaint = Callable[..., str]


@pytest.mark.parametrize("how", FILES)
def test_a_broken_file_says_what_is_to_be_mended(how: str, complaint: Complaint) -> None:
    """Text that is no usable YAML is refused with the line and the remedy, all mistakes in one message."""
    text, message = FILES[how]
    assert complaint(text) == message


@pytest.mark.parametrize("how", VALUES)
def test_a_broken_value_says_what_was_expected(how: str, complaint: Complaint) -> None:
    """A key or value that means nothing is refused with file, line, path, what was found and what is valid."""
    text, message = VALUES[how]
    assert complaint(text) == message


@pytest.mark.parametrize("how", VARIABLES)
def test_a_broken_variable_is_named(how: str, complaint: Complaint) -> None:
    """What a variable sets wrongly is refused under the variable's own name."""
    environ, message = VARIABLES[how]
    assert complaint(environ=environ) == message


@pytest.mark.parametrize("how", CODE)
def test_a_broken_argument_is_named(how: str, complaint: Complaint) -> None:
    """What code gives wrongly is refused in the same form."""
    arguments, message = CODE[how]
    assert complaint(**arguments) == message


@pytest.mark.parametrize("how", TRANSPORTS)
def test_a_broken_transport_says_what_was_expected(how: str, read: Callable[..., Settings], tmp_path: Path) -> None:
    """Options of a transport are refused in the same form, with the line they stand in."""
    text, message = TRANSPORTS[how]
    settings = read(f"transport:\n  {text}\n")
    assert settings.transport is not None
    with pytest.raises(ConfigError) as caught:
        create(settings.transport)
    assert str(caught.value).replace(f"{tmp_path}/", "") == message


@pytest.mark.parametrize("missing", ["tabs", "quotes", "capitals"])
def test_each_mistake_of_the_pasted_sample_is_told_without_the_others(missing: str, complaint: Complaint) -> None:
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
    assert complaint(environ={"OPENLINEAGE_CONFIG": str(tmp_path)}) == f"{tmp_path}: this is a directory, expected a YAML file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_configuration_that_is_a_pipe_is_refused_without_waiting(complaint: Complaint, tmp_path: Path) -> None:
    """Reading never blocks on something that is no file."""
    os.mkfifo(tmp_path / "openlineage.yml")
    assert complaint() == "openlineage.yml: this is not a regular file"


def test_a_missing_file_with_a_similar_neighbour_is_pointed_to_it(complaint: Complaint, tmp_path: Path) -> None:
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
