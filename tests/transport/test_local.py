"""The embedded default: private files, one per process, rolled and bounded."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_kit import report
from lineage_kit.errors import BrokenDestination
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.local import LocalConfig, LocalTransport, trim
from lineage_kit.transport.registry import create

ROOT = Path(__file__).parents[2]


def all_lines(directory):
    """Every line of every file, oldest file first."""
    return [line for file in sorted(directory.iterdir()) for line in file.read_bytes().splitlines()]


def test_without_options_it_lies_in_the_state_directory(envelope) -> None:
    """Under `log`, in a file of this process."""
    transport = create({"type": "local"})
    transport.send(envelope())
    transport.close()
    log = Path(os.environ["LINEAGE_KIT_STATE"]) / "log"
    assert transport.describe() == str(log)
    [file] = log.iterdir()
    assert transport.path == str(file)
    assert f"-{os.getpid()}-" in file.name
    assert file.suffix == ".ndjson"
    assert file.read_bytes() == envelope().body + b"\n"


def test_it_counts_what_it_wrote(tmp_path, envelope) -> None:
    """For the line at the end of a process."""
    transport = LocalTransport(LocalConfig(directory=str(tmp_path / "log")))
    assert (transport.count, transport.path) == (0, None)
    transport.send(envelope())
    transport.send(envelope())
    transport.close()
    assert transport.count == 2


def test_nothing_is_created_before_the_first_event(tmp_path) -> None:
    """Not even the folder."""
    LocalTransport(LocalConfig(directory=str(tmp_path / "log"))).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_files_and_folders_belong_to_the_user_alone(tmp_path, envelope) -> None:
    """Whatever the umask is."""
    directory = tmp_path / "state" / "log"
    old = os.umask(0)
    try:
        transport = LocalTransport(LocalConfig(directory=str(directory)))
        transport.send(envelope())
        transport.close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(transport.path).st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(directory.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX")
def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path, envelope) -> None:
    """Somebody else may have put it there."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    transport = LocalTransport(LocalConfig(directory=str(tmp_path / "log")))
    with pytest.raises(BrokenDestination, match="link"):
        transport.send(envelope())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_is_rolled_and_the_oldest_go_first(tmp_path) -> None:
    """The folder stays within its bound, the newest events stay, and it is said once."""
    transport = LocalTransport(LocalConfig(directory=str(tmp_path), max_bytes=16_000))
    for number in range(100):
        transport.send(Envelope(b'{"n":%d,"pad":"%s"}' % (number, b"x" * 480), "k"))
    transport.close()
    numbers = sorted(int(line.split(b",")[0][5:]) for line in all_lines(tmp_path))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 16_000 + 1000
    assert numbers == list(range(numbers[0], 100))
    assert numbers[0] > 60
    assert report.counts()["local.trimmed"] > 1


def test_files_of_other_processes_go_before_ones_own(tmp_path) -> None:
    """By age, whoever wrote them; foreign things in the folder are left alone."""
    for age, name in enumerate(("a.ndjson", "b.ndjson", "own.ndjson")):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (1_000_000 + age, 1_000_000 + age))
    (tmp_path / "note.txt").write_bytes(b"x" * 1000)
    assert trim(str(tmp_path), 150, keep="own.ndjson") == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["note.txt", "own.ndjson"]


def test_one_event_larger_than_a_file_is_kept(tmp_path) -> None:
    """The bound is kept by dropping what is old, not what is large."""
    transport = LocalTransport(LocalConfig(directory=str(tmp_path), max_bytes=1000))
    transport.send(Envelope(b'"' + b"x" * 5000 + b'"', "k"))
    transport.close()
    assert len(all_lines(tmp_path)[0]) == 5002


def test_a_removed_file_is_noticed(tmp_path, envelope) -> None:
    """A cleaner took it: what comes later goes into a new one instead of vanishing."""
    transport = LocalTransport(LocalConfig(directory=str(tmp_path)))
    transport.send(envelope("one"))
    os.unlink(transport.path)
    transport.send(envelope("two"))
    transport.close()
    assert all_lines(tmp_path) == [envelope("two").body]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_writes_a_file_of_its_own(tmp_path) -> None:
    """And counts its own events."""
    program = f"""
import os
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.local import LocalConfig, LocalTransport
transport = LocalTransport(LocalConfig(directory={str(tmp_path)!r}))
transport.send(Envelope(b'"parent"', "k"))
child = os.fork()
transport.send(Envelope(b'"child"' if child == 0 else b'"parent again"', "k"))
assert transport.count == (1 if child == 0 else 2)
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
    assert sorted(file.read_bytes() for file in tmp_path.iterdir()) == [
        b'"child"\n',
        b'"parent"\n"parent again"\n',
    ]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_broken_destination(tmp_path, envelope) -> None:
    """The reason is told, and the place."""
    tmp_path.chmod(0o500)
    transport = LocalTransport(LocalConfig(directory=str(tmp_path / "log")))
    with pytest.raises(BrokenDestination, match="cannot write"):
        transport.send(envelope())
    tmp_path.chmod(0o700)
