"""Data quality checks that failed are shown beneath their run."""

from typing import Any

import pytest

from lineage_kit.history import render, runs, tree


def _event(assertions: Any, place: str, side: str) -> dict[str, Any]:
    dataset = {"namespace": "postgres://db:5432", "name": "shop.orders"}
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-22T00:00:00Z",
        "run": {"runId": "01890a5d-ac96-774b-bcce-b302099a8057"},
        "job": {"namespace": "shop", "name": "orders"},
        side: [{**dataset, place: {"dataQualityAssertions": {"assertions": assertions}}}],
    }


def _shown(assertions: Any, place: str = "inputFacets", side: str = "inputs") -> list[str]:
    records = runs([_event(assertions, place, side)])
    return [line.strip() for line in render(tree(records))][1:]


@pytest.mark.parametrize(("place", "side"), [("inputFacets", "inputs"), ("facets", "outputs")])
def test_failed_checks_are_shown_and_passed_ones_not(place: str, side: str) -> None:
    """With the column, what was expected and what was found, where they are told."""
    checks = [
        {"assertion": "not_null", "success": False, "column": "id", "expected": "0", "actual": "3"},
        {"assertion": "unique", "success": True, "column": "id"},
        {"assertion": "row_count", "success": False},
    ]
    assert _shown(checks, place, side) == [
        "check failed: shop.orders: not_null of id: expected 0, found 3",
        "check failed: shop.orders: row_count",
    ]


def test_of_many_the_first_few_are_shown() -> None:
    """Three of each dataset, and how many more there are."""
    shown = _shown([{"assertion": f"a{number}", "success": False} for number in range(10)])
    assert (len(shown), shown[-1]) == (4, "and 7 more checks of shop.orders")


@pytest.mark.parametrize("assertions", [None, 3, "x", [None, 3], [{"success": "no"}], {"success": False}])
def test_what_is_no_list_of_checks_shows_nothing(assertions: Any) -> None:
    """Facets of any shape are read past."""
    assert _shown(assertions) == []
