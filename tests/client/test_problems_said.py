"""Each mistake is said once a minute, few of one cause, and all are counted."""

import pytest

from lineage_kit import report


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged so far."""
    return [record.getMessage() for record in caplog.records]


def test_different_mistakes_of_one_cause_are_both_said(caplog: pytest.LogCaptureFixture) -> None:
    """The second one is not taken for the first; the same again, or with other numbers, is only counted."""
    for message in (
        "rows is '5', a text",
        "rows is -1, below 0",
        "rows is '5', a text",
        "rows is -2, below 0",
    ):
        report.problem("rows", message)
    assert said(caplog) == ["rows is '5', a text", "rows is -1, below 0"]
    assert report.counts() == {"rows": 4}


def test_a_cause_with_ever_new_messages_falls_silent(caplog: pytest.LogCaptureFixture) -> None:
    """Five of them are said in a minute, and little is kept of the others."""
    for letter in "abcdefghijkl":
        report.problem("many", f"mistake {letter}")
    assert said(caplog) == [f"mistake {letter}" for letter in "abcde"]
    assert report.counts() == {"many": 12}


def test_a_state_that_lasts_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever words it is told in."""
    report.problem("down", "1 event waits", once=True)
    report.problem("down", "2 events wait", once=True)
    assert said(caplog) == ["1 event waits"]
