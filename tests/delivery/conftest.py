"""Deliveries that are closed when the test ends, and Python scripts run in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_kit.delivery import BackgroundDelivery
from lineage_kit.delivery.process import incarnation
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.transport.base import Transport

ROOT = Path(__file__).parents[2]
PREAMBLE = "import os, sys\nfrom tests.delivery.stand_ins import *\nfrom lineage_kit.delivery import *\n"

Background = Callable[..., BackgroundDelivery]
RunScript = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def no_last_words() -> Iterator[None]:
    """What a test lost on purpose is not told at the end of the test run."""
    yield
    incarnation().last_words.clear()


@pytest.fixture
def background() -> Iterator[Background]:
    """Makes background deliveries that try again without pause unless told otherwise."""
    made: list[BackgroundDelivery] = []

    def make(transport: Transport, name: str = "wire", **options: Any) -> BackgroundDelivery:
        options.setdefault("retry", RetryPolicy(factor=0.0, longest=0.0))
        made.append(BackgroundDelivery(transport, name, **options))
        return made[-1]

    yield make
    for delivery in made:
        delivery.close(0.0)


@pytest.fixture
def run_script(tmp_path: Path) -> RunScript:
    """Runs a script to its end, every warning on its stderr; its first argument is `tmp_path`."""

    def run(text: str, *, timeout: float = 60.0) -> "subprocess.CompletedProcess[str]":
        script = tmp_path / "script.py"
        script.write_text(PREAMBLE + text)
        command = [sys.executable, "-W", "always", str(script), str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run
