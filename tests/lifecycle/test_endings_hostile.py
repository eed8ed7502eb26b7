"""Exceptions that do what they can: the user gets the very object, unchanged, and the event is valid and bounded."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time

import pandas as pd
import pytest

from lineage_kit import run


class Hostile(Exception):
    """Every question about it fails."""

    def __str__(self) -> str:
        raise SystemExit("from __str__")

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("from __eq__")

    __hash__ = None  # type: ignore[assignment]


class Shut(Exception):
    """No attribute of it can be read."""

    def __getattribute__(self, name: str):
        raise KeyboardInterrupt(name)


class Liar(Exception):
    """Says that it is an int, made of other arguments, caused by itself."""

    @property
    def __class__(self):
        return int

    @property
    def args(self):
        raise RuntimeError("from args")

    @property
    def __cause__(self):
        return self

    @property
    def __traceback__(self):
        raise RuntimeError("from __traceback__")


class Meta(type):
    """A metaclass whose classes answer nothing and are nobody's."""

    def __getattribute__(cls, name: str):
        raise RuntimeError(f"from the metaclass: {name}")


class Tricky(Exception, metaclass=Meta):
    """Its class answers nothing."""

    __module__ = 3  # type: ignore[assignment]

    def __str__(self) -> str:
        return "tricky all the same"


class RaisesItself(Exception):
    """Its text is itself, raised."""

    def __str__(self) -> str:
        raise self from KeyError("more")


class Odd(str):
    """A text with other ideas of itself."""

    __slots__ = ()

    def __str__(self):
        raise RuntimeError("from str")

    def encode(self, *_):
        raise RuntimeError("from encode")

    def __len__(self):
        raise RuntimeError("from len")


class NotesThatRaise(list):
    """Notes that cannot be looked through."""

    def __getitem__(self, index):
        raise RuntimeError("from __getitem__")

    __iter__ = __len__ = __getitem__


def noted() -> BaseException:
    """An exception with hostile notes."""
    error = ValueError("noted")
    error.__notes__ = NotesThatRaise(["a note", Hostile(), 3])
    return error


def causes(length: int) -> BaseException:
    """An exception with `length` causes."""
    error: BaseException = ValueError("root")
    for number in range(length):
        outer = ValueError(f"level {number}")
        outer.__cause__, error = error, outer
    return error


def contexts(length: int) -> BaseException:
    """An exception with `length` contexts."""
    error: BaseException = ValueError("root")
    for number in range(length):
        outer = ValueError(f"level {number}")
        outer.__context__, error = error, outer
    return error


def cycle() -> BaseException:
    """Two exceptions that caused each other."""
    first, second = ValueError("one"), ValueError("two")
    first.__cause__, second.__context__ = second, first
    return first


def groups(depth: int, leaf: BaseException) -> BaseException:
    """`leaf` in groups in groups."""
    for number in range(depth):
        leaf = BaseExceptionGroup(f"level {number}", [leaf])
    return leaf


class HostileGroup(ExceptionGroup):
    """A group that denies what it holds."""

    message = property(lambda self: 1 / 0)  # type: ignore[assignment]
    exceptions = property(lambda self: [self])  # type: ignore[assignment]


def recursion() -> BaseException:
    """What a runaway recursion raises, with all its frames."""

    def deeper() -> None:
        deeper()

    try:
        deeper()
    except RecursionError as error:
        return error
    raise AssertionError


HOSTILE = {
    "hostile": lambda: Hostile("x"),
    "shut": lambda: Shut("x"),
    "liar": lambda: Liar("x"),
    "metaclass": lambda: Tricky("x"),
    "raises itself": lambda: RaisesItself("x"),
    "notes": noted,
    "odd text": lambda: ValueError(Odd("odd")),
    "10,000 causes": lambda: causes(10_000),
    "10,000 contexts": lambda: contexts(10_000),
    "cycle": cycle,
    "1,000 groups": lambda: groups(1000, ValueError("inmost")),
    "wide group": lambda: ExceptionGroup("wide", [ValueError(number) for number in range(10_000)]),
    "hostile group": lambda: HostileGroup("hidden", [KeyError("x"), Hostile()]),
    "recursion": recursion,
    "2 MB": lambda: ValueError("x" * 2_000_000),
    "2 MB key": lambda: KeyError("x" * 2_000_000),
    "surrogate": lambda: ValueError("a\ud800b\x00c\x1b[31m"),
    "bytes": lambda: ValueError(b"\xff" * 100_000),
    "no arguments": ValueError,
    "many arguments": lambda: ValueError(*range(10_000)),
    "frame": lambda: ValueError(sys._getframe()),
    "lock": lambda: ValueError(threading.Lock(), threading.RLock()),
    "frame of data": lambda: ValueError(pd.DataFrame({"a": range(1000)})),
    "list of data": lambda: ValueError([pd.DataFrame({"a": range(1000)})] * 100),
    "unreadable number": lambda: ValueError(10**5000),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_exceptions_arrive_unchanged_and_give_a_valid_event(events, make):
    """The FAIL event is bounded JSON; the exception is the one that was raised, with what it had and nothing more."""
    error = make()
    before = parts_of(error)
    same, traceback = False, None
    try:
        with run("hostile"):
            raise error
    except BaseException as caught:
        same = caught is error
        traceback = BaseException.__dict__["__traceback__"].__get__(caught)
    assert same
    assert parts_of(error) == before
    assert traceback.tb_frame is sys._getframe()
    facet = events.failed("hostile").facet("errorMessage")
    assert len(facet.message) < 10_000
    assert len(facet.stackTrace.encode()) <= 33_000
    assert b"\\ud800" not in events.bodies[1]
    assert b"\\u0000" not in events.bodies[1]


def parts_of(error: BaseException) -> dict[str, object]:
    """What an exception holds besides its traceback, by identity."""
    kept = BaseException.__dict__
    names = ("args", "__cause__", "__context__", "__suppress_context__")
    own = kept["__dict__"].__get__(error)
    return {name: id(kept[name].__get__(error)) for name in names} | {key: id(own[key]) for key in own}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Hostile("x"), f"Hostile: <{__name__}.Hostile whose text cannot be made: SystemExit>"),
        (Tricky("x"), "Tricky: tricky all the same"),
        (ValueError(), "ValueError"),
        (ValueError("a", 2), "ValueError: ('a', 2)"),
        (ValueError(["day", "city"]), "ValueError: ['day', 'city']"),
        (KeyError("city"), "KeyError: 'city'"),
        (OSError(2, "No such file", "a.csv"), "FileNotFoundError: [Errno 2] No such file: 'a.csv'"),
        (HostileGroup("hidden", [KeyError("x"), OSError()]), "HostileGroup: hidden [KeyError, OSError]"),
        (groups(1000, ValueError("inmost")), "ExceptionGroup: level 999 [ValueError]"),
    ],
    ids=["hostile", "metaclass", "empty", "two", "list", "key", "system", "hostile group", "deep group"],
)
def test_messages_read_as_pythons_own(events, error, message):
    """Type and text as a traceback's last line has them; where the text cannot be made, that is what it says."""
    with contextlib.suppress(BaseException), run("reads"):
        raise error
    assert events.failed("reads").facet("errorMessage").message == message


def test_a_slow_argument_is_not_asked_again_and_its_exception_is(events):
    """After a text that took its time, that type is named only; ValueError goes on being read."""

    class Slow:
        asked = 0

        def __repr__(self) -> str:
            type(self).asked += 1
            begun = time.perf_counter()
            while time.perf_counter() - begun < 0.01:
                pass
            return "slow"

    for error in (ValueError(Slow()), ValueError(Slow()), ValueError("fast")):
        with pytest.raises(ValueError), run("slow"):
            raise error
    said = [event.run.facets["errorMessage"].message for event in events if str(event.eventType) == "FAIL"]
    assert said[0] == "ValueError: slow"
    assert said[1].startswith("ValueError: <") and "Slow" in said[1]
    assert said[2] == "ValueError: fast"
    assert Slow.asked == 1


def test_a_failure_that_only_one_of_many_leaves_shows_is_a_failure(events):
    """A group with a hundred cancelled tasks and, last, one that failed is FAIL."""
    cancelled = [asyncio.CancelledError() for _ in range(100)]
    with pytest.raises(BaseExceptionGroup), run("mostly cancelled"):
        raise BaseExceptionGroup("tasks", [*cancelled, BaseExceptionGroup("more", [OSError("disk")])])
    events.failed("mostly cancelled")


@pytest.mark.parametrize(
    ("code", "state"), [(0, "COMPLETE"), (3, "FAIL"), (None, "COMPLETE"), (False, "COMPLETE")]
)
def test_exit_codes_of_subclasses_count_as_for_python(events, code, state):
    """A SystemExit whose class says its code ends the program with that one, and the run accordingly."""

    class Leave(SystemExit):
        pass

    Leave.code = code
    with pytest.raises(Leave), run("leaves"):
        raise Leave("text")
    assert events.states == ["START leaves", f"{state} leaves"]


def test_an_exit_that_does_not_tell_its_code_is_a_failure(events):
    """Python then prints the exception and ends with 1."""

    class Shy(SystemExit):
        @property
        def code(self):
            raise RuntimeError("not telling")

    with pytest.raises(Shy), run("shy"):
        raise Shy
    events.failed("shy").with_error("Shy")


def test_inner_and_outer_frames_of_a_long_traceback_are_shown(events):
    """Of a runaway recursion the way in and the innermost lines stay, and what is left out is said."""
    with pytest.raises(RecursionError) as caught, run("deep"):
        raise recursion()
    stack = events.failed("deep").facet("errorMessage").stackTrace
    assert "in test_inner_and_outer_frames" in stack
    assert stack.count("in deeper") == 38
    assert "frames left out]" in stack
    assert stack.endswith(f"RecursionError: {caught.value}")


def test_what_is_failed_by_hand_is_read_as_carefully(events):
    """`fail` takes whatever it is given."""
    for given in (Shut("x"), Tricky("x"), Odd("odd"), 3, None):
        with run("by hand") as r:
            r.fail(given)  # type: ignore[arg-type]
    assert [line for line in events.states if line != "START by hand"] == ["FAIL by hand"] * 5


def test_what_is_built_in_is_always_asked(events, monkeypatch):
    """A busy machine makes everything slow now and then: that says nothing about texts and numbers."""
    monkeypatch.setattr("lineage_kit.strangers.SLOW_SECONDS", 0.0)
    for _ in range(2):
        with pytest.raises(ValueError, match="words"), run("busy"):
            raise ValueError("words", 3)
        assert events[-1].run.facets["errorMessage"].message == "ValueError: ('words', 3)"
