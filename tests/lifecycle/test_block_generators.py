"""`run()` around the steps of a generator or coroutine, and how it ends when these do not run to their end."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, contextmanager

import pytest

from lineage_kit import run


def rows(title):
    """A generator with a block around its steps."""
    with run(title):
        yield 1
        yield 2


@contextmanager
def opened(title):
    """A block in a context manager of the user's own."""
    with run(title) as it:
        yield it


def through_a_manager(title):
    """A generator that passes its end on to the block."""
    with opened(title):
        yield 1


def through_a_stack(title):
    """A generator whose block is in an `ExitStack`."""
    with ExitStack() as stack:
        stack.enter_context(run(title))
        yield 1


def delegating(title):
    """A generator whose block is around another generator."""
    with run(title):
        yield from iter([1, 2])


@pytest.mark.parametrize("shape", [rows, through_a_manager, through_a_stack, delegating])
def test_a_generator_closed_early_completes_its_block(events, shape):
    """A block in a generator that its consumer closes is COMPLETE and says that it was not exhausted."""
    generator = shape("early")
    next(generator)
    generator.close()
    events.completed("early").with_tag("exhausted", "false")
    assert list(shape("all"))
    assert events.completed("all") and "tags" not in events[-1].run.facets


def test_an_async_generator_closed_early_completes_its_block(events):
    """The same holds of ``async with`` in an async generator."""

    async def steps():
        async with run("early"):
            yield 1

    async def main():
        generator = steps()
        await anext(generator)
        await generator.aclose()

    asyncio.run(main())
    events.completed("early").with_tag("exhausted", "false")


class Once:
    """Something to await that never comes back by itself."""

    def __await__(self):
        yield


async def waiting():
    """A coroutine that waits inside its block."""
    async with run("given up"):
        await Once()


async def waiting_in_a_manager():
    """A coroutine whose block is in a generator."""
    with opened("given up"):
        await Once()


@pytest.mark.parametrize("shape", [waiting, waiting_in_a_manager])
def test_a_coroutine_that_is_given_up_aborts_its_block(events, shape):
    """A coroutine has no consumer: closed while it waits, its work was not done."""
    coroutine = shape()
    coroutine.send(None)
    coroutine.close()
    events.aborted("given up")


def test_generator_exit_that_closes_no_generator_aborts(events):
    """Raised by a function, `GeneratorExit` is an exception as others are."""
    with pytest.raises(GeneratorExit), run("raised"):
        raise GeneratorExit
    events.aborted("raised")
