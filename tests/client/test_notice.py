"""Where nothing is configured, the toolkit says once that events stay on this machine, and where."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_kit import Job, OpenLineageClient, Run, RunEvent, RunState
from tests.support.scripts import Folder

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
EVENT = RunEvent(RunState.START, "2026-11-22T10:00:00Z", Run(ID), Job("shop", "load"), "https://x.example")

PROGRAM = """
from lineage_kit import run
for _ in range(2):
    with run("daily"):
        pass
"""


def test_one_warning_says_where_was_looked_and_where_events_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first event gives one warning with the files that were looked for and the folder of the log."""
    client = OpenLineageClient()
    assert caplog.text == ""
    for _ in range(3):
        client.emit(EVENT)
    [record] = caplog.records
    message = record.getMessage()
    assert record.name == "lineage_kit"
    assert str(tmp_path / "openlineage.yml") in message
    assert os.environ["LINEAGE_KIT_STATE"] in message


@pytest.mark.parametrize("config", [{"notice": "never"}, {"transport": {"type": "local"}}])
def test_it_can_be_silenced(config: dict, caplog: pytest.LogCaptureFixture) -> None:
    """``notice: never``, or saying that local is what is meant, gives no word."""
    OpenLineageClient(config=config).emit(EVENT)
    assert caplog.text == ""


def test_program_without_a_terminal_warns_once(tmp_path: Path) -> None:
    """A program whose stderr is a pipe prints one line there, nothing to stdout, and ends well."""
    done = Folder(tmp_path).run(PROGRAM)
    assert (done.returncode, done.stdout) == (0, "")
    [line] = done.stderr.splitlines()
    assert "no lineage backend is configured" in line
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
