"""The cell that papermill writes → the parameters it was given."""

from __future__ import annotations

import ast
from typing import Any

HEAD = "# Parameters"
"""The first line of the cell that papermill puts behind the one tagged ``parameters``."""

_LITERAL = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.USub, ast.UAdd, ast.Load)


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
    """The literal; as it is written where it holds ``float("nan")`` and the like, for which there is no literal."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        if all(isinstance(one, _LITERAL) or _is_float(one) for one in ast.walk(node)):
            return ast.unparse(node)
        raise


def _is_float(node: ast.AST) -> bool:
    """A part of ``float(…)``."""
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant()], keywords=[]):
            return True
        case ast.Name(id="float"):
            return True
    return False
