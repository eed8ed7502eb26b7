"""The console: always visible, whatever happens to standard output."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_kit.errors import BrokenDestination, ConfigError
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.console import ConsoleConfig, ConsoleTransport
from lineage_kit.transport.registry import create

ROOT = Path(__file__).parents[2]
SEND = """
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.console import ConsoleConfig, ConsoleTransport
ConsoleTransport(ConsoleConfig(style={style!r})).send(Envelope({body!r}, "k"))
"""


def event(
    job, state, time="2026-11-22T12:00:00Z", run="1", parent=None, inputs=(), outputs=(), error=None
) -> Envelope:
    """An envelope around just what the tree shows."""
    facets = {"parent": {"run": {"runId": parent}}} if parent else {}
    if error:
        facets["errorMessage"] = {"message": error}
    body = {
        "eventType": state,
        "eventTime": time,
        "run": {"runId": run, "facets": facets},
        "job": {"namespace": "n", "name": job},
        "inputs": [{"namespace": "file", "name": name} for name in inputs],
        "outputs": [{"namespace": "file", "name": name} for name in outputs],
    }
    return Envelope(json.dumps(body, ensure_ascii=False).encode(), "k", run, state)


def test_an_event_is_one_line_of_json_by_default(capsys, envelope) -> None:
    """The exact bytes, on standard output."""
    transport = ConsoleTransport(ConsoleConfig())
    transport.send(envelope("läden ☃"))
    assert capsys.readouterr() == (envelope("läden ☃").body.decode() + "\n", "")


def test_pretty_is_indented_json(capsys, envelope) -> None:
    """The same document over several lines."""
    create({"type": "console", "style": "pretty"}).send(envelope())
    out = capsys.readouterr().out
    assert json.loads(out) == json.loads(envelope().body)
    assert out.startswith('{\n  "eventType"')


def test_tree_is_a_line_for_people(capsys) -> None:
    """State, job, duration, what was read and written, indented below the parent, with the error's first line."""
    transport = create({"type": "console", "style": "tree"})
    for sent in (
        event("daily", "START"),
        event("clean", "START", run="2", parent="1", inputs=["/data/orders.csv"]),
        event(
            "clean",
            "COMPLETE",
            "2026-11-22T12:00:01.5Z",
            "2",
            "1",
            ["/data/orders.csv"],
            ["/data/orders.parquet"],
        ),
        event("load", "START", run="3", parent="1"),
        event("load", "FAIL", "2026-11-22T12:00:02Z", "3", "1", error="ValueError: no\nmore"),
        event("daily", "COMPLETE", "2026-11-22T12:00:03Z"),
        event("unseen", "COMPLETE", run="9", outputs=["t"]),
    ):
        transport.send(sent)
    assert capsys.readouterr().out.splitlines() == [
        "▶ daily  START",
        "   ▶ clean  START  orders.csv →",
        "   ✔ clean  COMPLETE  1.50 s  orders.csv → orders.parquet",
        "   ▶ load  START",
        "   ✘ load  FAIL  2.00 s  ValueError: no",
        "✔ daily  COMPLETE  3.00 s",
        "✔ unseen  COMPLETE  → t",
    ]


def test_tree_shows_job_and_dataset_events_too(capsys) -> None:
    """They have no run and no state."""
    transport = create({"type": "console", "style": "tree"})
    transport.send(
        Envelope(b'{"eventTime":"x","job":{"namespace":"n","name":"j"},"outputs":[{"name":"t"}]}', "k")
    )
    transport.send(Envelope(b'{"eventTime":"x","dataset":{"namespace":"n","name":"d"}}', "k"))
    assert capsys.readouterr().out == "· j  job  → t\n· d  dataset\n"


def test_tree_does_not_grow_without_end() -> None:
    """Runs that never end are forgotten at some point."""
    transport = ConsoleTransport(ConsoleConfig(style="tree"))
    for number in range(1500):
        transport._line(json.loads(event("j", "START", run=str(number)).body))
    assert len(transport._open_runs) == 1000


@pytest.mark.parametrize("style", ["json", "pretty", "tree"])
def test_a_terminal_without_unicode_is_survived(style) -> None:
    """JSON is UTF-8 all the same; the tree replaces what cannot be shown."""
    body = event("läden ☃", "START").body
    done = subprocess.run(
        [sys.executable, "-c", SEND.format(style=style, body=body)],
        check=True,
        cwd=ROOT,
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": "."},
    )
    assert done.stderr == b""
    assert ("läden" if style != "tree" else "l?den").encode() in done.stdout


def test_it_comes_after_what_was_printed_before_and_at_once() -> None:
    """Though Python buffers a pipe."""
    program = (
        "print('before')"
        + SEND.format(style="json", body=b'"event"')
        + "import os; print('after'); os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "."},
    )
    assert done.stdout == 'before\n"event"\n'


def test_a_closed_pipe_does_not_change_the_exit_status() -> None:
    """`etl.py | head -1` ends as it would without lineage."""
    program = (
        "import sys; sys.stdin.readline()\n"
        "from lineage_kit.errors import BrokenDestination\n"
        "try:\n"
        + "".join(f"    {line}\n" for line in SEND.format(style="json", body=b'"event"').strip().splitlines())
        + "except BrokenDestination as error: print(error, file=sys.stderr)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    process.stdin.write(b"go\n")
    process.stdin.close()
    assert process.stderr.read() == b"standard output cannot be written: Broken pipe\n"
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.parametrize("closed", [True, False])
def test_no_standard_output_is_a_broken_destination(monkeypatch, envelope, closed) -> None:
    """It was closed, or there never was one."""
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stdout", stream if closed else None)
    with pytest.raises(BrokenDestination, match="standard output is closed"):
        ConsoleTransport().send(envelope())


def test_an_unknown_style_is_refused() -> None:
    """In code and in a mapping; the styles are named."""
    for make in (lambda: ConsoleConfig(style="xml"), lambda: create({"type": "console", "style": "xml"})):
        with pytest.raises(ConfigError, match="tree"):
            make()
