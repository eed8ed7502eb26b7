"""What every transport promises, whatever its wire: one suite over all of them."""

import gc
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lineage_kit.errors import BrokenDestination, ConfigError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport
from lineage_kit.transport.custom import CustomTransport
from lineage_kit.transport.registry import KNOWN, create
from tests.support.kafka import mock_cluster, read_back
from tests.support.servers import HttpServer

SECRET = "hunter2-and-more"
OWN = """
from pathlib import Path
from lineage_kit.event import encode

class Options:
    def __init__(self, target_path, api_key=None):
        self.target, self.api_key = Path(target_path), api_key
    @classmethod
    def from_dict(cls, params):
        return cls(**params)

class Sending:
    config_class = Options
    def __init__(self, config):
        self.config = config
    def send(self, envelope):
        with self.config.target.open("ab") as file:
            file.write(envelope.body + b"\\n")

class Emitting(Sending):
    send = None
    def emit(self, event):
        with self.config.target.open("ab") as file:
            file.write(encode(event) + b"\\n")
"""


@dataclass
class Wire:
    """How to make one transport, and how to see what it sent (None: nothing can be seen)."""

    mapping: dict[str, Any]
    seen: Callable[[Transport, int], list[bytes]] | None
    spellings: tuple[tuple[str, Any], ...] = ()
    exact: bool = True
    cleanup: list[Callable[[], Any]] = field(default_factory=list)


def _http(tmp_path) -> Wire:
    server = HttpServer().__enter__()
    return Wire(
        {
            "type": "http",
            "url": server.url.replace("//", f"//me:{SECRET}@") + f"?key={SECRET}",
            "timeout": 10,
        },
        lambda _, count: [request.document for request in server.wait_for(count)],
        (
            ("customHeaders", {"X-A": SECRET}),
            ("customheaders", {"X-A": SECRET}),
            ("custom_headers", {"X-A": SECRET}),
        ),
        cleanup=[lambda: server.__exit__(None, None, None)],
    )


def _kafka(tmp_path) -> Wire:
    cluster = mock_cluster()
    address = cluster.__enter__()
    return Wire(
        {"type": "kafka", "config": {"bootstrap.servers": address, "sasl.password": SECRET}, "topic": "t"},
        lambda _, count: [message.value() for message in read_back(address, "t", count)],
        (("messageKey", "one"), ("messagekey", "one"), ("message_key", "one")),
        cleanup=[lambda: cluster.__exit__(None, None, None)],
    )


def _lines(path: Path) -> Callable[[Transport, int], list[bytes]]:
    return lambda *_: path.read_bytes().splitlines()


def _file(tmp_path) -> Wire:
    path = str(tmp_path / "f")
    keys = (("logFilePath", path), ("logfilepath", path), ("log_file_path", path))
    return Wire({"type": "file", "log_file_path": path, "append": True}, _lines(tmp_path / "f"), keys)


def _files(tmp_path) -> Wire:
    def seen(*_):
        return [file.read_bytes() for file in sorted((tmp_path / "f").iterdir())]

    return Wire({"type": "file", "log_file_path": str(tmp_path / "f" / "e")}, seen)


def _local(tmp_path) -> Wire:
    def seen(*_):
        return [
            line for file in sorted((tmp_path / "l").iterdir()) for line in file.read_bytes().splitlines()
        ]

    spellings = (("maxBytes", "99999999"), ("maxbytes", 99999999), ("max_bytes", 99999999))
    return Wire({"type": "local", "directory": str(tmp_path / "l")}, seen, spellings)


def _memory(tmp_path) -> Wire:
    spellings = (("maxEvents", "9"), ("maxevents", 9), ("max_events", 9))
    return Wire(
        {"type": "memory"}, lambda transport, _: [sent.body for sent in transport.envelopes], spellings
    )


def _own(name: str, exact: bool) -> Callable[[Path], Wire]:
    def make(tmp_path) -> Wire:
        (tmp_path / "own_transports.py").write_text(OWN)
        sys.path.insert(0, str(tmp_path))

        def forget():
            sys.path.remove(str(tmp_path))
            sys.modules.pop("own_transports", None)

        mapping = {"type": f"own_transports.{name}", "target_path": str(tmp_path / "own"), "api_key": SECRET}
        return Wire(mapping, _lines(tmp_path / "own"), exact=exact, cleanup=[forget])

    return make


WIRES: dict[str, Callable[[Path], Wire]] = {
    "http": _http,
    "kafka": _kafka,
    "file": _file,
    "file per event": _files,
    "console": lambda _: Wire({"type": "console"}, None),
    "local": _local,
    "memory": _memory,
    "noop": lambda _: Wire({"type": "noop"}, None),
    "custom, send": _own("Sending", exact=True),
    "custom, emit": _own("Emitting", exact=False),
}


@pytest.fixture(params=list(WIRES))
def wire(request, tmp_path):
    """Each wire in turn."""
    made = WIRES[request.param](tmp_path)
    yield made
    for undo in made.cleanup:
        undo()


def test_every_known_type_is_in_this_suite() -> None:
    """Except those that are another name of one, and the composite, which sends nothing."""
    assert {name.split()[0] for name in WIRES} - {"custom,"} == set(KNOWN) - {
        "async_http",
        "null",
        "composite",
    }


def test_what_is_sent_arrives_whole_and_unchanged(wire, envelope, capsys) -> None:
    """Byte by byte; a transport of the documented form gets an event that encodes to the same JSON."""
    transport = create(wire.mapping)
    sent = [envelope("läden ☃ \\u0007", state) for state in ("START", "COMPLETE")]
    for one in sent:
        transport.send(one)
    if wire.seen is None:
        out = capsys.readouterr().out
        assert out.encode().splitlines() in ([], [one.body for one in sent])
    else:
        seen = wire.seen(transport, 2)
        assert [json.loads(body) for body in seen] == [json.loads(one.body) for one in sent]
        assert not wire.exact or seen == [one.body for one in sent]
    transport.close()


def test_a_large_event_arrives(wire, envelope, capsys) -> None:
    """Nine hundred kilobytes, the most that a client sends."""
    transport = create(wire.mapping)
    small = envelope().body
    large = Envelope(small[:-1] + b',"pad":"' + b"x" * (900_000 - len(small) - 10) + b'"}', "k")
    transport.send(large)
    if wire.seen is not None:
        assert [len(body) for body in wire.seen(transport, 1)] == [len(large.body)]
    transport.close()


def test_closing_twice_is_closing_once(wire, envelope, capsys) -> None:
    """Also when nothing was ever sent."""
    unused = create(wire.mapping)
    unused.close()
    unused.close(0.1)
    used = create(wire.mapping)
    used.send(envelope())
    used.close(1.0)
    used.close()


def test_sending_after_closing_is_refused(wire, envelope, capsys) -> None:
    """It is neither swallowed nor does it open anything again."""
    transport = create(wire.mapping)
    transport.send(envelope())
    transport.close()
    with pytest.raises(BrokenDestination, match="is closed"):
        transport.send(envelope())


def test_nothing_secret_is_shown(wire) -> None:
    """Neither by describe nor by any repr, rich's included."""
    transport = create(wire.mapping)
    texts = [transport.describe(), repr(transport), str(transport)]
    if not isinstance(transport, CustomTransport):
        texts += [repr(transport.config), str(transport.config.__rich_repr__())]
    assert not [text for text in texts if SECRET in text]
    transport.close()


def test_it_says_where_it_goes(wire) -> None:
    """In one short line."""
    transport = create(wire.mapping)
    assert 0 < len(transport.describe()) < 300
    assert "\n" not in transport.describe()
    transport.close()


def test_options_come_in_three_spellings(wire, envelope, capsys) -> None:
    """camelCase, lowercase, snake_case; all mean the same."""
    made = [create({**wire.mapping, key: value}) for key, value in wire.spellings]
    assert len({str(transport.config) for transport in made}) <= 1
    for transport in made:
        transport.send(envelope())
        transport.close()


def test_an_unknown_option_is_refused(wire) -> None:
    """Where it is written, with its name."""
    with pytest.raises(ConfigError, match="no_such_option"):
        create({**wire.mapping, "no_such_option": 1})


def test_no_option_is_changed(wire) -> None:
    """A mapping may be used for several clients."""
    before = json.dumps(wire.mapping)
    create({**wire.mapping, "name": "n", "priority": 2}).close()
    assert json.dumps(wire.mapping) == before


def test_an_unused_transport_leaves_nothing_behind(wire, tmp_path) -> None:
    """No file, no thread, no warning when it is dropped unclosed."""
    before = sorted(tmp_path.rglob("*.json*")), sorted(tmp_path.rglob("*.nd*"))
    create(wire.mapping)
    gc.collect()
    assert (sorted(tmp_path.rglob("*.json*")), sorted(tmp_path.rglob("*.nd*"))) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_it_works_in_a_forked_child(wire, envelope, tmp_path) -> None:
    """Parent and child send through the transport that the parent opened; nothing is lost or sent twice."""
    import subprocess

    program = f"""
import os, sys
sys.path.insert(0, {str(tmp_path)!r})
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.registry import create
transport = create({wire.mapping!r})
bodies = {[envelope(job).body for job in ("before", "child", "after")]!r}
transport.send(Envelope(bodies[0], "k"))
child = os.fork()
if child == 0:
    transport.send(Envelope(bodies[1], "k"))
    transport.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
transport.send(Envelope(bodies[2], "k"))
transport.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    if wire.mapping["type"] in ("memory", "noop"):
        return
    bodies = wire.seen(None, 3) if wire.seen else done.stdout.splitlines()
    assert sorted(json.loads(body)["job"]["name"] for body in bodies) == ["after", "before", "child"]
