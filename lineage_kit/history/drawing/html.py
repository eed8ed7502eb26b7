"""Trees of runs, datasets and events → HTML for a notebook or a page: with its own style, no script, no request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lineage_kit.history.drawing.graph import graph
from lineage_kit.history.drawing.svg import FONT, escaped, marker, svg
from lineage_kit.history.forest import Node
from lineage_kit.history.records import DatasetRecord, RunRecord
from lineage_kit.history.terminal import cut
from lineage_kit.history.wording import duration, first_line, names, place, shape

LONGEST = 300  # characters of an error or name in a table
MOST_ROWS = 200
MOST_NAMES = 20  # datasets of each side of a run
MOST_COLUMNS = 100

STYLE = f"""<style>
.lineage-kit{{font:13px/1.45 {FONT};color:inherit;max-width:100%}}
.lineage-kit .lk-graph{{overflow-x:auto;padding:2px 0 6px}}
.lineage-kit .lk-graph>svg{{max-width:100%;min-width:min(100%,760px);height:auto}}
.lineage-kit table{{border-collapse:collapse;border:0;margin:0;font-size:12px;color:inherit;background:transparent}}
.lineage-kit tr{{background:transparent!important}}
.lineage-kit th,.lineage-kit td{{border:0;border-bottom:1px solid rgba(128,128,128,.3);padding:3px 16px 3px 0;
text-align:left!important;vertical-align:top;background:transparent;color:inherit;white-space:normal;max-width:46em;
overflow-wrap:anywhere}}
.lineage-kit th{{font-weight:600;opacity:.75}}
.lineage-kit svg{{vertical-align:-2px}}
.lineage-kit .lk-dim{{opacity:.7}}
.lineage-kit .lk-error{{color:#e5484d}}
.lineage-kit pre{{font-size:11.5px;overflow-x:auto;background:transparent;color:inherit;border:0;padding:4px 0;
margin:0}}
.lineage-kit summary{{cursor:pointer}}
</style>"""


def runs_html(roots: Sequence[Node], directory: str = "") -> str:
    """The graph of these trees and a table of their runs."""
    picture = svg(graph(roots, directory))
    table = _table(("job", "state", "duration", "datasets"), _run_rows(roots, directory))
    return framed((f'<div class="lk-graph">{picture}</div>' if picture else "") + table)


def dataset_html(dataset: DatasetRecord, kinds: Sequence[tuple[str, str]] = ()) -> str:
    """A dataset's name, shape and columns; kinds: (name, type) of those that are known."""
    facts = [f"<b>{_cut(dataset.name)}</b> <span class='lk-dim'>{_cut(dataset.namespace)}</span>"]
    if shape(dataset):
        facts.append(f"<span class='lk-dim'>{escaped(shape(dataset))}</span>")
    rows = ([_cut(name), _cut(kind)] for name, kind in kinds[:MOST_COLUMNS])
    return framed(" · ".join(facts) + (_table(("column", "type"), rows) if kinds else ""))


def event_html(title: str, facts: Iterable[tuple[str, str]], document: str) -> str:
    """One event: what it says in a table, and the whole of it folded away."""
    table = _table(
        (), ([f"<span class='lk-dim'>{escaped(name)}</span>", _cut(value)] for name, value in facts)
    )
    whole = f"<details><summary class='lk-dim'>JSON</summary><pre>{escaped(document, keep_lines=True)}</pre></details>"
    return framed(f"<b>{_cut(title)}</b>{table}{whole}")


def badge_html(state: str, text: str, title: str) -> str:
    """One line beneath a cell."""
    return framed(
        f'<span title="{escaped(title)}">{marker(state)} <span class="lk-dim">{escaped(text)}</span></span>'
    )


def page(title: str, body: str) -> str:
    """A document of its own around what the functions above gave."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{escaped(title)}</title><style>body{{margin:24px;background:#fff;color:#1f2328;font-family:{FONT}}}"
        "h1{font-size:18px}@media(prefers-color-scheme:dark){body{background:#14171a;color:#e6e8ea}}</style></head>"
        f"<body><h1>{escaped(title)}</h1>{body}</body></html>\n"
    )


def framed(inner: str) -> str:
    """What is shown, with its style."""
    return f'<div class="lineage-kit">{STYLE}{inner}</div>'


def _run_rows(roots: Sequence[Node], directory: str) -> Iterator[list[str]]:
    waiting = [(root, 0) for root in reversed(roots)]
    count = 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MOST_ROWS:
            yield [f"<span class='lk-dim'>and {len(waiting) + 1} more</span>", "", "", ""]
            return
        yield _run_row(node.record, depth, directory)
        waiting.extend((child, depth + 1) for child in reversed(node.children))


def _run_row(record: RunRecord, depth: int, directory: str) -> list[str]:
    state = record.state or ""
    name = f'<span style="padding-left:{1.4 * depth:.1f}em" title="{escaped(record.run_id)}">{_cut(record.job)}</span>'
    why = ""
    if record.error is not None and record.failed:
        where = (
            f" <span class='lk-dim'>at {_cut(place(record.error.frame, directory))}</span>"
            if record.error.frame
            else ""
        )
        why = f"<div><span class='lk-error'>{_cut(first_line(record.error))}</span>{where}</div>"
    shown = f"{marker(state)} {escaped(state)}" if state else "<span class='lk-dim'>not seen</span>"
    return [name, shown, f"{escaped(duration(record.duration))}", _flow(record, directory) + why]


def _flow(record: RunRecord, directory: str) -> str:
    read, written = record.inputs[:MOST_NAMES], record.outputs[:MOST_NAMES]
    called = [
        _sized(one, name)
        for one, name in zip([*read, *written], names([*read, *written], directory), strict=True)
    ]
    left = _listed(called[: len(read)], len(record.inputs))
    right = _listed(called[len(read) :], len(record.outputs))
    return f"{left} → {right}" if right else left


def _listed(told: Sequence[str], count: int) -> str:
    more = f" <span class='lk-dim'>and {count - len(told):,} more</span>" if count > len(told) else ""
    return ", ".join(told) + more


def _sized(dataset: DatasetRecord, name: str) -> str:
    text = shape(dataset)
    return _cut(name) + (f" <span class='lk-dim'>{escaped(text)}</span>" if text else "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if heads else ''}<tbody>{body}</tbody></table>"


def _cut(text: str) -> str:
    return escaped(cut(text, LONGEST))
