"""Every test starts from nothing: a bare environment, a home and a working directory of its own, no session."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_kit import report, strangers

OURS = ("OPENLINEAGE", "LINEAGE_KIT")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine leaks in: variables, ~/.openlineage, openlineage.yml of the working directory."""
    for name in os.environ:
        if name.upper().startswith(OURS):
            monkeypatch.delenv(name)
    home = tmp_path.with_name(tmp_path.name + "-home")
    home.mkdir()
    for name, value in {"HOME": home, "USERPROFILE": home, "LINEAGE_KIT_STATE": home / "state"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def no_session() -> Iterator[None]:
    """No client, counter, silence or slow type outlives the test that made it."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    session = sys.modules.get("lineage_kit.session")  # a test that never needed one does not load it
    if session is not None:
        session.reset()
    report.reset()
    strangers._slow.clear()  # a busy machine makes types of a test slow
