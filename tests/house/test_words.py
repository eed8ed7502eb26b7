"""The project speaks of itself alone, in words that last."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, assert_none, tracked

SHARED = ROOT.parent / "shared"
HOME = Path.home()  # before a test has another one

# One letter of each word stands in brackets, so that this file does not break its own rule.
UNFINISHED = re.compile(r"\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b")
REGISTRIES = re.compile(r"py[p]i\.org|python[h]osted|--(extra-)?[i]ndex-url|PIP_[I]NDEX_URL", re.IGNORECASE)
ELSEWHERE = re.compile(r"\b([i]ssue|[t]icket) ?#?\d+\b", re.IGNORECASE)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


def _found(pattern: "re.Pattern[str]") -> list[str]:
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(_lines(path), 1)
        if path.name != "LICENSE" and pattern.search(line)
    ]


@pytest.mark.parametrize(
    "pattern", [UNFINISHED, REGISTRIES, ELSEWHERE], ids=["unfinished", "registry", "elsewhere"]
)
def test_no_word_points_outside_or_to_later(pattern: "re.Pattern[str]") -> None:
    """No file promises work to come, names a package registry's address or counts on a tracker's number."""
    assert_none(_found(pattern))


def test_no_file_knows_where_it_lies() -> None:
    """No file holds the path of this checkout, of what lies beside it for the tests, or of the user's home."""
    places = [re.escape(str(place)) for place in (ROOT, SHARED, HOME) if len(place.parts) > 1]
    assert_none(_found(re.compile("|".join(rf"{place}(?=[/\\])" for place in places))))
