"""What a notebook is called: its file's stem, wherever an editor or a runner tells it; never a path of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath, PureWindowsPath
from typing import Any

from lineage_kit.config.env import notebook_path
from lineage_kit.strangers import is_a, plain_text

SUFFIXES = (".ipynb", ".py", ".md", ".qmd", ".rmd")
VARIABLES = (
    "__vsc_ipynb_file__",
    "PAPERMILL_INPUT_PATH",
)  # of the notebook: VS Code's, papermill --inject-paths


def title_of(names: Mapping[str, Any], *, is_kernel: bool) -> str:
    """The stem of the notebook's file; ``notebook`` where no one tells it, ``ipython`` at a prompt."""
    told: list[Any] = [names.get(variable) for variable in VARIABLES]
    for path in (*told, notebook_path()):
        stem = _stem(plain_text(path, 4096)) if is_a(path, str) else ""
        if stem:
            return stem
    return "notebook" if is_kernel else "ipython"


def _stem(path: str) -> str:
    """Empty for what is no notebook: consoles have a session name that is new each time."""
    name = PureWindowsPath(path).name if "\\" in path else PurePath(path).name
    stem, dot, suffix = name.rpartition(".")
    return stem if f"{dot}{suffix}".lower() in SUFFIXES else ""
