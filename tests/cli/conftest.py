"""Commands run in this process, or as a user runs them: in one of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.log_events import write

Here = Callable[..., Result]
Apart = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def here() -> Here:
    """Runs ``lineage-kit`` with these arguments in this process."""
    from lineage_kit.cli.group import lineage_kit

    def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(lineage_kit, [str(argument) for argument in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def apart() -> Apart:
    """Runs ``python -m lineage_kit`` with these arguments in a process of its own."""

    def run(*arguments: str | Path, **options: object) -> "subprocess.CompletedProcess[str]":
        variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TZ": "UTC"}
        variables.pop("PYTEST_CURRENT_TEST", None)
        variables |= options.pop("env", {})
        return subprocess.run(
            [sys.executable, "-m", "lineage_kit", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            env=variables,
            **options,
        )

    return run


@pytest.fixture
def logged() -> Callable[..., Path]:
    """Writes events into the local log, as one process's file."""

    def put(events: list[dict], name: str = "process.ndjson") -> Path:
        return write(Path(os.environ["LINEAGE_KIT_STATE"]) / "log" / name, events)

    return put
