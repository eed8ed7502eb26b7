"""The cell that papermill writes → the parameters it was given."""

from __future__ import annotations

import ast
from typing import Any

HEAD = "# Parameters"
"""The first line of the cell that papermill puts behind the one tagged ``parameters``."""


def parameters(source: str) -> dict[str, Any] | None:
    """Name → value; None for any other cell. Literals only: nothing is evaluated."""
    if source.lstrip().split("\n", 1)[0].rstrip() != HEAD:
        return None
    try:
        found = [_assigned(statement) for statement in ast.parse(source).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return dict(found) if found else None


def _assigned(statement: ast.stmt) -> tuple[str, Any]:
    """``name = literal``. Raises ValueError for anything else."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, _value(value)
    raise ValueError


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):  # float("nan"), float("-inf"): as papermill writes what is no literal
        return ast.unparse(node)
    return ast.literal_eval(node)
