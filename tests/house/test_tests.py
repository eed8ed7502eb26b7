"""The tests keep rules of their own: each says what is true, uses real things and waits for events."""

import ast
import re

from tests.house.source import PACKAGE, TESTS, Function, Source, assert_none, sources

MOCKS = re.compile(r"\bMock\(|\bpatch[(.]|\bmonkeypatch\.set")
SLEEPS = re.compile(r"\bsleep\((?!0\))")
REASON = re.compile(r"# sleep: \w+ \w+")
BESIDE_THE_PACKAGE = {
    "benchmarks",
    "conformance",
    "crash",
    "docs",
    "examples",
    "faults",
    "flow",
    "house",
    "integration",
    "support",
    "torture",
    "typing",
    "workers",
}


def _tests() -> list[tuple[Source, Function]]:
    return [
        (source, function)
        for source in sources(TESTS)
        for function in source.functions()
        if function.name.startswith("test_") and source.path.name.startswith("test_")
    ]


def test_every_test_says_in_a_sentence_what_is_true() -> None:
    """The docstring of each test is one sentence with a full stop."""
    silent = []
    for source, function in _tests():
        said = (ast.get_docstring(function) or "").strip()
        if len(said.split()) < 3 or not said.endswith("."):
            silent.append(f"{source.name}:{function.lineno} {function.name}")
    assert_none(silent)


def test_mocks_are_rare() -> None:
    """There are fewer than ten mocks for a hundred tests."""
    mocks = [
        f"{source.name}:{number}"
        for source in sources(TESTS)
        for number, line in enumerate(source.lines, 1)
        if MOCKS.search(line) and "re.compile" not in line
    ]
    assert len(mocks) < len(_tests()) / 10, "\n".join(mocks)


def test_sleeps_have_a_reason() -> None:
    """Who sleeps in a test says why on that line, as ``# sleep: reason``."""
    assert_none(
        f"{source.name}:{number}: {line.strip()}"
        for source in sources(TESTS)
        for number, line in enumerate(source.lines, 1)
        if SLEEPS.search(line) and not REASON.search(line) and "re.compile" not in line
    )


def test_tests_mirror_the_package() -> None:
    """A folder of tests is named after the part of the package it tests."""
    parts = {path.stem for path in PACKAGE.iterdir()}
    folders = {
        source.path.relative_to(TESTS).parts[0] for source in sources(TESTS) if source.path.parent != TESTS
    }
    assert_none(sorted(folders - parts - BESIDE_THE_PACKAGE))


def test_tests_are_found_by_name() -> None:
    """No folder of tests is a package, and no test hides in a file whose name is not test_….py."""
    hidden = [
        source.name
        for source in sources(TESTS)
        if source.path.name == "__init__.py"
        or (
            not source.path.name.startswith("test_")
            and source.path.parent.name != "typing"
            and any(function.name.startswith("test_") for function in source.functions())
        )
    ]
    assert_none(hidden)
