"""The file transport: real files, written by many processes, cut short, rotated and forbidden."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lineage_kit.errors import BrokenDestination, ConfigError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.file import FileConfig, FileTransport
from lineage_kit.transport.registry import create

ROOT = Path(__file__).parents[2]


def lines(path):
    """The events of a file."""
    return [json.loads(line) for line in path.read_bytes().splitlines() if line]


def appending(path):
    """A transport that appends to `path`."""
    return FileTransport(FileConfig(log_file_path=str(path), append=True))


def test_appending_writes_one_line_per_event(tmp_path, envelope) -> None:
    """Behind what is there already, exactly the event's bytes."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"older":1}\n')
    transport = appending(path)
    transport.send(envelope("läden"))
    transport.send(envelope("zwei"))
    transport.close()
    assert (
        path.read_bytes() == b'{"older":1}\n' + envelope("läden").body + b"\n" + envelope("zwei").body + b"\n"
    )


def test_by_default_each_event_gets_a_file_of_its_own(tmp_path, envelope) -> None:
    """Named by time, with the exact bytes in it."""
    transport = FileTransport(FileConfig(log_file_path=str(tmp_path / "event")))
    for job in ("a", "b", "c"):
        transport.send(envelope(job))
    transport.close()
    files = sorted(tmp_path.iterdir())
    assert [file.read_bytes() for file in files] == [envelope(job).body for job in ("a", "b", "c")]
    assert all(re.fullmatch(r"event-\d{8}-\d{6}\.\d{6}-[0-9a-f]{8}\.json", file.name) for file in files)


def test_missing_folders_are_created_with_the_first_event(tmp_path, envelope) -> None:
    """Configuring creates nothing."""
    path = tmp_path / "some" / "where" / "events.ndjson"
    transport = appending(path)
    assert list(tmp_path.iterdir()) == []
    transport.send(envelope())
    transport.close()
    assert len(lines(path)) == 1


@pytest.mark.parametrize("append", [True, False])
def test_many_processes_and_threads_never_mix_or_lose_events(tmp_path, append) -> None:
    """Whole lines, unique files."""
    program = f"""
import sys, threading
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.file import FileConfig, FileTransport
transport = FileTransport(FileConfig(log_file_path={str(tmp_path / "events")!r}, append={append}))
def work(thread):
    for number in range(25):
        body = b'{{"id":"%s-%d-%d","pad":"%s"}}' % (sys.argv[1].encode(), thread, number, b"x" * 9000)
        transport.send(Envelope(body, "k"))
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    with ThreadPoolExecutor(6) as pool:
        runs = [
            pool.submit(subprocess.run, [sys.executable, "-c", program, str(n)], check=True, cwd=ROOT)
            for n in range(6)
        ]
        [run.result() for run in runs]
    found = [event["id"] for file in tmp_path.iterdir() for event in lines(file)]
    assert len(found) == len(set(found)) == 6 * 4 * 25


def test_a_torn_line_is_ended_before_the_next(tmp_path, envelope) -> None:
    """What a dying process left behind costs its own event and no other."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"whole":1}\n{"to')
    transport = appending(path)
    transport.send(envelope())
    transport.close()
    assert path.read_bytes().splitlines() == [b'{"whole":1}', b'{"to', envelope().body]


def test_a_rotated_or_removed_file_is_opened_anew(tmp_path, envelope) -> None:
    """As log rotation does it, while the transport is open."""
    path = tmp_path / "events.ndjson"
    transport = appending(path)
    transport.send(envelope("one"))
    path.rename(tmp_path / "events.1")
    transport.send(envelope("two"))
    path.unlink()
    transport.send(envelope("three"))
    transport.close()
    assert [event["job"]["name"] for event in lines(path)] == ["three"]
    assert [event["job"]["name"] for event in lines(tmp_path / "events.1")] == ["one"]


def test_a_document_of_several_lines_becomes_one(tmp_path) -> None:
    """The file stays one event per line."""
    path = tmp_path / "events.ndjson"
    transport = appending(path)
    transport.send(Envelope(b'{\n  "a": [1,\n 2]\n}', "k"))
    transport.close()
    assert path.read_bytes() == b'{"a":[1,2]}\n'


def test_a_file_url_is_a_local_path(tmp_path, envelope) -> None:
    """With escapes read; a host in it is refused, since it was meant as a folder."""
    path = tmp_path / "with space.ndjson"
    transport = create({"type": "file", "logFilePath": path.as_uri(), "append": "true"})
    transport.send(envelope())
    transport.close()
    assert len(lines(path)) == 1
    with pytest.raises(ConfigError, match="file:///events/log"):
        create({"type": "file", "log_file_path": "file://events/log"})


@pytest.mark.parametrize("address", ["s3://bucket/events", "gs://b/e", "memory://x", "hdfs://n/e"])
def test_remote_addresses_are_refused(address) -> None:
    """They are known, and not there yet."""
    with pytest.raises(ConfigError, match="does not yet"):
        create({"type": "file", "log_file_path": address})


def test_a_device_may_be_written(envelope) -> None:
    """Nothing is read back from it."""
    transport = FileTransport(FileConfig(log_file_path=os.devnull, append=True))
    transport.send(envelope())
    transport.close()


def test_a_directory_in_its_place_is_a_broken_destination(tmp_path, envelope) -> None:
    """The configuration is wrong, trying again does not help."""
    transport = appending(tmp_path / "events")
    (tmp_path / "events").mkdir()
    with pytest.raises(BrokenDestination, match="cannot write"):
        transport.send(envelope())
    transport.close()


@pytest.mark.skipif(os.name != "posix", reason="limits on file size are POSIX")
def test_a_full_disk_is_worth_another_try_and_leaves_whole_lines(tmp_path, envelope) -> None:
    """A limit on file size stands for the disk: the event that did not fit is reported, the next line is whole."""
    path = tmp_path / "events.ndjson"
    program = f"""
from resource import RLIMIT_FSIZE, RLIM_INFINITY, setrlimit
from lineage_kit.errors import Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.file import FileConfig, FileTransport
transport = FileTransport(FileConfig(log_file_path={str(path)!r}, append=True))
transport.send(Envelope(b'"first"', "k"))
setrlimit(RLIMIT_FSIZE, (100, RLIM_INFINITY))
try:
    transport.send(Envelope(b'"' + b"x" * 500 + b'"', "k"))
except Unreachable as error:
    print(error)
setrlimit(RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
transport.send(Envelope(b'"last"', "k"))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert "cannot write" in done.stdout
    first, torn, last = path.read_bytes().splitlines()
    assert (first, last) == (b'"first"', b'"last"')
    assert torn.startswith(b'"xxx')


def test_a_path_must_not_be_empty() -> None:
    """Nor missing; the key of other tools is recognised."""
    with pytest.raises(ConfigError, match="must be a path"):
        create({"type": "file", "log_file_path": " "})
    with pytest.raises(ConfigError, match="log_file_path"):
        create({"type": "file", "log_file": "events"})
