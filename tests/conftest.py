"""Every test starts from nothing: a bare environment, a home and a working directory of its own, no session."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_kit import report, strangers
from tests.support.lives import Lives
from tests.support.scripts import Folder
from tests.support.servers import HttpServer

for name, action in {"SIGINT": signal.default_int_handler, "SIGQUIT": signal.SIG_DFL}.items():
    # ignored in what a shell runs in the background; the programs that tests start would inherit that
    number = getattr(signal, name, None)
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, action)

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


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder to run programs in."""
    return Folder(tmp_path)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A backend in another process, which notes what it is sent."""
    with HttpServer() as running:
        yield running


@pytest.fixture
def lives(folder: Folder, server: HttpServer) -> Iterator[Lives]:
    """Programs that share a journal and a backend."""
    made = Lives(folder, server)
    yield made
    made.kill()


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
