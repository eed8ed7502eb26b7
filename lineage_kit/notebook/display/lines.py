"""What is said in words: the badge beneath a cell, the status of a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lineage_kit import session as client_session
from lineage_kit.history import RunRecord
from lineage_kit.history.drawing.html import badge_html
from lineage_kit.history.terminal import printable
from lineage_kit.history.wording import duration
from lineage_kit.notebook.session import Ended, Session

KEPT = " · kept on this machine: %lineage show"
_SYMBOLS = {"COMPLETE": "✓", "FAIL": "✕", "ABORT": "▲"}

Bundle = dict[str, str]


def badge(ended: Ended) -> Bundle:
    """``✓ 2 in → 1 out · 1.2 s``, by mime type; empty where nothing was read or written."""
    flow = _flow([node.record for node in ended.node.walk()], "+" if ended.is_partial else "")
    if not flow:
        return {}
    record = ended.node.record
    state = record.state or ""
    text = f"{flow} · {duration(ended.seconds)}{KEPT if ended.is_first_kept else ''}"
    return {
        "text/plain": f"{_SYMBOLS.get(state, '·')} {text}",
        "text/html": badge_html(state, text, f"{record.job}: {state}"),
    }


def _flow(records: Sequence[RunRecord], more: str) -> str:
    """``2 in → 1 out``: what came from elsewhere, and what was written. more: behind numbers that may be larger."""
    written = {(one.namespace, one.name) for record in records for one in record.outputs}
    read = {one for record in records for one in _from_elsewhere(record, written)}
    sides = (f"{len(read)}{more} in" if read else "", f"{len(written)}{more} out" if written else "")
    return " → ".join(side for side in sides if side)


def _from_elsewhere(record: RunRecord, written: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """What a run read that no other run of the cell wrote."""
    own = {(one.namespace, one.name) for one in record.outputs}
    return {(one.namespace, one.name) for one in record.inputs} - (set(written) - own)


def status_text(session: Session) -> str:
    """What is recorded, and where it goes."""
    client = client_session.active
    where = ", ".join(repr(client).partition("(")[2].rstrip(")").split(", ")) if client is not None else ""
    run = session.run
    told = run is not None and run.has_spoken
    cells = "each is a run once it reads or writes something" if session.automatic else "those with %%lineage"
    lines = [
        f"notebook  {session.title}",
        f"cells     {cells}",
        f"session   {f'run {run.id}' if run is not None and told else 'nothing was sent yet'}",
        f"events    {where or 'go where the configuration says, from the first on'}",
    ]
    problems = sum(client_session.status()["problems"].values())
    if problems:
        lines.append(f"problems  {problems}: lineage_kit.status() says which")
    return "\n".join(printable(line) for line in lines)
