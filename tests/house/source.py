"""The project's own source, read once: what the house rules look at."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lineage_kit"
TESTS = ROOT / "tests"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: `name` is its path from the root, `tree` its syntax."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        """The lines as written, comments and blank ones included."""
        return self.text.splitlines()

    @property
    def module(self) -> str:
        """The dotted name under which the file is imported."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def qualified(self) -> Iterator[tuple[str, ast.AST]]:
        """Every node with the dotted name of the class or function it stands in (empty at the top)."""
        todo: list[tuple[str, ast.AST]] = [("", self.tree)]
        while todo:
            scope, node = todo.pop()
            yield scope, node
            if isinstance(node, Function | ast.ClassDef):
                scope = f"{scope}.{node.name}".lstrip(".")
            todo.extend((scope, child) for child in ast.iter_child_nodes(node))

    def functions(self) -> Iterator[Function]:
        """Every function, however deeply it is nested."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@cache
def sources(folder: Path) -> list[Source]:
    """Every Python file below `folder`, by name."""
    return [_read(path) for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts]


@cache
def tracked() -> list[Path]:
    """Every file git knows; without git (a source archive) everything that is neither hidden nor made."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        made = {"__pycache__", "build", "dist"}
        below = (path for path in ROOT.rglob("*") if path.is_file())
        return [
            p for p in below if not any(part in made or part[0] == "." for part in p.relative_to(ROOT).parts)
        ]
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def assert_none(found: Iterable[str]) -> None:
    """Fail with every finding on a line of its own."""
    lines = list(found)
    assert not lines, "\n" + "\n".join(lines)


def body_lines(function: Function) -> int:
    """Lines of a function without its head and its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return function.end_lineno - statements[0].lineno + 1 if statements else 0  # type: ignore[operator]


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path, path.relative_to(ROOT).as_posix(), text, ast.parse(text, str(path)))
