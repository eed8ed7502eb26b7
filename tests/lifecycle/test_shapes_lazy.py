"""Generators, coroutines and async generators, stepped in every way, tell the same story with and without us."""

from __future__ import annotations

import contextlib
import contextvars
import inspect
import itertools
import sys
import types
import warnings
from typing import Any

import pytest

from lineage_kit import lineage_job
from tests.support.shapes import plain, story_of

job = lineage_job("job")
VAR: contextvars.ContextVar[str] = contextvars.ContextVar("VAR", default="unset")


class Stubborn(BaseException):
    """No Exception."""


def bodies(log: list[Any]) -> dict[str, Any]:  # noqa: C901, PLR0915 - one short body after another
    """Generator functions that answer steps in every way; what they see goes to `log`."""

    def sums():
        total = 0
        try:
            while total < 10:
                got = yield total
                log.append((got, VAR.get(), story_of(sys.exception())))
                VAR.set(f"body {total}")
                total += got or 1
        except KeyError as error:
            log.append(story_of(error))
            yield "caught"
        except GeneratorExit:
            log.append("closing")
            return "closed"
        finally:
            log.append("cleaned")
        return total

    def raising():
        yield 1
        try:
            raise KeyError("first")
        except KeyError as error:
            error.add_note("noted")
            raise ValueError("second") from error

    def replacing():
        try:
            yield 1
        except BaseException:
            raise Stubborn("mine") from None

    def swallowing():
        while True:
            try:
                yield 1
            except Exception as error:
                log.append(story_of(error))

    def refusing():
        try:
            yield 1
        except GeneratorExit:
            yield 2

    def stopping():
        yield 1
        raise StopIteration("mine")  # noqa: PLR1708 - becomes a RuntimeError

    def empty():
        return
        yield

    def delegating():
        first = yield from sums()
        log.append(first)
        return (yield from iter("ab"))

    def reraising():
        try:
            yield 1
        except ValueError:
            log.append(story_of(sys.exception()))
            raise

    made = (sums, raising, replacing, swallowing, refusing, stopping, empty, delegating, reraising)
    return {body.__name__: body for body in made}


STEPS = {
    "next": lambda g: g.send(None),
    "send": lambda g: g.send(3),
    "key": lambda g: g.throw(KeyError("thrown")),
    "value": lambda g: g.throw(ValueError("thrown")),
    "stubborn": lambda g: g.throw(Stubborn("thrown")),
    "exit": lambda g: g.throw(GeneratorExit()),
    "stop": lambda g: g.throw(StopIteration("thrown")),
    "close": lambda g: g.close(),
    "set": lambda g: VAR.set("consumer") and None,
}
SCRIPTS = [
    *itertools.product(STEPS, repeat=2),
    *(("next", *rest) for rest in itertools.product(STEPS, repeat=2)),
    ("next",) * 14,
    ("next", "send", "send", "send", "send", "next"),
    ("next", "set", "send", "set", "send", "close", "next"),
]
BODIES = list(bodies([]))


def play(lazy: Any, log: list[Any], script: tuple[str, ...], *, handling: bool) -> list[Any]:
    """What `lazy` and its consumer see, step by step; `handling`: each step stands inside an ``except``."""
    for name in script:
        try:
            if handling:
                try:
                    raise OSError("handled")
                except OSError:
                    log.append(STEPS[name](lazy))
            else:
                log.append(STEPS[name](lazy))
        except BaseException as error:
            log.append(story_of(error))
        log.append((VAR.get(), state_of(lazy)))
    return log


def state_of(lazy: Any) -> str:
    """``CREATED``, ``SUSPENDED`` or ``CLOSED``."""
    if inspect.iscoroutine(lazy):
        return inspect.getcoroutinestate(lazy)
    return inspect.getgeneratorstate(lazy) if inspect.isgenerator(lazy) else ""


def generator(d: Any, body: Any) -> Any:
    """A decorated generator function."""
    return d(body)()


def returned_generator(d: Any, body: Any) -> Any:
    """A decorated function that returns a generator."""

    def returning() -> Any:
        return body()

    return d(returning)()


def awaitable_generator(d: Any, body: Any) -> Any:
    """A decorated coroutine function of the old kind."""
    return d(types.coroutine(body))()


def coroutine(d: Any, body: Any) -> Any:
    """A decorated coroutine function."""

    async def through() -> Any:
        return await types.coroutine(body)()

    return d(through)()


def returned_coroutine(d: Any, body: Any) -> Any:
    """A decorated function that returns a coroutine."""
    return d(lambda: coroutine(plain, body))()


def delegated(d: Any, body: Any) -> Any:
    """A decorated generator function that hands on another one."""

    @d
    def outer():
        return (yield from d(body)())

    return outer()


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    "make", [generator, returned_generator, awaitable_generator, coroutine, returned_coroutine, delegated]
)
def test_each_step_tells_the_same_story(events, make: Any, body: str):
    """Values, errors with their contexts, variables and states agree at each step of each script; one end per run."""
    for script, handling in itertools.product(SCRIPTS, (False, True)):
        if "coroutine" in make.__name__ and ("exit" in script or script[0] == "send"):
            continue  # an await closes what it waits for; a coroutine takes no value before it waits
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stories = []
            for d in (plain, job):
                log: list[Any] = []
                lazy = make(d, bodies(log)[body])
                stories.append(contextvars.Context().run(play, lazy, log, script, handling=handling))
                for _ in range(2):  # one body answers the first with another item
                    with contextlib.suppress(BaseException):
                        lazy.close()
        assert stories[0] == stories[1], (script, handling)
    one_end_each(events)


def one_end_each(events: Any) -> None:
    """Every run has one START, first, and one end."""
    runs: dict[str, list[str]] = {}
    for event in events:
        runs.setdefault(event.run.runId, []).append(str(event.eventType))
    wrong = {tuple(states) for states in runs.values() if states[0] != "START" or len(states) != 2}
    assert not wrong
    assert runs
