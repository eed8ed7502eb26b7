"""Events on standard output: as JSON for programs, or as one line each for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, TextIO

import msgspec

from lineage_kit.config.problems import show
from lineage_kit.errors import BrokenDestination
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport, closed

STYLES = ("json", "pretty", "tree")
MAX_OPEN_RUNS = 1000
_MARKS = {"START": "▶", "RUNNING": "…", "COMPLETE": "✔", "FAIL": "✘", "ABORT": "■", "OTHER": "·"}


class ConsoleConfig(Options, frozen=True):
    """style: ``json`` (one line per event), ``pretty`` (indented JSON) or ``tree`` (a line for people)."""

    style: Literal["json", "pretty", "tree"] = "json"

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A style that code gave and that does not exist."""
        if given.get("style", STYLES[0]) not in STYLES:
            yield "style", f"style must be one of {', '.join(STYLES)}, not {show(given['style'])}"


class ConsoleTransport(Transport):
    """``type: console``: written at once, whatever the logging levels are."""

    kind: ClassVar[str | None] = "console"
    config_class: ClassVar[type] = ConsoleConfig
    delivery: ClassVar[Literal["direct", "background"]] = "direct"

    def __init__(self, config: ConsoleConfig | None = None) -> None:
        self.config: ConsoleConfig = config or ConsoleConfig()
        self._open_runs: dict[str, tuple[str, int]] = {}  # run id → (eventTime of its first event, depth)
        self._closed = False

    def send(self, envelope: Envelope) -> None:
        """Write the event to what `sys.stdout` is now."""
        if self._closed:
            raise closed(self)
        write = {"json": _write_bytes, "pretty": self._write_pretty, "tree": self._write_tree}[
            self.config.style
        ]
        stream = sys.stdout
        if stream is None or stream.closed:
            raise BrokenDestination("standard output is closed")
        try:
            write(stream, envelope.body)
        except OSError as error:
            raise BrokenDestination(f"standard output cannot be written: {error.strerror}") from error

    def close(self, timeout: float = 1.0) -> None:
        """Refuse whatever comes later; standard output belongs to the process and stays open."""
        self._closed = True

    def describe(self) -> str:
        """That it goes to standard output."""
        return "standard output"

    def _write_pretty(self, stream: TextIO, body: bytes) -> None:
        _write_bytes(stream, msgspec.json.format(body, indent=2))

    def _write_tree(self, stream: TextIO, body: bytes) -> None:
        line = self._line(msgspec.json.decode(body))
        encoding = stream.encoding or "utf-8"
        _write_bytes(stream, line.encode(encoding, "replace"))

    def _line(self, event: dict[str, Any]) -> str:
        run, job = event.get("run"), event.get("job")
        if not run or not job:
            subject = job or event.get("dataset") or {}
            kind = "job" if job else "dataset"
            return f"· {subject.get('name', '?')}  {kind}  {_flow(event)}".rstrip()
        state = str(event.get("eventType", "OTHER"))
        start, depth = self._place(run, event, state)
        words = [f"{_MARKS.get(state, '·')} {job.get('name', '?')}", state]
        if state in ("COMPLETE", "FAIL", "ABORT") and start:
            words.append(_duration(start, str(event.get("eventTime"))))
        words += [_flow(event), _error(run)]
        return "   " * depth + "  ".join(word for word in words if word)

    def _place(self, run: dict[str, Any], event: dict[str, Any], state: str) -> tuple[str, int]:
        """When the run of this event began ('' when not seen) and how deep it stands under its parents."""
        run_id = str(run.get("runId"))
        if state == "START" and run_id not in self._open_runs:
            parent = _at(run, "facets", "parent", "run", "runId")
            depth = self._open_runs[parent][1] + 1 if parent in self._open_runs else 0
            if len(self._open_runs) >= MAX_OPEN_RUNS:
                self._open_runs.pop(next(iter(self._open_runs)))
            self._open_runs[run_id] = (str(event.get("eventTime")), depth)
        if state in ("COMPLETE", "FAIL", "ABORT"):
            return self._open_runs.pop(run_id, ("", 0))
        return self._open_runs.get(run_id, ("", 0))


def _write_bytes(stream: TextIO, body: bytes) -> None:
    """One line, at once.

    Past the stream's own buffer where there is one: bytes that a closed pipe refused would stay in it, and change
    the exit status of the process when Python flushes it at the end.
    """
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if raw is None:
        stream.write(body.decode(errors="replace") + "\n")
        stream.flush()
        return
    stream.flush()
    rest = memoryview(body + b"\n")
    while rest:
        rest = rest[raw.write(rest) or 0 :]


def _flow(event: dict[str, Any]) -> str:
    """``orders.csv → orders.parquet``, either side empty where there is none."""
    inputs, outputs = (
        ", ".join(str(dataset.get("name", "?")).rpartition("/")[2] for dataset in event.get(side) or ())
        for side in ("inputs", "outputs")
    )
    flow = f"{inputs} → {outputs}".strip()
    return "" if flow == "→" else flow


def _error(run: dict[str, Any]) -> str:
    message = _at(run, "facets", "errorMessage", "message")
    return str(message).partition("\n")[0][:200] if message else ""


def _duration(start: str, end: str) -> str:
    from datetime import datetime

    try:
        seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except (ValueError, TypeError):
        return ""
    return f"{seconds:.2f} s"


def _at(tree: Any, *keys: str) -> Any:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree
