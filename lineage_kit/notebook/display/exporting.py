"""A view → a file, in the form that its suffix names."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from lineage_kit.errors import UsageError
from lineage_kit.history import plain
from lineage_kit.history.drawing.html import page
from lineage_kit.notebook.display.views import NOTHING, View


def _json(view: View) -> str:
    document = [plain(root) for root in view.roots]
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


_FORMS: dict[str, Callable[[View], str]] = {
    ".html": lambda view: page(view.title, view._repr_html_()),
    ".svg": lambda view: view._repr_svg_() or "",
    ".txt": lambda view: f"{view!r}\n",
    ".json": _json,
}


def export(view: View, path: str) -> None:
    """Write `view` to `path`. Raises `UsageError` for a suffix that means nothing or an empty view, or OSError."""
    suffix = os.path.splitext(path)[1].lower()
    form = _FORMS.get(suffix)
    if form is None:
        raise UsageError(
            f"export writes {', '.join(_FORMS)}; it knows no {suffix or 'file without a suffix'}"
        )
    if not view.roots:
        raise UsageError(f"there is nothing to export: {NOTHING}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(form(view))
