"""Whatever lies in the journal's directory, the commands look at it without following, executing or stumbling."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and modes are a thing of POSIX")

KILLED = """
    import os, signal
    from lineage_kit import run
    with run("orders.killed"):
        os.kill(os.getpid(), signal.SIGKILL)
"""
LOOKS = (("status",), ("list",), ("list", "--json"), ("quarantine",), ("quarantine", "--json"))


@pytest.fixture
def left(folder: Folder, server: HttpServer) -> Folder:
    """A folder whose journal holds one event of a dead process."""
    server.always(503)
    assert folder.run(KILLED, OPENLINEAGE_URL=server.url).returncode == -signal.SIGKILL
    return folder


def _home(folder: Folder) -> Path:
    [home] = [path for path in (folder.state / "journal").iterdir() if (path / "lock").exists()]
    return home


def _look(folder: Folder, url: str) -> str:
    """What all the commands that look say, none of which may fail."""
    said = ""
    for words in LOOKS:
        done = folder.tool("journal", *words, OPENLINEAGE_URL=url)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        said += done.stdout + done.stderr
    return said


def test_garbage_in_a_segment_is_counted_and_passed_over(left: Folder, server: HttpServer) -> None:
    """Lines that are no records, a wrong checksum and a torn tail cost themselves; the event beside them is there."""
    with next(_home(left).glob("*.jsonl")).open("ab") as segment:
        segment.write(b'\xff\xfe\n{"at":1,"crc":1,"key":"k","event":{}}\n\n[[[[\n{"at":')
    said = _look(left, server.url)
    assert "orders.killed" in said
    assert "Warning: 4 lines are damaged and cannot be sent." in said
    server.always(201)
    done = left.tool("journal", "drain", OPENLINEAGE_URL=server.url)
    assert "2 delivered, 0 still owed" in done.stdout


def test_garbage_in_verdicts_counts_for_nothing(left: Folder, server: HttpServer) -> None:
    """Lines of verdicts that cannot be read leave the event owed."""
    ack = next(_home(left).glob("*.ack"))
    ack.write_bytes(
        b"\x00\xff\n1 1\n000001 1 de\x1b[31m\n1 9-2 delivered\n000001 1 delivered"
    )  # the last one is torn
    assert "orders.killed" in _look(left, server.url)


def test_names_from_disk_steer_no_terminal(left: Folder, server: HttpServer) -> None:
    """Escapes in the metadata, in names of files and in reasons are written out, for people and in JSON."""
    home = _home(left)
    meta = json.loads((home / "meta.json").read_text())
    meta |= {"host": "h\x1b[2J", "program": "p\u202ex\x07"}
    meta["destinations"] = dict.fromkeys(meta["destinations"], "http://x\x1b]0;owned\x07/")
    (home / "meta.json").write_text(json.dumps(meta))
    (home / "evil\x1b[31m.ack").write_text("")
    aside = left.state / "journal" / "quarantine" / "to\x1b[5m"
    aside.mkdir(parents=True)
    told = {"at": 1e300, "to": "x", "why": "w\x1b[0m\x9b1m", "key": "k\x1b", "status": 422, "answer": "\x1b"}
    (aside / "abc\x1b.json").write_text(
        f'{json.dumps(told)[:-1]},"event":{{"job":{{"name":"j\\u001b[1m"}}}}}}\n'
    )
    said = _look(left, "http://127.0.0.1:9") + left.tool("journal", "show", "abc").stdout
    assert "\\x1b[2J" in said
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said)


def test_what_another_version_has_written_is_left_alone(left: Folder, server: HttpServer) -> None:
    """An incarnation of an unknown version is named as such, and neither drained nor dropped."""
    home = _home(left)
    meta = json.loads((home / "meta.json").read_text())
    (home / "meta.json").write_text(json.dumps(meta | {"version": 99}))
    said = _look(left, server.url)
    assert home.name in said
    assert "unknown: written by another version; left as it is" in said
    server.always(201)
    server.clear()
    assert left.tool("journal", "drain", OPENLINEAGE_URL=server.url).returncode == 0
    assert left.tool("journal", "drop", "--all", "--yes", OPENLINEAGE_URL=server.url).returncode == 0
    assert server.requests() == []
    assert list(home.glob("*.jsonl"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1, "destinations": 3}'])
def test_metadata_that_cannot_be_read_costs_no_event(left: Folder, server: HttpServer, text: str) -> None:
    """Who it was is not known then; what it owes is, and is delivered."""
    (_home(left) / "meta.json").write_text(text)
    _look(left, server.url)
    server.always(201)
    server.clear()
    assert left.tool("journal", "drain", OPENLINEAGE_URL=server.url).returncode == 0
    assert server.requests()


def test_links_are_not_followed(left: Folder, server: HttpServer, tmp_path: Path) -> None:
    """A linked folder, segment or quarantine is not read, and what it leads to is not removed by drop."""
    outside = tmp_path / "outside"
    outside.mkdir()
    event = outside / "ab12.json"
    event.write_text('{"at":1,"to":"x","why":"w","key":"k","event":{"job":{"name":"outside"}}}\n')
    root = left.state / "journal"
    (root / "linked").symlink_to(_home(left))
    (root / "quarantine" / "real").mkdir(parents=True)
    (root / "quarantine" / "linked").symlink_to(outside)
    (root / "quarantine" / "real" / "cd34.json").symlink_to(event)
    (_home_segment(left).parent / "000002.jsonl").symlink_to(event)
    said = _look(left, server.url)
    assert "outside" not in said.replace(str(outside), "")
    assert "000002.jsonl cannot be read" in said
    assert left.tool("journal", "show", "ab12").returncode == 2
    left.tool("journal", "drop", "--all", "--yes", OPENLINEAGE_URL=server.url)
    assert event.exists()


def _home_segment(folder: Folder) -> Path:
    return next(
        path for path in (folder.state / "journal").glob("*/000001.jsonl") if not path.parent.is_symlink()
    )


def test_what_is_no_file_is_never_waited_for(left: Folder, server: HttpServer) -> None:
    """A pipe or directory in place of a segment, of verdicts or of metadata holds no command up."""
    home = _home(left)
    os.mkfifo(home / "000002.jsonl")
    (home / "000003.jsonl").mkdir()
    os.mkfifo(home / "http-000000000000.ack")
    assert "orders.killed" in _look(left, server.url)
    (home / "meta.json").unlink()
    os.mkfifo(home / "meta.json")
    assert "left as it is" in _look(left, server.url)


def test_a_journal_that_is_none_is_an_error(folder: Folder) -> None:
    """A file in place of the directory is told with its path, and the status is 2."""
    folder.state.mkdir()
    (folder.state / "journal").write_text("")
    done = folder.tool("journal", "status")
    assert done.returncode == 2
    assert str(folder.state / "journal") in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(left: Folder, server: HttpServer) -> None:
    """What cannot be looked into is said to be unknown."""
    home = _home(left)
    home.chmod(0)
    try:
        assert home.name in _look(left, server.url)
    finally:
        home.chmod(0o700)


def test_looking_changes_nothing(left: Folder, server: HttpServer) -> None:
    """No file of the journal is made, written, touched or removed by the commands that look."""

    def state() -> dict[str, tuple[int, int]]:
        found = sorted((left.state / "journal").rglob("*"))
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}

    before = state()
    _look(left, server.url)
    assert state() == before
