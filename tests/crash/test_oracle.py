"""The oracle sees what it is there to see: each kind of damage, made on purpose, is named."""

import pytest

from tests.support.oracle import (
    CLEAN,
    DEAD,
    IN_MEMORY,
    KEPT,
    UNCLEAR,
    Judgement,
    Place,
    Taken,
    Told,
    judge,
)

START, END = Told(1, "r", "START", "a", KEPT), Told(1, "r", "COMPLETE", "b", KEPT)
TOLD = [START, END]


def _taken(*digests: str, **states: str) -> list[Taken]:
    known = {"a": "START", "b": "COMPLETE", "w": "ABORT"} | states
    return [Taken(one, "r", known[one], words=one.startswith("w")) for one in digests]


def _judged(told: list[Told], end: str, *taken: list[Taken]) -> Judgement:
    places = [Place(str(number), one) for number, one in enumerate(taken)]
    return judge(told, {1: end}, places, exact={1})


@pytest.mark.parametrize(
    ("told", "end", "taken"),
    [
        (TOLD, CLEAN, [_taken("a", "b"), _taken("a", "a", "b", "a")]),
        (TOLD, DEAD, [_taken("a", "b")]),
        ([START], CLEAN, [_taken("a")]),
        ([START], DEAD, [_taken("a", "w"), _taken("a", "w")]),
        ([START], DEAD, [_taken("a", "b")]),
        ([START], UNCLEAR, [_taken("a")]),
    ],
    ids=["all", "ended then killed", "left open", "aborted", "killed before it told", "killed at its end"],
)
def test_what_is_right_passes(told: list[Told], end: str, taken: list[list[Taken]]) -> None:
    """Duplicates, one event that was never told of, and an ABORT where a run was open are as they should be."""
    assert _judged(told, end, *taken).problems == []


@pytest.mark.parametrize(
    ("complaint", "told", "end", "taken"),
    [
        ("LOST", TOLD, CLEAN, [_taken("a", "b"), _taken("a")]),
        ("OUT OF ORDER", TOLD, CLEAN, [_taken("b", "a")]),
        ("OUT OF ORDER", [START], DEAD, [_taken("w", "a")]),
        ("OTHER BYTES", TOLD, CLEAN, [_taken("a", "b", "x", x="START")]),
        ("TWO ENDS", [START], DEAD, [_taken("a", "w"), _taken("a", "w2", w2="ABORT")]),
        ("ENDED TWICE", TOLD, DEAD, [_taken("a", "b", "w")]),
        ("ABORT OF THE LIVING", [START], CLEAN, [_taken("a", "w")]),
        ("NO END", [START], DEAD, [_taken("a", "w"), _taken("a")]),
    ],
)
def test_what_is_wrong_is_named(complaint: str, told: list[Told], end: str, taken: list[list[Taken]]) -> None:
    """Each way of losing, turning round, inventing and wrongly ending is found, and called by its name."""
    found = _judged(told, end, *taken)
    assert complaint in " ".join(found.problems)
    assert (found.lost > 0) == (complaint == "LOST")


def test_quarantined_and_owed_events_are_not_lost() -> None:
    """What lies in quarantine, and what is still owed in the journal, is accounted for."""
    place = Place("one", [], aside=_taken("a"), owed={"b"})
    found = judge(TOLD, {1: CLEAN}, [place], exact={1})
    assert (found.problems, found.lost, found.quarantined, found.owed) == ([], 0, 1, 1)


def test_what_was_in_memory_alone_may_go_with_its_process_and_is_counted() -> None:
    """An event that the disk did not take is counted when it is gone, and is no loss of the journal's."""
    found = judge([Told(1, "r", "START", "a", IN_MEMORY)], {1: DEAD}, [Place("one", [])], exact=set())
    assert (found.problems, found.lost, found.lost_in_memory) == ([], 0, 1)
