"""Programs that become daemons close all descriptors by number: what then has our numbers is the user's alone."""

import json
import os
from pathlib import Path

import pytest

from tests.support.judge import event_breaches
from tests.support.scripts import Folder
from tests.support.servers import HttpServer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

PROGRAM = """
    import os, socket, sys
    from lineage_kit import flush, run, status

    def work():
        os.closerange(3, 1024)
        files = [open(f"user{number}.txt", "w") for number in range(4)] if sys.argv[2] == "files" else []
        pairs = [socket.socketpair() for _ in range(4)] if sys.argv[2] == "sockets" else []
        for name in ("b", "c"):
            with run(name):
                pass
            assert flush(20)
        for file in files:
            file.write("mine\\n")
            file.flush()
            assert os.path.samestat(os.fstat(file.fileno()), os.stat(file.name))
        for one, other in [*pairs, *(pair[::-1] for pair in pairs)]:
            one.sendall(b"mine")
            assert other.recv(100) == b"mine"
        here = status()["destinations"][0]
        assert not here.owed and not here.dropped and not here.last_error, here

    with run("a"):
        pass
    assert flush(20)
    if sys.argv[1] == "alone":
        work()
    else:
        child = os.fork()
        if child == 0:
            os.setsid()
            try:
                work()
            except BaseException as error:
                print(repr(error), flush=True)
                os._exit(1)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        with run("d"):
            pass
        assert flush(20)
"""
EXPECTED = {
    "alone": [f"{state} {job}" for job in "abc" for state in ("START", "COMPLETE")],
    "forked": [f"{state} {job}" for job in "abcd" for state in ("START", "COMPLETE")],
}

everyhow = pytest.mark.parametrize(
    ("how", "opens"), [(how, opens) for how in EXPECTED for opens in ("files", "sockets")]
)


def _check(folder: Folder, how: str, bodies: list[bytes]) -> None:
    for file in folder.path.glob("user*.txt"):
        assert file.read_bytes() == b"mine\n"
    events = [json.loads(body) for body in bodies]
    assert [breach for event in events for breach in event_breaches(event)] == []
    got = [f"{event['eventType']} {event['job']['name']}" for event in events]
    assert sorted(got) == sorted(EXPECTED[how])


@everyhow
def test_local_log(folder: Folder, how: str, opens: str) -> None:
    """The log goes on in a file of its own."""
    done = folder.run(PROGRAM, "etl.py", how, opens)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
    lines = [line for file in folder.state.rglob("*.ndjson") for line in file.read_bytes().splitlines()]
    _check(folder, how, lines)


@everyhow
def test_common_file(folder: Folder, how: str, opens: str) -> None:
    """The next line opens the file again."""
    (folder.path / "openlineage.yml").write_text(
        "transport: {type: file, log_file_path: events.ndjson, append: true}"
    )
    done = folder.run(PROGRAM, "etl.py", how, opens)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    _check(folder, how, (folder.path / "events.ndjson").read_bytes().splitlines())


@everyhow
def test_http(folder: Folder, server: HttpServer, how: str, opens: str) -> None:
    """A connection whose number is gone is let go; the next event opens another."""
    done = folder.run(PROGRAM, "etl.py", how, opens, OPENLINEAGE_URL=server.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    received = server.wait_for(len(EXPECTED[how]))
    _check(folder, how, [request.document for request in received])


@everyhow
def test_https(folder: Folder, tls_server: HttpServer, ca_file: Path, how: str, opens: str) -> None:
    """The same through TLS."""
    (folder.path / "openlineage.yml").write_text(
        json.dumps({"transport": {"type": "http", "url": tls_server.url, "verify": str(ca_file)}})
    )
    done = folder.run(PROGRAM, "etl.py", how, opens)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    received = tls_server.wait_for(len(EXPECTED[how]))
    _check(folder, how, [request.document for request in received])


WHILE_SENDING = """
import os, sys, threading
from lineage_kit.errors import Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport import HttpConfig, HttpTransport

transport = HttpTransport(HttpConfig(url=sys.argv[1], timeout=2))
found, stop = set(), threading.Event()
transport.send(Envelope(b'{"eventType":"START"}', "run:n/j"))  # what it needs is imported

def work():
    while not stop.is_set():
        try:
            transport.send(Envelope(b'{"eventType":"START"}', "run:n/j"))
        except Exception as error:
            found.add(type(error).__name__)

threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(300):
    os.closerange(3, 256)
    stop.wait(0.002)
stop.set()
for thread in threads:
    thread.join(10)
transport.send(Envelope(b'{"eventType":"START"}', "run:n/j"))
print(sorted(found))
"""


def test_a_connection_that_goes_while_it_is_used_is_worth_another_try(
    folder: Folder, server: HttpServer
) -> None:
    """Wherever in a request that happens: it says nothing about the backend, which would be left alone for long."""
    done = folder.run(WHILE_SENDING, "etl.py", server.url)
    assert (done.returncode, done.stdout) == (0, "['Unreachable']\n"), done.stdout + done.stderr
