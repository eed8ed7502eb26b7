"""Where the journal cannot be written the job runs unharmed, events go straight to the network, and losses are said."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.support.lives import BEGIN, PATIENCE, Lives

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions and limits are those of POSIX")
WHOLE = [["START", "COMPLETE"]]
SMALL_DISK = 512 * 1024

AS_ANYBODY = """
import ctypes, os, sys
for capability in (1, 2, 3):  # what lets root write and read everywhere
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""

COUNTED = """
import json
with open("status.json", "w") as file:
    [one] = status()["destinations"]
    json.dump({"delivered": one.delivered, "owed": one.owed, "dropped": one.dropped, "kept in": one.durability}, file)
"""


def run(lives: Lives, source: str, *wrapper: str, **variables: str) -> str:
    """Run a program, by way of `wrapper`; what it wrote to standard error."""
    (lives.folder.path / "etl.py").write_text(BEGIN + source + COUNTED)
    process = lives.launch([*wrapper, sys.executable, "etl.py"], **variables)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + err
    return err


def counted(lives: Lives) -> dict:
    """What the program knew of its events in the end."""
    return json.loads((lives.folder.path / "status.json").read_text())


def nowhere(lives: Lives, how: str) -> list[str]:
    """Make the state directory useless; by way of which command a program then finds it so."""
    state = lives.folder.state
    if how == "a file stands there":
        state.write_text("mine")
        return []
    state.mkdir(0o500)
    if os.geteuid():
        return []
    wrapper = [sys.executable, "-c", AS_ANYBODY]
    if (
        subprocess.run([*wrapper, shutil.which("mkdir"), state / "tried"], capture_output=True).returncode
        == 0
    ):
        pytest.skip("this user may write wherever he likes")
    return wrapper


TWENTY = """
for number in range(20):
    load(number)
assert flush(30)
load("last")
"""
PLACES = ["a file stands there", "no permission"]


@pytest.mark.parametrize("how", PLACES)
def test_without_a_directory_events_go_straight_to_the_network(lives: Lives, how: str) -> None:
    """C20: nothing is written, all is delivered, the program says once that its events do not outlive it."""
    wrapper = nowhere(lives, how)
    said = run(lives, TWENTY, *wrapper)
    [line] = said.splitlines()
    assert f"the journal in {lives.journal} cannot be written" in line
    assert lives.runs() == {"load": WHOLE * 21}
    assert lives.came_once()
    assert counted(lives)["kept in"] == "memory"
    assert how != PLACES[0] or lives.folder.state.read_text() == "mine"


@pytest.mark.parametrize("how", PLACES)
def test_what_neither_disk_nor_network_nor_memory_take_is_counted_and_said(lives: Lives, how: str) -> None:
    """C20, C23: with the backend down and memory full, losses are counted by reason, and each reason is said once."""
    lives.server.always(503)
    wrapper = nowhere(lives, how)
    limits = {"OPENLINEAGE__DELIVERY__MEMORY_LIMIT": "65536", "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "0.1"}
    said = run(lives, "for number in range(100):\n    load(number)\n", *wrapper, **limits)
    found = counted(lives)
    assert found["delivered"] == 0, found
    assert list(found["dropped"]) == ["unkept"], (found, said)
    assert found["owed"] + found["dropped"]["unkept"] == 200
    assert 0 < found["owed"] < 200
    assert said.count("cannot be written") == 1
    assert said.count("can neither be written to the journal in") == 1
    assert said.count(f"{found['owed']} lineage events were lost at exit") == 1
    assert len(said.splitlines()) == 3, said


LIMITED = """
import resource

load("first")
assert flush(30)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
for number in range(40):
    load(number)
load("last")
assert flush(30)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


def test_a_limit_on_the_size_of_files(lives: Lives) -> None:
    """C20: a record that is taken in part is rolled back; what no longer fits goes by memory, in order, and once."""
    said = run(lives, LIMITED)
    assert lives.runs() == {"load": WHOLE * 42}
    assert lives.came_once()
    assert said.count("cannot be written") == 1
    assert lives.homes() == []


FILLED = """
import errno

room = []
def fill():
    with open(os.environ["LINEAGE_KIT_STATE"] + "/filler", "ab", 0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError as error:
            assert error.errno == errno.ENOSPC

load("first")
fill()
for number in range(60):
    load(number)
assert flush(30)
os.unlink(os.environ["LINEAGE_KIT_STATE"] + "/filler")
load("last")
assert flush(30)
"""


def small_disk(lives: Lives) -> list[str]:
    """A command that has the state directory on a file system of its own; skips where that is not to be had."""
    lives.folder.state.mkdir()
    mount = f'mount -t tmpfs -o size={SMALL_DISK} tmpfs {lives.folder.state} && exec "$@"'
    wrapper = [
        "unshare",
        "--mount",
        *([] if os.geteuid() == 0 else ["--map-root-user"]),
        "sh",
        "-c",
        mount,
        "sh",
    ]
    if shutil.which("unshare") is None or subprocess.run([*wrapper, "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    return wrapper


def test_a_full_disk(lives: Lives) -> None:
    """C20: while the disk is full the job goes on and events go by memory; none is lost, and it is said once."""
    said = run(lives, FILLED, *small_disk(lives), OPENLINEAGE__DELIVERY__JOURNAL__MAX_BYTES="1000000000")
    assert lives.runs() == {"load": WHOLE * 62}
    assert lives.came_once()
    assert said.count(f"the journal in {lives.journal} cannot be written") == 1
    assert counted(lives)["dropped"] == {}


def test_a_quota_refuses_runs_whole(lives: Lives) -> None:
    """C19: where the journal has no room, runs are refused at START, never in their middle; said once, and counted."""
    lives.server.always(503)
    (lives.folder.path / "openlineage.yml").write_text(
        "delivery: {journal: {max_bytes: 65536}, exit_timeout: 0.1}"
    )
    said = run(
        lives, "for number in range(200):\n    load(number)\n", OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="0.1"
    )
    found = counted(lives)
    assert list(found["dropped"]) == ["full"], (found, said)
    assert found["owed"] + found["dropped"]["full"] == 400
    assert said.count("has no room for another run") == 1
    lives.server.always(201)
    lives.server.clear()
    assert lives.next() == found["owed"]
    assert lives.runs() == {"load": WHOLE * (found["owed"] // 2)}
    assert lives.homes() != []  # the book of losses
    assert [path.name for path in lives.homes()] == ["ledger.jsonl"]


REMOVED = """
import shutil

with run("across"):
    load("first")
    assert flush(30)
    shutil.rmtree(os.environ["LINEAGE_KIT_STATE"])
    threading.Event().wait(0.05)  # a moment passes
    load("second")
load("last")
"""


def test_a_directory_that_is_removed_is_made_again(lives: Lives) -> None:
    """C3: after a cleaner has taken the journal away under a running program, its next events are on disk again."""
    assert run(lives, REMOVED) == ""
    assert lives.runs() == {"across": WHOLE, "load": WHOLE * 3}
    assert counted(lives)["kept in"] == "journal"
    assert lives.homes() == []
