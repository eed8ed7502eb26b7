"""A folder to run programs in and a backend that notes what their workers send."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Where a program runs."""
    return Folder(tmp_path)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A backend in another process."""
    with HttpServer() as running:
        yield running
