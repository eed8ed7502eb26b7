"""Nothing grows too big to be read in one sitting."""

import ast
from collections import Counter

from radon.complexity import cc_visit

from tests.house.source import PACKAGE, ROOT, TESTS, Source, assert_none, body_lines, sources

FACETS = "lineage_kit/event/facets/"  # tables: one struct after another


def _written() -> list[Source]:
    return [source for source in sources(PACKAGE) if not source.name.startswith(FACETS)]


def _longer(found: list[Source], limit: int) -> list[str]:
    return [f"{source.name} has {len(source.lines)} lines" for source in found if len(source.lines) > limit]


def test_no_file_is_longer_than_300_lines() -> None:
    """A file of the package has at most 300 lines; facet files, which are tables, may have more."""
    assert_none(_longer(_written(), 300))


def test_no_test_file_is_longer_than_400_lines() -> None:
    """A file of tests has at most 400 lines."""
    assert_none(_longer(sources(TESTS), 400))


def test_no_function_body_is_longer_than_40_lines() -> None:
    """A function has at most 40 lines below its docstring."""
    assert_none(
        f"{source.name}:{function.lineno} {function.name} has {body_lines(function)} lines"
        for source in sources(PACKAGE)
        for function in source.functions()
        if body_lines(function) > 40
    )


def test_no_function_takes_more_than_ten_branches() -> None:
    """A function's cyclomatic complexity is at most 10."""
    assert_none(
        f"{source.name}:{block.lineno} {block.name} has complexity {block.complexity}"
        for source in sources(PACKAGE)
        for block in cc_visit(source.text)
        if block.complexity > 10 and block.letter != "C"
    )


def test_no_class_is_longer_than_200_lines() -> None:
    """A class has at most 200 lines."""
    assert_none(
        f"{source.name}:{node.lineno} {node.name} has {length} lines"
        for source in sources(PACKAGE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and (length := node.end_lineno - node.lineno + 1) > 200
    )


def test_no_folder_holds_more_than_twelve_files() -> None:
    """A folder of the package holds at most twelve Python files."""
    counts = Counter(source.path.parent.relative_to(ROOT).as_posix() for source in sources(PACKAGE))
    assert_none(f"{folder} holds {count} files" for folder, count in counts.items() if count > 12)


def test_every_file_begins_by_saying_its_one_idea() -> None:
    """The first line of each file opens a docstring of at least one sentence."""
    assert_none(
        source.name
        for source in [*sources(PACKAGE), *sources(TESTS)]
        if not source.text.startswith('"""') or len((ast.get_docstring(source.tree) or "").split()) < 3
    )
