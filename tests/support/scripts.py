"""Running small programs as users do: a real interpreter, a folder of its own, an environment without leftovers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

ROOT = Path(__file__).parents[2]
_LEFT_OUT = ("OPENLINEAGE", "LINEAGE_KIT", "PYTEST_")


class Folder:
    """A working directory with a state directory below it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / "state"

    def environ(self, **variables: str) -> dict[str, str]:
        """The environment of a program: the tests' own, without settings of lineage and without pytest's marks."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
        kept |= {"LINEAGE_KIT_STATE": str(self.state), "HOME": str(self.path), "PYTHONPATH": str(ROOT)}
        return kept | variables

    def start(self, source: str, name: str = "etl.py", *args: str, **variables: str) -> subprocess.Popen[str]:
        """Start `source` as a script."""
        script = self.path / name
        text = dedent(source)
        if (
            not script.exists() or script.read_text() != text
        ):  # a second process must not find it half written
            script.write_text(text)
        return subprocess.Popen(
            [sys.executable, name, *args],
            cwd=self.path,
            env=self.environ(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, source: str, name: str = "etl.py", *args: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `source` as a script to its end."""
        process = self.start(source, name, *args, **variables)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def tool(
        self, *args: str, stdin: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``lineage-kit`` with `args`."""
        return subprocess.run(
            [sys.executable, "-m", "lineage_kit", *args],
            cwd=self.path,
            env=self.environ(**variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def events(self) -> list[dict[str, Any]]:
        """What is in the local log, oldest file first."""
        files = sorted(self.state.rglob("*.ndjson"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]

    def states(self) -> list[str]:
        """``["START etl", …]`` of the local log."""
        return [f"{event['eventType']} {event['job']['name']}" for event in self.events()]
