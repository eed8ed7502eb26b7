"""Where nothing is configured, the toolkit says once that events stay on this machine, and where."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripts import Folder

PROGRAM = """
from lineage_kit import run
for _ in range(2):
    with run("daily"):
        pass
"""


@pytest.mark.parametrize("text", ["notice: never\n", "transport: {type: local}\n"])
def test_it_can_be_silenced(text: str, tmp_path: Path) -> None:
    """``notice: never``, or saying that local is what is meant, gives no word."""
    (tmp_path / "openlineage.yml").write_text(text)
    done = Folder(tmp_path).run(PROGRAM)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_program_without_a_terminal_warns_once(tmp_path: Path) -> None:
    """A program whose stderr is a pipe prints one line there: where was looked, and where its events are."""
    done = Folder(tmp_path).run(PROGRAM)
    assert (done.returncode, done.stdout) == (0, "")
    [line] = done.stderr.splitlines()
    assert f"no lineage backend is configured (looked for {tmp_path / 'openlineage.yml'}, " in line
    assert str(tmp_path / "state" / "log") in line


def test_program_that_emits_nothing_says_nothing(tmp_path: Path) -> None:
    """Importing and decorating alone is silent."""
    done = Folder(tmp_path).run("from lineage_kit import lineage_job\n@lineage_job\ndef a(): pass\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(("runs", "said"), [(2, "4 lineage events in"), (0, "")])
def test_at_a_terminal_one_line_at_exit(runs: int, said: str, tmp_path: Path) -> None:
    """At a terminal the count comes at the end, after the program's own output, and nothing when there is nothing."""
    folder = Folder(tmp_path)
    (tmp_path / "etl.py").write_text(PROGRAM.replace("range(2)", f"range({runs})") + "print('done')\n")
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "etl.py"],
        cwd=tmp_path,
        env=folder.environ(),
        stderr=theirs,
        stdout=subprocess.PIPE,
        timeout=60,
    )
    os.write(theirs, b"END\n")
    text = b""
    while b"END" not in text:
        text += os.read(ours, 4096)
    os.close(ours)
    os.close(theirs)
    printed = text.decode().replace("\r\n", "\n").removesuffix("END\n")
    assert done.stdout == b"done\n"
    assert printed.startswith(said)
    assert len(printed.splitlines()) == bool(runs)
    assert ("lineage-kit log" in printed) == bool(runs)


def test_always_speaks_at_exit(tmp_path: Path) -> None:
    """``notice: always`` prints the line without a terminal too."""
    (tmp_path / "openlineage.yml").write_text("notice: always\n")
    done = Folder(tmp_path).run(PROGRAM)
    assert done.stderr == f"4 lineage events in {tmp_path / 'state' / 'log'}: see them with lineage-kit log\n"


def test_forked_child_does_not_repeat_it(tmp_path: Path) -> None:
    """A forked child that leaves through the same exit handlers says nothing of its parent's events."""
    (tmp_path / "openlineage.yml").write_text("notice: always\n")
    done = Folder(tmp_path).run(
        """
        import os, sys
        from lineage_kit import run
        with run("daily"):
            pass
        child = os.fork()
        if not child:
            sys.exit(0)
        os.waitpid(child, 0)
        """
    )
    assert done.stderr.count("lineage events in") == 1


def test_closed_stderr_is_no_trouble(tmp_path: Path) -> None:
    """A program that closed its stderr, or has none, runs as before."""
    for closing in ("sys.stderr.close()", "sys.stderr = None"):
        done = Folder(tmp_path).run(f"import sys\n{closing}\n{PROGRAM}\nprint('done')\n")
        assert (done.returncode, done.stdout) == (0, "done\n")
