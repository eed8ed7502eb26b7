"""``lineage-kit init`` writes a configuration that is right as it stands, and wherever it is taken up."""

import re
import stat
from pathlib import Path

import msgspec
import pytest

from lineage_kit.cli.init import TEMPLATE
from lineage_kit.client.assemble import check, destinations
from lineage_kit.config.load import load
from lineage_kit.config.model import Sections
from lineage_kit.errors import ConfigError

LATER = {"capture"}
"""Sections that this version refuses."""


def _sections() -> list[str]:
    """The commented settings, one text per top-level key, ready to be used."""
    taken = re.sub(r"^#(?=\S|  )", "\0", TEMPLATE, flags=re.MULTILINE)
    lines = [line[1:] for line in taken.splitlines() if line.startswith("\0")]
    found: list[str] = []
    for line in lines:
        if line[0] not in " -":
            found.append("")
        found[-1] += line + "\n"
    return found


def test_the_file_written_loads_without_an_error(apart, tmp_path: Path) -> None:
    """Right after init everything works, and events stay on this machine."""
    result = apart("init", cwd=tmp_path)
    assert result.returncode == 0
    assert "openlineage.yml" in result.stdout
    settings = load()
    assert settings.file == str(tmp_path / "openlineage.yml")
    assert [one.transport.kind for one in destinations(settings)] == ["local"]


@pytest.mark.parametrize(
    "text", _sections(), ids=lambda text: text.split(":")[0] + "-" + text.split("\n")[1].strip()
)
def test_every_commented_section_may_be_taken(text: str) -> None:
    """Each setting that is commented out loads when its # is removed, and its transport can be built."""
    Path("openlineage.yml").write_text(text)
    destinations(load())


def test_what_is_commented_out_within_a_section_may_be_taken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a backend is the variable that is named there, whose absence is told as one problem."""
    text = next(text for text in _sections() if "api_key" in text)
    text = re.sub(r"^  #(?=\S|  )", "  ", text, flags=re.MULTILINE)
    Path("openlineage.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"^[^\n]*: the variable LINEAGE_API_KEY is not set[^\n]*$"):
        load(check_transport=check)
    monkeypatch.setenv("LINEAGE_API_KEY", "k")
    assert load(check_transport=check).transport["auth"]["apiKey"] == "k"
    assert [one.transport.describe() for one in destinations(load())] == [
        "http://localhost:5000/api/v1/lineage"
    ]


def test_every_section_is_explained() -> None:
    """A section that exists is in the file."""
    known = {field.name for field in msgspec.structs.fields(Sections)} - LATER
    written = {text.split(":")[0] for text in _sections()} | {"namespace", "transport"}
    assert known == written


def test_a_file_that_is_there_is_not_replaced(here) -> None:
    """What somebody wrote stays, and init says how to replace it; --force does."""
    Path("openlineage.yml").write_text("namespace: mine\n")
    refused = here("init")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert Path("openlineage.yml").read_text() == "namespace: mine\n"
    assert here("init", "--force").exit_code == 0
    assert Path("openlineage.yml").read_text() == TEMPLATE


def test_another_place_is_named_with_how_to_use_it(here, tmp_path: Path) -> None:
    """Elsewhere the file is not found by itself, and the reader learns which variable points to it."""
    (tmp_path / "conf").mkdir()
    result = here("init", "--path", "conf")
    assert (tmp_path / "conf" / "openlineage.yml").read_text() == TEMPLATE
    assert "OPENLINEAGE_CONFIG=conf/openlineage.yml" in result.stdout
    assert "OPENLINEAGE_CONFIG" not in here("init").stdout


def test_a_place_that_cannot_be_written_is_an_error(here) -> None:
    """A folder that does not exist gives the reason and status 2."""
    result = here("init", "--path", "missing/openlineage.yml")
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr


@pytest.mark.parametrize("more", [[], ["--force"], ["--path", "openlineage.yml"]])
def test_a_directory_of_that_name_is_in_the_way(here, more: list[str]) -> None:
    """Where openlineage.yml is a directory nothing is written into it: no program would look there."""
    Path("openlineage.yml").mkdir()
    result = here("init", *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "openlineage.yml is a directory, where a file is looked for" in result.stderr
    assert list(Path("openlineage.yml").iterdir()) == []


def test_nobody_else_may_write_the_file(here, tmp_path: Path) -> None:
    """The file is its owner's to change."""
    here("init")
    assert not (tmp_path / "openlineage.yml").stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
