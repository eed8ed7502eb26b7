"""The client that decorators and blocks find when nothing was configured in code."""

import logging
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from lineage_kit import current_run, flush, lineage_job, report, run, session, status
from lineage_kit.transport import MemoryTransport
from tests.support.scripts import Folder

PROGRAM = """
from lineage_kit import flush, lineage_job, run

@lineage_job
def load():
    return "loaded"

with run("daily"):
    print(load())
print(flush())
"""
STATES = ["START daily", "START etl.load", "COMPLETE etl.load", "COMPLETE daily"]


def test_under_pytest_events_stay_in_memory(tmp_path: Path) -> None:
    """With nothing configured in code a test run writes neither where openlineage.yml says nor a log."""
    (tmp_path / "openlineage.yml").write_text("transport: {type: file, log_file_path: events.ndjson}\n")
    with run("daily"):
        pass
    [destination] = status()["destinations"]
    assert (destination.name, destination.delivered) == ("memory", 2)
    assert [path.name for path in tmp_path.iterdir()] == ["openlineage.yml"]
    assert report.counts() == {}


def test_program_started_by_a_test_stays_in_memory(tmp_path: Path) -> None:
    """A script that a test of the user's starts writes nothing either: it inherits pytest's variable."""
    folder = Folder(tmp_path)
    done = folder.run(PROGRAM, PYTEST_CURRENT_TEST="tests/test_etl.py::test_load (call)")
    assert done.stdout.split() == ["loaded", "True"]
    assert folder.events() == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unknown key", "transprt: {type: console}\n"),
        ("tabs", "transport:\n\ttype: http\n"),
        ("no mapping", "- a\n- b\n"),
        ("unknown transport", "transport: {type: smoke_signals}\n"),
        ("no such class", "transport: {type: no_such_module.Transport}\n"),
        ("not UTF-8", "transport: {type: \udcff}\n"),
        ("missing url", "transport: {type: http}\n"),
    ],
)
def test_broken_file_costs_a_warning_and_no_job(name: str, text: str, tmp_path: Path) -> None:
    """A decorated function in front of a broken file runs, one loud warning says what is wrong, events stay here."""
    (tmp_path / "openlineage.yml").write_text(text, errors="surrogateescape")
    folder = Folder(tmp_path)
    done = folder.run(PROGRAM)
    assert (done.returncode, done.stdout.split()) == (0, ["loaded", "True"])
    assert done.stderr.count("lineage is not configured as it should be") == 1
    assert "no lineage backend is configured" not in done.stderr
    assert "openlineage.yml" in done.stderr
    assert "Traceback" not in done.stderr
    assert folder.states() == STATES


def test_named_file_that_is_missing(tmp_path: Path) -> None:
    """OPENLINEAGE_CONFIG that points nowhere is such a mistake too."""
    folder = Folder(tmp_path)
    done = folder.run(PROGRAM, OPENLINEAGE_CONFIG="/nowhere/openlineage.yml")
    assert (done.returncode, done.stdout.split()) == (0, ["loaded", "True"])
    assert "/nowhere/openlineage.yml" in done.stderr
    assert folder.states() == STATES


def test_working_directory_that_was_removed(tmp_path: Path) -> None:
    """A program whose working directory is gone runs, and its events are kept."""
    folder = Folder(tmp_path)
    gone = "import os, shutil\nos.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
    done = folder.run(gone + PROGRAM)
    assert (done.returncode, done.stdout.split()) == (0, ["loaded", "True"])
    assert folder.states() == STATES


@pytest.mark.skipif(sys.platform == "win32", reason="a relative state directory is resolved at once")
def test_nothing_can_be_kept_at_all(tmp_path: Path) -> None:
    """Where not even the state directory can be made, the job runs and its loss is said."""
    (tmp_path / "file").write_text("")
    done = Folder(tmp_path).run(PROGRAM, LINEAGE_KIT_STATE=str(tmp_path / "file" / "below"))
    assert (done.returncode, done.stdout.split()) == (0, ["loaded", "True"])
    assert "Traceback" not in done.stderr
    first, last = done.stderr.splitlines()
    log = tmp_path / "file" / "below" / "log"
    said = (
        f"local did not take an event: cannot write {log}: a link or file, no directory, {tmp_path / 'file'}"
    )
    assert first == said
    assert last == "4 lineage events were lost: local did not take them"


@pytest.mark.skipif(sys.platform == "win32", reason="bounds on the size of a file are a thing of POSIX")
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Where the log takes no more the job runs on; the file and the cause are said, and at exit how many were lost."""
    bound = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    """
    folder = Folder(tmp_path)
    done = folder.run(dedent(bound) + PROGRAM)
    assert (done.returncode, done.stdout.split()) == (0, ["loaded", "True"])
    first, last = done.stderr.splitlines()
    [file] = folder.state.rglob("*.ndjson")
    assert first.startswith(f"local did not take an event: cannot write {file}: only 1 of ")
    assert first.endswith(" bytes were taken; is the disk full?")
    assert last == "4 lineage events were lost: local did not take them"


def test_state_directory_that_is_relative_to_nothing(tmp_path: Path) -> None:
    """A relative state directory in a working directory that is gone costs the events, not the job."""
    gone = "import os\nos.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
    done = Folder(tmp_path).run(gone + PROGRAM, LINEAGE_KIT_STATE="state")
    assert (done.returncode, done.stdout.split()) == (0, ["loaded", "True"])
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["1", "true", "True", "TRUE", "yes", "YES", "on", " on "])
def test_disabled_in_all_spellings(value: str, tmp_path: Path) -> None:
    """OPENLINEAGE_DISABLED switches everything off before anything is read, a broken file included."""
    (tmp_path / "openlineage.yml").write_text("broken: [\n")
    folder = Folder(tmp_path)
    done = folder.run(PROGRAM, OPENLINEAGE_DISABLED=value)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["loaded", "True"], "")
    assert not folder.state.exists()


@pytest.mark.parametrize("value", ["0", "false", "No", "off", ""])
def test_not_disabled(value: str, tmp_path: Path) -> None:
    """What means no leaves lineage on."""
    folder = Folder(tmp_path)
    folder.run(PROGRAM, OPENLINEAGE_DISABLED=value)
    assert folder.states() == STATES


def test_neither_yes_nor_no_is_said(tmp_path: Path) -> None:
    """A value that is neither leaves lineage on, and is said."""
    folder = Folder(tmp_path)
    done = folder.run(PROGRAM, OPENLINEAGE_DISABLED="maybe")
    assert "OPENLINEAGE_DISABLED" in done.stderr
    assert folder.states() == STATES


def test_disabled_is_read_once(tmp_path: Path) -> None:
    """Who changes the variable after the first run changes nothing."""
    program = """
    import os
    from lineage_kit import run
    with run("first"): pass
    os.environ["OPENLINEAGE_DISABLED"] = "true"
    with run("second"): pass
    """
    folder = Folder(tmp_path)
    folder.run(program)
    assert [state.split()[1] for state in folder.states()] == ["first", "first", "second", "second"]
    other = Folder(tmp_path / "other")
    other.path.mkdir()
    swapped = program.replace('"true"', '"false"')
    other.run(swapped, OPENLINEAGE_DISABLED="1")
    assert other.events() == []


def test_code_over_environment_over_file(tmp_path: Path) -> None:
    """The strongest of the three that says something about a setting wins, in whole programs."""
    (tmp_path / "openlineage.yml").write_text(
        "transport: {type: file, log_file_path: from_file.ndjson, append: true}\n"
        "namespace: file\ntags: {job: {stage: file, other: file}}\n"
    )
    folder = Folder(tmp_path)
    show = "import json, sys\nfrom lineage_kit import session\ns = session.open_client().settings\n"
    show += "print(s.transport['log_file_path'], s.namespace, s.tags.job['stage'], s.tags.job['other'])\n"
    assert folder.run(show).stdout.split() == ["from_file.ndjson", "file", "file", "file"]
    environ = {
        "OPENLINEAGE_NAMESPACE": "variable",
        "OPENLINEAGE__TAGS__JOB__STAGE": "variable",
        "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": "from_variable.ndjson",
    }
    assert folder.run(show, **environ).stdout.split() == [
        "from_variable.ndjson",
        "variable",
        "variable",
        "file",
    ]
    code = """
    from lineage_kit import configure, run
    configure(namespace="code", transport={"type": "file", "log_file_path": "code.ndjson", "append": True},
              config={"tags": {"job": {"stage": "code"}}})
    with run("a"): pass
    """
    done = folder.run(code, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "code.ndjson").read_text()
    assert '"namespace":"code"' in text
    assert '"value":"code"' in text
    assert '"key":"other","value":"file"' in text
    assert not (tmp_path / "from_variable.ndjson").exists()


def test_threads_race_for_the_first_client() -> None:
    """A hundred threads that begin at once share one client, and every event of theirs is there."""
    gate = threading.Barrier(50)
    clients = []

    @lineage_job("load")
    def load() -> None:
        clients.append(session.active)

    def work() -> None:
        gate.wait()
        load()

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, clients))) == 1
    assert status()["destinations"][0].delivered == 100


def test_nothing_is_opened_by_asking() -> None:
    """`flush`, `status` and `current_run` open no client."""
    assert flush()
    assert status()["destinations"] == []
    assert not current_run()
    assert not session.is_configured()


def test_status_tells_how_often_which_trouble_happened(caplog: pytest.LogCaptureFixture) -> None:
    """Trouble is counted each time and said once."""
    session.swap(None)
    transport = MemoryTransport()
    session.configure(transport=transport)
    with caplog.at_level(logging.WARNING), run("daily") as active:
        for _ in range(3):
            active.add_output("bare_word")
    assert status()["problems"] == {"run.dataset": 3}
    assert len(caplog.records) == 1
    assert "bare_word" in caplog.text
