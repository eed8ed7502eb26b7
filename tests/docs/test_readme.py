"""What the README shows is true: its first screen, each of its programs, settings, commands and links."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from lineage_kit import OpenLineageClient
from lineage_kit.cli.group import COMMANDS
from lineage_kit.config.load import load
from lineage_kit.event.check import problems
from tests.support.scripts import ROOT, Folder

README = ROOT / "README.md"
pytestmark = pytest.mark.skipif(not README.exists(), reason="there is no README here")

TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
PROGRAMS = [text for kind, text in BLOCKS if kind == "python"]
needs_frames = pytest.mark.skipif(
    not (find_spec("pandas") and find_spec("pyarrow")), reason="the first screen needs pandas and pyarrow"
)


def _without_times(line: str) -> str:
    """The words of a line with every duration replaced, since those differ."""
    return " ".join(re.sub(r"\d+\.\d+ s", "… s", line).split())


@needs_frames
def test_first_screen_prints_what_it_says(tmp_path: Path) -> None:
    """The program and the command below it, run as written, print the tree that is shown."""
    rows = [f"{('Rome', 'Oslo')[number % 2]},{number}" for number in range(748)]
    (tmp_path / "orders.csv").write_text("\n".join(["city,amount", *rows, "Rome,", ",3"]) + "\n")
    folder = Folder(tmp_path)
    shown = next(text for kind, text in BLOCKS if kind == "text").splitlines()
    assert shown[0] == "$ python etl.py; lineage-kit log"
    done = folder.run(PROGRAMS[0])
    assert (done.returncode, done.stdout) == (0, "")
    printed = folder.tool("log").stdout.splitlines()
    assert [_without_times(line) for line in printed] == [_without_times(line) for line in shown[1:]]


@pytest.mark.parametrize("program", PROGRAMS[1:], ids=range(1, len(PROGRAMS)))
def test_programs_run_as_they_stand(program: str, tmp_path: Path) -> None:
    """Every other program runs, and the events it leaves are valid."""
    folder = Folder(tmp_path)
    done = folder.run(program)
    assert done.returncode == 0, done.stderr
    events = folder.events()
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]
    for event in events:
        assert problems(json.dumps(event)) == []


def test_arguments_name_jobs_and_datasets(tmp_path: Path) -> None:
    """The comment in the second program is true: one dataset, whatever the day."""
    folder = Folder(tmp_path)
    folder.run(PROGRAMS[1])
    _, complete = folder.events()
    assert complete["job"]["name"] == "land.orders"
    [read], [written] = complete["inputs"], complete["outputs"]
    assert (read["namespace"], read["name"]) == ("s3://raw", "orders")
    assert (written["namespace"], written["name"]) == ("postgres://db:5432", "shop.public.orders")
    assert written["outputFacets"]["outputStatistics"]["rowCount"] == 3


def test_settings_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each openlineage.yml that is shown makes a client."""
    monkeypatch.setenv("LINEAGE_KEY", "of-the-backend")
    shown = [text for kind, text in BLOCKS if kind == "yaml"]
    assert shown
    for text in shown:
        (tmp_path / "openlineage.yml").write_text(text)
        assert load().file == str(tmp_path / "openlineage.yml")
        with OpenLineageClient() as client:
            assert client.status()


def test_commands_exist() -> None:
    """Every ``make`` target and ``lineage-kit`` command that is named is there."""
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake ([a-z]+)(?=[\s`;)])", TEXT)) - {"a"}:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    for command in set(re.findall(r"`lineage-kit (\w+)", TEXT)) | set(
        re.findall(r"; lineage-kit (\w+)", TEXT)
    ):
        assert command in COMMANDS, command


def test_links_lead_somewhere() -> None:
    """Every link into the project has its file."""
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_it_is_short() -> None:
    """The README has fewer than 120 lines."""
    assert len(TEXT.splitlines()) < 120
