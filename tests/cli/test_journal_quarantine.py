"""``lineage-kit journal quarantine``, ``retry`` and ``drop``: what becomes of events that a backend refuses."""

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

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a terminal and signals are needed")

REFUSED = """
    from lineage_kit import run
    with run("orders.refused"):
        pass
"""
KILLED = """
    import os, signal
    from lineage_kit import run
    with run("orders.killed"):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def refused(folder: Folder, server: HttpServer) -> Folder:
    """A folder in whose quarantine are the START and COMPLETE of one run."""
    server.answer(422, body="no such namespace")
    server.answer(422, body="no such namespace")
    assert folder.run(REFUSED, OPENLINEAGE_URL=server.url).returncode == 0
    server.clear()
    return folder


def _ids(folder: Folder, command: str) -> list[str]:
    return [json.loads(line)["id"] for line in folder.tool("journal", command, "--json").stdout.splitlines()]


def _ledger(folder: Folder) -> list[dict]:
    path = folder.state / "journal" / "ledger.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_what_was_refused_is_listed_with_the_reason(refused: Folder, server: HttpServer) -> None:
    """Status, job, destination and what the backend said, for people and as JSON; status counts them."""
    done = refused.tool("journal", "quarantine", OPENLINEAGE_URL=server.url)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["ID", "AGE", "STATUS", "STATE", "JOB", "TO", "REASON"]
    assert len(lines) == 3
    assert " 422 " in lines[1]
    assert " orders.refused " in lines[1]
    [first, _] = refused.tool(
        "journal", "quarantine", "--json", "--to", "http", OPENLINEAGE_URL=server.url
    ).stdout.splitlines()
    told = json.loads(first)
    assert (told["status"], told["state"], told["job"]) == (422, "START", "orders.refused")
    assert "no such namespace" in told["reason"] + told["answer"]
    shown = json.loads(refused.tool("journal", "show", told["id"][:9]).stdout)
    assert shown["quarantined"][0]["status"] == 422
    assert shown["event"]["eventType"] == "START"
    status = refused.tool("journal", "status", OPENLINEAGE_URL=server.url).stdout
    [row] = [line.split() for line in status.splitlines() if server.url in line]
    assert row[2:4] == ["0", "2"]


def test_retry_has_them_owed_again_in_their_order(refused: Folder, server: HttpServer) -> None:
    """They leave quarantine, nothing ends their run, and drain delivers the very bytes that were refused."""
    done = refused.tool("journal", "retry", "--all", OPENLINEAGE_URL=server.url)
    assert (done.returncode, done.stdout) == (
        0,
        "2 events owed again. Deliver with: lineage-kit journal drain\n",
    )
    assert _ids(refused, "quarantine") == []
    ids = _ids(refused, "list")
    assert len(ids) == 2
    done = refused.tool("journal", "drain", OPENLINEAGE_URL=server.url)
    assert done.stdout == "2 delivered, 0 still owed, 0 quarantined\n"
    assert [one.json()["eventType"] for one in server.requests()] == ["START", "COMPLETE"]
    assert [one.headers["idempotency-key"] for one in server.requests()] == ids


def test_retry_can_deliver_at_once_and_be_refused_again(refused: Folder, server: HttpServer) -> None:
    """With --now one event is tried at once; what is refused again is back in quarantine, and the status is 1."""
    first, second = _ids(refused, "quarantine")
    done = refused.tool("journal", "retry", first[:10], "--now", OPENLINEAGE_URL=server.url)
    assert done.returncode == 0
    assert done.stdout.endswith("1 delivered, 0 still owed, 0 quarantined\n")
    server.always(422)
    done = refused.tool("journal", "retry", second, "--now", OPENLINEAGE_URL=server.url)
    assert done.returncode == 1
    assert done.stdout.endswith("0 delivered, 0 still owed, 1 quarantined\n")
    assert _ids(refused, "quarantine") == [second]


def test_an_event_that_was_mended_by_hand_is_sent_as_it_is(refused: Folder, server: HttpServer) -> None:
    """Laid out over several lines it is still one record; what is no JSON stays where it is."""
    first, second = sorted((refused.state / "journal" / "quarantine").rglob("*.json"))
    reason, seam, body = first.read_text().partition(',"event":')
    event = json.loads(body.rstrip("\n")[:-1])
    event["job"]["name"] = "orders.mended"
    first.write_text(f"{reason}{seam}{json.dumps(event, indent=2)}}}\n")
    second.write_text(second.read_text().replace('"job":', '"job"', 1))
    done = refused.tool("journal", "retry", "--all", "--now", OPENLINEAGE_URL=server.url)
    assert done.returncode == 1
    assert "was left as it is: its file holds no event that can be sent" in done.stderr
    assert [one.json()["job"]["name"] for one in server.requests()] == ["orders.mended"]
    assert second.exists()


def test_retry_refuses_what_it_cannot_mean(refused: Folder) -> None:
    """No id, ids and --all, and an id that nothing has are mistakes; nothing is done."""
    for words, said in (
        ((), "Name events by the beginning of their id"),
        (("ab", "--all"), "not both"),
        (("zz",), "No event has an id that begins with 'zz'"),
    ):
        done = refused.tool("journal", "retry", *words)
        assert done.returncode == 2
        assert said in done.stderr
    assert len(_ids(refused, "quarantine")) == 2


def test_retry_for_a_destination_of_elsewhere_is_told(refused: Folder) -> None:
    """They are owed again, and that nobody here delivers them is said."""
    done = refused.tool("journal", "retry", "--all", OPENLINEAGE_URL="http://127.0.0.1:9")
    assert done.returncode == 0
    assert "is not configured here: no program with this configuration delivers to it" in done.stderr


def test_drop_is_in_the_ledger(refused: Folder, server: HttpServer) -> None:
    """What is dropped from quarantine is gone, and the ledger and status say so."""
    first, second = _ids(refused, "quarantine")
    done = refused.tool("journal", "drop", first[:8], "--yes")
    assert (done.returncode, done.stdout) == (0, "1 event dropped, which the ledger of the journal says.\n")
    assert _ids(refused, "quarantine") == [second]
    [entry] = _ledger(refused)
    assert (entry["reason"], entry["event"], entry["by"]) == ("expired", first, "journal drop")
    status = refused.tool("journal", "status", OPENLINEAGE_URL=server.url).stdout
    assert any(line.split()[:3] == ["expired", "1", "http"] for line in status.splitlines())


def test_drop_of_what_the_dead_owe_still_ends_their_run(folder: Folder, server: HttpServer) -> None:
    """One event by its id goes; the ABORT of the run that was left open is owed in its place. --all drops that too."""
    server.always(503)
    assert folder.run(KILLED, OPENLINEAGE_URL=server.url).returncode == -signal.SIGKILL
    [start] = _ids(folder, "list")
    assert folder.tool("journal", "drop", start, "--yes", OPENLINEAGE_URL=server.url).returncode == 0
    [end] = folder.tool("journal", "list", "--json").stdout.splitlines()
    assert json.loads(end)["state"] == "ABORT"
    elsewhere = folder.tool(
        "journal", "drop", "--all", "--to", "nowhere", "--yes", OPENLINEAGE_URL=server.url
    )
    assert elsewhere.returncode == 2
    done = folder.tool("journal", "drop", "--all", "--to", "http", "--yes", OPENLINEAGE_URL=server.url)
    assert done.stdout.startswith("1 event dropped")
    assert _ids(folder, "list") == []
    assert [entry["event"] for entry in _ledger(folder)] == [start, json.loads(end)["id"]]
    assert [path.name for path in (folder.state / "journal").iterdir()] == ["ledger.jsonl"]


def test_nothing_is_dropped_without_a_yes(refused: Folder) -> None:
    """Without a terminal --yes is needed; at one the question is asked, and no means no."""
    done = refused.tool("journal", "drop", "--all")
    assert done.returncode == 2
    assert "Nobody can be asked here: say --yes" in done.stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "lineage_kit", "journal", "drop", "--all"],
        cwd=refused.path,
        env=refused.environ(),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(ours, b"n\n")
        _, err = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 2
    assert "Drop 2 events for good (2 in quarantine)? [y/N]" in err
    assert "Nothing was dropped." in err
    assert len(_ids(refused, "quarantine")) == 2


def test_without_a_ledger_nothing_is_dropped(refused: Folder) -> None:
    """Where the loss cannot be written down, the events stay."""
    (refused.state / "journal" / "ledger.jsonl").mkdir()
    done = refused.tool("journal", "drop", "--all", "--yes")
    assert done.returncode == 2
    assert "the ledger cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(_ids(refused, "quarantine")) == 2


def test_a_crash_between_writing_and_removing_costs_no_event(
    refused: Folder, server: HttpServer, tmp_path: Path
) -> None:
    """Killed before the first one leaves quarantine, retry has left it in both places; it arrives, with its run."""
    killed = refused.run(
        """
        import os, signal, sys
        from lineage_kit.delivery.recovery import decisions
        decisions._remove = lambda path: os.kill(os.getpid(), signal.SIGKILL)
        sys.argv = ["lineage-kit", "journal", "retry", "--all"]
        from lineage_kit.cli import main
        main()
        """,
        "crash.py",
        OPENLINEAGE_URL=server.url,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(_ids(refused, "quarantine")) == 2
    done = refused.tool("journal", "retry", "--all", "--now", OPENLINEAGE_URL=server.url)
    assert done.returncode == 0
    assert {one.json()["eventType"] for one in server.requests()} == {"START", "COMPLETE"}
