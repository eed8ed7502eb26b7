"""What may swallow any exception is a named door, and there are few."""

import ast
from collections import Counter

from tests.house.source import PACKAGE, Source, assert_none, sources

DOORS: dict[str, str] = {}
"""``file::function`` → why everything must stop there. One handler each, unless the reason gives a number."""

BROAD = {"Exception", "BaseException"}


def test_broad_excepts_stand_in_named_doors_only() -> None:
    """Exception and BaseException end only where the table says, and as often as it says."""
    found = Counter(door for source in sources(PACKAGE) for door in _broad_handlers(source))
    allowed = Counter({door: _how_many(reason) for door, reason in DOORS.items()})
    assert_none(
        f"{door}: {found[door]} broad excepts, the table allows {allowed[door]}"
        for door in sorted(found | allowed)
        if found[door] != allowed[door]
    )


def _how_many(reason: str) -> int:
    head, _, rest = reason.partition(" × ")
    return int(head) if rest else 1


def _broad_handlers(source: Source) -> list[str]:
    return [f"{source.name}::{scope}" for scope, node in source.qualified() if _is_broad(node)]


def _is_broad(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return (node.type is None or bool(_names(node.type) & BROAD)) and not _passes_on(node)
    if isinstance(node, ast.Call) and "suppress" in _names(node.func):
        return any(_names(argument) & BROAD for argument in node.args)
    return False


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """True for a handler that looks on and lets the same exception go its way."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _names(node: ast.AST) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {getattr(part, "id", getattr(part, "attr", "")) for part in parts}
