"""A backend that is down, silent, slow or answering with errors changes neither result nor exit status."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer, black_hole_port, refusing_port

PROGRAM = """
import sys
from lineage_kit import lineage_job, run, status

@lineage_job(inputs="s3://raw/orders/{day}.csv", outputs="s3://lake/orders.parquet")
def load(day):
    return len(day)

with run("daily"):
    print(sum(load(f"2026-11-{day}") for day in range(10, 20)))
if "--fail" in sys.argv:
    sys.exit(3)
"""
EVENTS = 22


def _unchanged(folder: Folder, url: str, **variables: str) -> str:
    """Run the program to its end, check what it did, and give what it said of lineage."""
    done = folder.run(PROGRAM, "etl.py", "--fail", OPENLINEAGE_URL=url, **variables)
    assert (done.returncode, done.stdout) == (3, "100\n")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_refused(folder: Folder) -> None:
    """Nobody listens: that events are owed is said at exit, with their number."""
    with refusing_port() as port:
        said = _unchanged(folder, f"http://127.0.0.1:{port}")
    assert f"{EVENTS} lineage events were kept in the journal" in said


def test_black_hole(folder: Folder) -> None:
    """Connections are neither taken nor refused: the program ends within its exit bound."""
    with black_hole_port() as port:
        said = _unchanged(folder, f"http://127.0.0.1:{port}", OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="0.2")
    assert f"{EVENTS} lineage events were kept in the journal" in said


def test_unknown_host(folder: Folder) -> None:
    """A host that does not exist is such a trouble too."""
    said = _unchanged(folder, "http://no-such-host.invalid:5000")
    assert "kept in the journal" in said


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_answers_that_are_worth_another_try(status: int, folder: Folder, server: HttpServer) -> None:
    """While the backend answers so, nothing is dropped before the exit, where the loss is said."""
    server.always(status)
    said = _unchanged(folder, server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="0.3")
    assert f"{EVENTS} lineage events were kept in the journal" in said
    tried = list(dict.fromkeys(request.document for request in server.requests()))
    # none at all where the exit came first; after a 500 that stays another event is tried: is it the event's fault?
    assert len(tried) <= (2 if status == 500 else 1)
    assert all("START" in str(one) for one in tried[:1])


@pytest.mark.parametrize("status", [401, 403, 404, 405, 302])
def test_answers_that_say_the_destination_is_wrong(status: int, folder: Folder, server: HttpServer) -> None:
    """A wrong address or key is said at once, with the answer; nothing is sent elsewhere."""
    server.always(status, headers={"Location": "http://elsewhere.invalid/"} if status == 302 else {})
    said = _unchanged(folder, server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="10")
    assert str(status) in said
    assert "takes no events" in said


@pytest.mark.parametrize("status", [400, 422])
def test_answers_that_refuse_an_event(status: int, folder: Folder, server: HttpServer) -> None:
    """A refused event is not sent again; the others are."""
    server.always(201)
    server.answer(status)
    said = _unchanged(folder, server.url)
    assert "refuses an event for good" in said
    assert len(server.requests()) == EVENTS


@pytest.mark.parametrize("fault", ["reset", "close"])
def test_connections_that_break_are_made_again(
    fault: str, folder: Folder, server: HttpServer, judged: Callable[..., list[dict[str, Any]]]
) -> None:
    """A few broken connections cost nothing: every event arrives, in order."""
    for _ in range(3):
        server.answer(201, fault=fault)
    said = _unchanged(folder, server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="30")
    assert said == ""
    bodies = list(dict.fromkeys(request.document for request in server.requests()))
    assert len(bodies) == EVENTS
    assert len(judged(server.requests())) == EVENTS + 3


def test_short_trouble_loses_nothing(folder: Folder, server: HttpServer) -> None:
    """A backend that comes back before the exit bound gets every event once it does."""
    for status in (500, 503, 429):
        server.answer(status)
    said = _unchanged(folder, server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="30")
    assert said == ""
    assert len({request.document for request in server.requests()}) == EVENTS


@pytest.mark.parametrize("fault", ["silence", "drip_headers", "drip_body", "endless"])
def test_slow_answers_are_cut_off(fault: str, folder: Folder, server: HttpServer) -> None:
    """A server that never finishes its answer holds nobody up."""
    server.always(201, fault=fault)
    _unchanged(folder, server.url, OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="2")
    assert server.wait_for(1)[0].json()["eventType"] == "START"


def test_dead_destination_of_a_composite(folder: Folder, server: HttpServer, tmp_path: Path) -> None:
    """One of three destinations is dead: the two others have everything."""
    with refusing_port() as port:
        (tmp_path / "openlineage.yml").write_text(
            "transport:\n  type: composite\n  transports:\n"
            f"    dead: {{type: http, url: 'http://127.0.0.1:{port}'}}\n"
            f"    alive: {{type: http, url: '{server.url}'}}\n"
            "    kept: {type: file, log_file_path: kept.ndjson, append: true}\n"
        )
        done = folder.run(PROGRAM)
    assert (done.returncode, done.stdout) == (0, "100\n")
    assert f"{EVENTS} lineage events were kept in the journal, not delivered yet: dead." in done.stderr
    kept = (tmp_path / "kept.ndjson").read_bytes().splitlines()
    assert [request.document for request in server.requests()] == kept
    assert len(kept) == EVENTS


def test_failing_job_fails_as_before(folder: Folder) -> None:
    """With a dead backend the user's own exception, its traceback and the exit status are what they were."""
    program = """
    from lineage_kit import lineage_job

    @lineage_job
    def load():
        raise KeyError("orders")

    load()
    """
    with refusing_port() as port:
        done = folder.run(program, OPENLINEAGE_URL=f"http://127.0.0.1:{port}")
    assert done.returncode == 1
    assert "KeyError: 'orders'" in done.stderr
    assert done.stderr.count("Traceback") == 1


def test_status_tells_what_is_owed(folder: Folder) -> None:
    """A program can ask what has not arrived."""
    program = """
    import json
    from lineage_kit import flush, run, status
    with run("daily"): pass
    print(json.dumps([flush(0.05), [(one.name, one.owed, one.delivered) for one in status()["destinations"]]]))
    """
    with refusing_port() as port:
        done = folder.run(program, OPENLINEAGE_URL=f"http://127.0.0.1:{port}")
    assert json.loads(done.stdout) == [False, [["http", 2, 0]]]
