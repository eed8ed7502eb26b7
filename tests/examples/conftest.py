"""Examples run as readers run them: in a copy of their folder, by their name."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.scripts import ROOT, Folder

EXAMPLES = ROOT / "examples"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Copy(Folder):
    """A folder with a copy of one example."""

    def example(self, name: str, *args: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the file, or the ``etl.py`` of the folder, that begins with `name`."""
        source = next(EXAMPLES.glob(f"{name}*"))
        if source.is_dir():
            shutil.copytree(
                source, self.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(source, self.path)
        script = "etl.py" if source.is_dir() else source.name
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "lineage_kit.testing.plugin"]
        return self.python(*(tests if "test_" in source.name else []), script, *args, **variables)

    def python(self, *args: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with `args` here."""
        return subprocess.run(
            [sys.executable, *args],
            cwd=self.path,
            env=self.environ(**variables),
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """An empty folder to copy an example into."""
    return Copy(tmp_path)
