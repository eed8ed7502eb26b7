"""``lineage-kit journal`` shows what killed programs have left, and delivers it."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are killed by signals here")

KILLED = """
    import os, signal, sys
    from lineage_kit import run
    with run("orders.load", inputs="s3://raw/orders"):
        with run("orders.child"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
"""
ALIVE = """
    import sys
    from lineage_kit import run
    with run("orders.living"):
        print("ready", flush=True)
        sys.stdin.read()
"""


def _killed(folder: Folder, url: str) -> None:
    assert folder.run(KILLED, OPENLINEAGE_URL=url).returncode == -signal.SIGKILL


@pytest.fixture
def down(server: HttpServer) -> HttpServer:
    """A backend that takes nothing for now."""
    server.always(503)
    return server


@pytest.fixture
def left(folder: Folder, down: HttpServer) -> Folder:
    """A folder in whose journal a killed program has left three events for `down`."""
    _killed(folder, down.url)
    return folder


def _start(folder: Folder, source: str, name: str, url: str) -> "subprocess.Popen[str]":
    (folder.path / name).write_text("\n".join(line[4:] for line in source.splitlines()))
    return subprocess.Popen(
        [sys.executable, name],
        cwd=folder.path,
        env=folder.environ(OPENLINEAGE_URL=url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_empty_journal_is_said_to_be_empty(folder: Folder) -> None:
    """Where there is nothing every command says so, and that is no failure."""
    url = "http://127.0.0.1:9"
    done = folder.tool("journal", "status", OPENLINEAGE_URL=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing is owed and nothing was set aside: the journal is not there yet." in done.stdout
    for words, said in {
        ("list",): "Nothing is owed: ",
        ("quarantine",): "Nothing was set aside: ",
        ("retry", "--all"): "Nothing was set aside: ",
        ("drop", "--all", "--yes"): "Nothing to drop: ",
        ("drain",): "Nothing to deliver: ",
    }.items():
        done = folder.tool("journal", *words, OPENLINEAGE_URL=url)
        assert done.returncode == 0
        assert said in done.stdout + done.stderr
    assert not (folder.state / "journal").exists()


def test_status_tells_what_a_killed_program_left(left: Folder, down: HttpServer) -> None:
    """Directory, quota, durability, the destination with what it is owed, and the process that is dead."""
    shown = left.tool("journal", "status", OPENLINEAGE_URL=down.url).stdout
    assert shown.startswith(f"The journal in {left.state / 'journal'}\n")
    assert " of 1.1 GB (" in shown or " of " in shown
    assert "durability  journal: written to " in shown
    [row] = [line.split() for line in shown.splitlines() if f"{down.url}/api/v1/lineage" in line]
    assert row[0] == "http"
    assert row[2] == "3"
    [process] = [line for line in shown.splitlines() if ", etl.py " in line]
    assert process.split()[0] == "dead"
    assert process.endswith("3 events")


def test_events_of_elsewhere_are_said_to_go_nowhere(left: Folder) -> None:
    """A destination that is not configured here is shown with that word, and drain leaves it alone."""
    url = "http://127.0.0.1:9"
    assert (
        "not configured here: no program with this"
        in left.tool("journal", "status", OPENLINEAGE_URL=url).stdout
    )
    done = left.tool("journal", "drain", OPENLINEAGE_URL=url)
    assert done.returncode == 0
    assert "3 events for " in done.stderr
    assert "which is not configured here" in done.stderr


def test_list_shows_the_oldest_first_and_how_many_more(left: Folder, down: HttpServer) -> None:
    """Each line has id, state, job, destination and run; --limit cuts, --to chooses, and a wrong name is met."""
    done = left.tool("journal", "list", "--limit", "2", OPENLINEAGE_URL=down.url)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["ID", "AGE", "STATE", "JOB", "TO", "PROCESS", "RUN"]
    assert [line[-4] for line in lines[1:]] == ["orders.load", "orders.child"]
    assert [line[-3:-1] for line in lines[1:]] == [["http", "dead"]] * 2
    assert done.stderr == "(1 event more: --limit shows them)\n"
    chosen = left.tool("journal", "list", "--to", "http", "--json", OPENLINEAGE_URL=down.url)
    found = [json.loads(line) for line in chosen.stdout.splitlines()]
    assert [event["state"] for event in found] == ["START", "START", "COMPLETE"]
    assert {event["process"] for event in found} == {"dead"}
    wrong = left.tool("journal", "list", "--to", "htpt", OPENLINEAGE_URL=down.url)
    assert wrong.returncode == 2
    assert "Did you mean 'http'" in wrong.stderr


def test_show_finds_an_event_by_the_beginning_of_its_id(left: Folder, down: HttpServer) -> None:
    """The event and where it stands are JSON; an unknown id is met with the nearest."""
    listed = left.tool("journal", "list", "--json", OPENLINEAGE_URL=down.url).stdout
    first = json.loads(listed.splitlines()[0])
    done = left.tool("journal", "show", first["id"][:8].upper(), OPENLINEAGE_URL=down.url)
    shown = json.loads(done.stdout)
    assert shown["id"] == first["id"]
    assert shown["event"]["job"]["name"] == "orders.load"
    assert shown["owed"][0]["process"] == "dead"
    assert shown["quarantined"] == []
    wrong = left.tool("journal", "show", f"{first['id'][:6]}xyz", OPENLINEAGE_URL=down.url)
    assert wrong.returncode == 2
    assert f"Did you mean {first['id'][:12]}" in wrong.stderr


def test_an_ambiguous_id_is_met_with_what_it_may_mean(left: Folder, down: HttpServer) -> None:
    """Of more than sixteen events two begin with the same digit, which is then not enough."""
    for _ in range(5):
        _killed(left, down.url)
    listed = left.tool("journal", "list", "--json").stdout
    ids = [json.loads(line)["id"] for line in listed.splitlines()]
    digit = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
    done = left.tool("journal", "show", digit)
    assert done.returncode == 2
    assert f"{digit!r} is the beginning of " in done.stderr
    assert "write more of it" in done.stderr


def test_drain_delivers_what_was_left_and_ends_the_run(left: Folder, down: HttpServer) -> None:
    """The events arrive with the ABORT of the run that was open; nothing of them stays."""
    down.always(201)
    down.clear()
    done = left.tool("journal", "drain", OPENLINEAGE_URL=down.url)
    assert (done.returncode, done.stdout) == (0, "4 delivered, 0 still owed, 0 quarantined\n")
    told = [f"{one.json()['eventType']} {one.json()['job']['name']}" for one in down.requests()]
    assert sorted(told) == [
        "ABORT orders.load",
        "COMPLETE orders.child",
        "START orders.child",
        "START orders.load",
    ]
    assert "Nothing is owed" in left.tool("journal", "status", OPENLINEAGE_URL=down.url).stdout


def test_drain_gives_up_where_nothing_gets_through(left: Folder, down: HttpServer) -> None:
    """A backend that stays down costs the timeout; what it said and what is still owed are told, with status 1."""
    done = left.tool("journal", "drain", "--timeout", "0.5", OPENLINEAGE_URL=down.url)
    assert (done.returncode, done.stdout) == (1, "0 delivered, 4 still owed, 0 quarantined\n")
    assert "503" in done.stderr


def test_drain_needs_a_backend(left: Folder) -> None:
    """Without one, with lineage switched off and with a broken configuration nothing is done, which is status 2."""
    for variables, said in (
        ({}, "no destination configured here"),
        ({"OPENLINEAGE_DISABLED": "true"}, "switched off here by OPENLINEAGE_DISABLED"),
        ({"OPENLINEAGE_CONFIG": "nowhere.yml"}, "while the configuration is broken"),
    ):
        done = left.tool("journal", "drain", **variables)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_what_lives_is_alive_and_left_alone(folder: Folder, down: HttpServer) -> None:
    """A living process is shown as such, drain leaves its events to it, and drop refuses them."""
    with _start(folder, ALIVE, "living.py", down.url) as process:
        assert process.stdout.readline() == "ready\n"
        shown = folder.tool("journal", "status", OPENLINEAGE_URL=down.url).stdout
        assert [line.split()[0] for line in shown.splitlines() if ", living.py " in line] == ["alive"]
        done = folder.tool("journal", "drain", OPENLINEAGE_URL=down.url)
        assert done.returncode == 0
        assert "(1 event of living processes: they deliver them themselves)" in done.stderr
        [event] = folder.tool("journal", "list", "--json", OPENLINEAGE_URL=down.url).stdout.splitlines()
        refused = folder.tool("journal", "drop", json.loads(event)["id"], "--yes", OPENLINEAGE_URL=down.url)
        assert refused.returncode == 2
        assert f"pid {process.pid} on " in refused.stderr
        process.communicate("", timeout=30)
    down.always(201)
    done = folder.tool("journal", "drain", OPENLINEAGE_URL=down.url)
    assert done.stdout == "2 delivered, 0 still owed, 0 quarantined\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watching_goes_on_until_it_is_told_to_end(
    left: Folder, down: HttpServer, number: signal.Signals
) -> None:
    """What is left, and what is left later, is delivered; a signal ends it well."""
    down.always(201)
    down.clear()
    command = [sys.executable, "-m", "lineage_kit", "journal", "drain", "--watch"]
    with subprocess.Popen(
        command,
        cwd=left.path,
        env=left.environ(OPENLINEAGE_URL=down.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().startswith("Watching ")
        assert process.stdout.readline() == "4 delivered, 0 quarantined\n"
        down.always(503)
        _killed(left, down.url)
        down.always(201)
        assert process.stdout.readline() == "4 delivered, 0 quarantined\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "8 delivered, 0 still owed, 0 quarantined\n")
    assert "Traceback" not in err


def test_a_terminal_sees_a_bar(left: Folder, down: HttpServer) -> None:
    """The progress is drawn on standard error where that is a terminal; standard output has the one line."""
    down.always(201)
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "lineage_kit", "journal", "drain"],
        cwd=left.path,
        env=left.environ(OPENLINEAGE_URL=down.url),
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=60,
    )
    os.close(theirs)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert "Delivering" in drawn
    assert done.stdout == b"4 delivered, 0 still owed, 0 quarantined\n"


def test_doctor_tells_of_the_journal(left: Folder, down: HttpServer) -> None:
    """What a crash would cost, and how much waits already."""
    shown = left.tool("doctor", OPENLINEAGE_URL=down.url).stdout
    assert f"journal: written to {left.state / 'journal'} before your code goes on" in shown
    assert f"{left.state / 'journal'}: 3 owed, 0 quarantined, " in shown
    synced = left.tool(
        "doctor", OPENLINEAGE_URL=down.url, OPENLINEAGE__DELIVERY__JOURNAL__SYNC="always"
    ).stdout
    assert "journal, synced: forced to the medium" in synced


def test_doctor_warns_where_there_can_be_no_journal(folder: Folder) -> None:
    """A file in place of the directory is told before an event is lost."""
    (folder.path / "file").write_text("")
    shown = folder.tool(
        "doctor",
        OPENLINEAGE_URL="http://127.0.0.1:9",
        OPENLINEAGE__DELIVERY__JOURNAL__DIRECTORY=str(folder.path / "file"),
    ).stdout
    assert "is a file, not a directory: there can be no journal" in shown


def test_a_reader_that_goes_away_is_no_error(left: Folder, down: HttpServer) -> None:
    """`| head` ends a list without a word."""
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m lineage_kit journal list --json | head -c 1"],
        cwd=left.path,
        env=left.environ(OPENLINEAGE_URL=down.url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("{", "")
    assert Path(left.state / "journal").is_dir()
