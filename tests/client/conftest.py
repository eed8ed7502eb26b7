"""Real repositories, made by the real git."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_kit.client.source_code import forget


class Repository:
    """A checkout with one commit of ``jobs/etl.py``, and git to change it."""

    def __init__(self, root: Path, remote: str | None = "https://github.com/team/etl.git") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.source = root / "jobs" / "etl.py"
        self.source.parent.mkdir(exist_ok=True)
        self.source.write_text("print()\n")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "first")
        if remote is not None:
            self.git("remote", "add", "origin", remote)

    def git(self, *arguments: str) -> str:
        """What the command printed, without the last newline."""
        author = {
            f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        bare = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        allowed = ("-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *allowed, *arguments],
            cwd=self.root,
            env={**os.environ, **author, **bare},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    @property
    def commit(self) -> str:
        """The id of the commit that is checked out."""
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A checkout in a folder of its own."""
    return Repository(tmp_path / "checkout")


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What was read of a checkout in one test is not known to the next."""
    forget()
    yield
    forget()
