"""The pytest plugin in test runs of users: a fixture, and no cost where it is not used."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripts import ROOT, Folder

SUITE = """
import os, sys

import pytest
from lineage_kit import lineage_job, run

@lineage_job("load", inputs="s3://raw/{day}.csv")
def load(day):
    return day

def test_first(lineage_events):
    with run("daily"):
        load("2026-11-22")
    lineage_events.completed("load").under("daily").read("s3://raw/2026-11-22.csv")
    assert len(lineage_events) == 4

def test_second_starts_empty(lineage_events):
    lineage_events.ran_nothing()

def test_false_sentence(lineage_events):
    load("2026-11-22")
    lineage_events.completed("load").wrote("s3://lake/orders")

def test_without_the_fixture():
    load("2026-11-22")
"""


def _pytest(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    options = ["-p", "lineage_kit.testing.plugin", "-p", "no:cacheprovider", "-q", "--import-mode=importlib"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments],
        cwd=folder,
        env=Folder(folder).environ(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_fixture_in_a_suite_of_a_user(tmp_path: Path) -> None:
    """Each test begins with an empty recording; a false sentence is a failure that reads well; nothing is written."""
    (tmp_path / "test_etl.py").write_text(SUITE)
    (tmp_path / "openlineage.yml").write_text("transport: {type: file, log_file_path: events.ndjson}\n")
    done = _pytest(tmp_path)
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert "expected COMPLETE of load writing s3://lake · orders; its outputs are none" in done.stdout
    assert not list(tmp_path.glob("events*"))
    assert not (tmp_path / "state").exists()


def test_plugin_loads_nothing_until_it_is_used(tmp_path: Path) -> None:
    """A test run that does not ask for the fixture loads the plugin file and not the package behind it."""
    (tmp_path / "test_none.py").write_text(
        "import sys\n\ndef test_loaded():\n"
        "    ours = {name for name in sys.modules if name.split('.')[0] == 'lineage_kit'}\n"
        "    assert ours == {'lineage_kit', 'lineage_kit.testing', 'lineage_kit.testing.plugin'}\n"
        "    assert not {'msgspec', 'requests', 'yaml', 'wrapt'} & sys.modules.keys()\n"
    )
    done = _pytest(tmp_path)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_plugin_is_found_by_its_entry_point(tmp_path: Path) -> None:
    """The project tells pytest about it, so that nobody has to name it."""
    text = (ROOT / "pyproject.toml").read_text()
    _, _, after = text.partition("[project.entry-points.pytest11]")
    assert after.split()[:3] == ["lineage_kit", "=", '"lineage_kit.testing.plugin"']
    done = _pytest(tmp_path, "--fixtures")
    assert "lineage_events" in done.stdout


def test_names_of_the_testing_module() -> None:
    """What the page of the API names can be imported from one place, whichever file was loaded first."""
    program = (
        "import lineage_kit.testing.recording, lineage_kit.testing.freezing\n"
        "from lineage_kit.testing import Frozen, Match, MemoryTransport, Recording, frozen, record_events\n"
        "import lineage_kit.testing as testing\n"
        "assert callable(frozen) and set(testing.__all__) <= set(dir(testing))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    import lineage_kit.testing

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lineage_kit.testing.nothing
