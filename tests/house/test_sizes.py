"""Nothing grows too big to be read in one sitting."""

import ast

from radon.complexity import cc_visit

from tests.house.source import PACKAGE, ROOT, TESTS, Source, body_lines, sources

FACETS = "lineage_kit/event/facets/"  # tables: one struct after another


def _written() -> list[Source]:
    return [source for source in sources(PACKAGE) if not source.name.startswith(FACETS)]


def test_no_file_is_longer_than_300_lines() -> None:
    """A file of the package has at most 300 lines; facet files, which are tables, may have more."""
    assert {source.name: len(source.lines) for source in _written() if len(source.lines) > 300} == {}


def test_no_test_file_is_longer_than_400_lines() -> None:
    """A file of tests has at most 400 lines."""
    assert {source.name: len(source.lines) for source in sources(TESTS) if len(source.lines) > 400} == {}


def test_no_function_body_is_longer_than_40_lines() -> None:
    """A function has at most 40 lines below its docstring."""
    assert {
        f"{source.name}:{function.lineno} {function.name}": body_lines(function)
        for source in sources(PACKAGE)
        for function in source.functions()
        if body_lines(function) > 40
    } == {}


def test_no_function_takes_more_than_ten_branches() -> None:
    """A function's cyclomatic complexity is at most 10."""
    assert {
        f"{source.name}:{block.lineno} {block.name}": block.complexity
        for source in sources(PACKAGE)
        for block in cc_visit(source.text)
        if block.complexity > 10 and block.letter != "C"
    } == {}


def test_no_class_is_longer_than_200_lines() -> None:
    """A class has at most 200 lines."""
    classes = [
        (f"{source.name}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)  # type: ignore[operator]
        for source in sources(PACKAGE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    ]
    assert [found for found in classes if found[1] > 200] == []


def test_no_folder_holds_more_than_twelve_files() -> None:
    """A folder of the package holds at most twelve Python files."""
    counts: dict[str, int] = {}
    for source in sources(PACKAGE):
        folder = source.path.parent.relative_to(ROOT).as_posix()
        counts[folder] = counts.get(folder, 0) + 1
    assert {folder: count for folder, count in counts.items() if count > 12} == {}


def test_every_file_begins_by_saying_its_one_idea() -> None:
    """The first line of each file opens a docstring of at least one sentence."""
    silent = [
        source.name
        for source in [*sources(PACKAGE), *sources(TESTS)]
        if not source.text.startswith('"""') or len((ast.get_docstring(source.tree) or "").split()) < 3
    ]
    assert silent == []
