"""A graph → SVG: boxes and curves, states by colour and by shape, readable on light and on dark. No script, no request.

Text and lines take the colour of what is around them (``currentColor``); a picture that stands alone brings its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lineage_kit.history.drawing.graph import MARKER, PADDING, Drawn
from lineage_kit.history.drawing.layout import Box
from lineage_kit.history.terminal import printable

MARGIN = 8
COLOURS = {"COMPLETE": "#1a9850", "FAIL": "#e5484d", "ABORT": "#b7791f", "RUNNING": "#3b82f6"}
PLAIN = "#808080"  # of a run that is known as a parent only
_SHAPES = {  # within a circle of radius 6 around 0, 0
    "COMPLETE": '<circle r="6" fill="{c}"/><path d="M-2.8 .2-.8 2.4 3-2" {line}/>',
    "FAIL": '<path d="M-6-6H6V6H-6Z" fill="{c}"/><path d="M-2.6-2.6 2.6 2.6M2.6-2.6-2.6 2.6" {line}/>',
    "ABORT": '<path d="M0-7 7 5.6H-7Z" fill="{c}"/><path d="M0-2.6V1.4M0 3.4V3.8" {line}/>',
    "RUNNING": '<circle r="5" fill="none" stroke="{c}" stroke-width="2" stroke-dasharray="6 3"/>',
}
_LINE = 'fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"'
_ALONE = (
    "<style>svg{background:#fff;color:#1f2328}"
    "@media(prefers-color-scheme:dark){svg{background:#14171a;color:#e6e8ea}}</style>"
)
_NO_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"


def svg(drawn: Drawn, title: str = "Lineage", *, alone: bool = False) -> str:
    """The picture; `alone`: as a file of its own. Empty where there is no box."""
    placed = drawn.placed
    if not placed.boxes:
        return ""
    note = f"and {drawn.left_out} more that are not drawn" if drawn.left_out else ""
    wide, high = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN + (18 if note else 0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
        f'viewBox="{-MARGIN} {-MARGIN} {wide:.0f} {high:.0f}" role="img" font-family="{FONT}" font-size="12" '
        f'fill="currentColor"><title>{escaped(title)}</title>{_ALONE if alone else ""}'
    )
    more = f'<text y="{placed.height + 18:.0f}" opacity=".7">{note}</text>' if note else ""
    return "".join((head, *map(_edge, placed.edges), *map(_box, placed.boxes), more, "</svg>"))


def marker(state: str, size: int = 14) -> str:
    """The shape of a state by itself, to stand in a line of HTML."""
    return (
        f'<svg width="{size}" height="{size}" viewBox="-8 -8 16 16" role="img" aria-label="{escaped(state)}">'
        f"{shape_of(state)}</svg>"
    )


def shape_of(state: str) -> str:
    """The shape of a state around 0, 0."""
    shape = _SHAPES.get(state, '<circle r="5" fill="none" stroke="{c}" stroke-width="2"/>')
    return shape.format(c=COLOURS.get(state, PLAIN), line=_LINE)


def _box(box: Box) -> str:
    is_job = box.kind == "job"
    colour = COLOURS.get(box.state, PLAIN) if is_job else "currentColor"
    x = box.x + PADDING + (MARKER if is_job else 0)
    middle = box.y + box.height / 2
    bold = ' font-weight="600"' if is_job else ""
    label = _line(box.label, x, middle - 3 if box.detail else middle + 4, bold)
    detail = _line(box.detail, x, middle + 12, ' opacity=".7" font-size="10.5"') if box.detail else ""
    radius, width = (4, 1.5) if is_job else (box.height / 2, 1)
    frame = (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius:.0f}" '
        f'fill="{colour}" fill-opacity="{".09" if is_job else ".05"}" stroke="{colour}" '
        f'stroke-opacity="{".9" if is_job else ".45"}" stroke-width="{width}"/>'
    )
    shape = f'<g transform="translate({box.x + PADDING + 6:.1f} {middle:.1f})">{shape_of(box.state)}</g>'
    return f"<g><title>{escaped(box.title)}</title>{frame}{shape if is_job else ''}{label}{detail}</g>"


def _line(text: str, x: float, y: float, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{style}>{escaped(text)}</text>'


def _edge(path: Sequence[Box]) -> str:
    """A curve from the right side of the first box to the left side of the last, with a head of its own."""
    first, last = path[0], path[-1]
    points = [(first.x + first.width, first.y + first.height / 2)]
    for bend in path[1:-1]:
        middle = bend.y + bend.height / 2
        points += [(bend.x, middle), (bend.x + bend.width, middle)]
    end = (last.x - 5, last.y + last.height / 2)
    drawn, (x, y) = f"M{points[0][0]:.1f} {points[0][1]:.1f}", points[0]
    for right, below in (*points[1:], end):
        half = (x + right) / 2
        drawn += f"C{half:.1f} {y:.1f} {half:.1f} {below:.1f} {right:.1f} {below:.1f}"
        x, y = right, below
    head = f"M{x - 2:.1f} {y - 4:.1f}L{x + 5:.1f} {y:.1f}L{x - 2:.1f} {y + 4:.1f}Z"
    return (
        f'<path d="{drawn}" fill="none" stroke="currentColor" stroke-opacity=".45" stroke-width="1.3"/>'
        f'<path d="{head}" fill-opacity=".6"/>'
    )


def escaped(text: str, *, keep_lines: bool = False) -> str:
    """Text in XML: what must not be read as mark-up escaped, what no XML may hold written out.

    keep_lines: newlines stay what they are.
    """
    parts = text.split("\n") if keep_lines else [text]
    return escape("\n".join(map(printable, parts)).encode("utf-8", "replace").decode().translate(_NO_XML))
