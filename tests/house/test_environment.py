"""The environment is read in one file and never written."""

import ast

from tests.house.source import PACKAGE, Source, assert_none, sources

READER = "lineage_kit/config/env.py"
READS = {"environ", "environb", "getenv", "getenvb"}
WRITES = {"putenv", "unsetenv"}
CHANGES = {"update", "setdefault", "pop", "popitem", "clear", "__setitem__", "__delitem__"}


def test_only_one_file_reads_the_environment() -> None:
    """os.environ and its relatives are named in config/env.py alone."""
    assert_none(s.name for s in sources(PACKAGE) if _mentions(s, READS) and s.name != READER)


def test_nobody_writes_the_environment() -> None:
    """No file sets, changes or removes a variable of this process."""
    assert_none(s.name for s in sources(PACKAGE) if _mentions(s, WRITES) or _changes(s))


def _mentions(source: Source, names: set[str]) -> bool:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in names and getattr(node.value, "id", "") == "os":
            return True
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and names & {name.name for name in node.names}
        ):
            return True
    return False


def _changes(source: Source) -> bool:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Subscript) and _is_environ(node.value) and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.Attribute) and _is_environ(node.value) and node.attr in CHANGES:
            return True
    return False


def _is_environ(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in ("environ", "environb")
