"""Every case of the torture list is answered: by a test that proves it, or by a reason why there is none."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tests.support.shared import SHARED

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIST = SHARED / "TORTURE.md"

TABLES = {"borders.py", "names.py", "outcomes.py", "shapes.py"}

needs_list = pytest.mark.skipif(not LIST.is_file(), reason="the torture list does not lie beside the project")

CASE = re.compile(r"^(\d+)\. ", re.MULTILINE)
TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)(\[[^]]+\])?")
SENTENCE = re.compile(r"reason: [A-Z0-9`].*\w.*[.]", re.DOTALL)

Answer = str | tuple[str, ...]


@cache
def tables() -> dict[str, dict[int, Answer]]:
    """``CASES`` of every module beside this one, by the module's name."""
    found = {}
    for path in sorted(HERE.glob("*.py")):
        if path.name.startswith("test_"):
            continue
        spec = spec_from_file_location(f"torture_{path.stem}", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        found[path.name] = module.CASES
    return found


def answers() -> list[tuple[str, str]]:
    """Every single answer, with where it stands."""
    return [
        (f"{name} {number}", answer)
        for name, cases in tables().items()
        for number, given in cases.items()
        for answer in ((given,) if isinstance(given, str) else given)
    ]


@cache
def names_in(file: Path) -> frozenset[str]:
    """Names of the test functions in a file, read and not imported."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def fault(answer: str) -> str | None:
    """What is wrong with one answer; None where it is a sentence, or a test that exists."""
    if answer.startswith("reason:"):
        whole = SENTENCE.fullmatch(answer) and len(answer.split()) >= 6
        return None if whole else "a reason is a whole sentence"
    named = TEST.fullmatch(answer)
    if named is None:
        return "neither tests/…/test_….py::test_… nor a reason"
    file = ROOT / named[1]
    if not file.is_file():
        return "there is no such file"
    return None if named[2] in names_in(file) else "there is no such test"


def test_every_answer_is_a_test_that_exists_or_a_whole_sentence() -> None:
    """What a table names stands in the tests, and what it explains instead is a sentence."""
    wrong = [f"{place}: {answer}: {why}" for place, answer in answers() if (why := fault(answer))]
    assert not wrong, "\n".join(wrong)


def test_no_case_is_answered_twice() -> None:
    """A case stands in one table only, with at least one answer."""
    counts = Counter(number for cases in tables().values() for number in cases)
    assert [number for number, count in counts.items() if count > 1] == []
    assert all(given for cases in tables().values() for given in cases.values())


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("reason: no", "whole sentence"),
        ("reason: it is out of the range of this project.", "whole sentence"),
        ("see above", "neither"),
        ("tests/none/test_none.py::test_none", "no such file"),
        ("tests/torture/test_torture.py::test_none", "no such test"),
        ("tests/torture/test_torture.py::test_no_case_is_answered_twice", ""),
        ("reason: Python 3.10 is older than what the package runs on.", ""),
    ],
)
def test_a_bad_answer_is_seen(answer: str, part: str) -> None:
    """The check itself tells an answer from what only looks like one."""
    assert part in (fault(answer) or "") if part else fault(answer) is None


def asked() -> set[int]:
    """The numbers of all cases."""
    return {int(number) for number in CASE.findall(LIST.read_text(encoding="utf-8"))}


def answered() -> set[int]:
    """The numbers of the cases in any table."""
    return {number for cases in tables().values() for number in cases}


@needs_list
def test_every_answer_belongs_to_a_case() -> None:
    """No table answers what nobody asked."""
    assert sorted(answered() - asked()) == []


@needs_list
@pytest.mark.skipif(
    not {path.name for path in HERE.glob("*.py")} >= TABLES, reason="not every table is written"
)
def test_every_case_is_answered() -> None:
    """No case is without a test or a reason."""
    assert sorted(asked() - answered()) == []
