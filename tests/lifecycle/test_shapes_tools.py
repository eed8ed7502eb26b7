"""Tools that look at functions see what they saw before: help, doctest, tracers, frames, the recursion limit."""

from __future__ import annotations

import contextlib
import doctest
import inspect
import io
import pydoc
import sys
import threading
import traceback
import types
import typing
from textwrap import dedent
from typing import Any

import pytest

from lineage_kit import lineage_job
from lineage_kit.testing import record_events
from tests.support.scripts import Folder

job = lineage_job("job")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module with a job in it, imported from a file."""
    (tmp_path / "etl_with_doc.py").write_text(
        dedent('''
            """Examples."""
            from __future__ import annotations
            import functools
            from lineage_kit import lineage_job

            @lineage_job("double")
            def double(x: int, *, by: Factor = 2) -> int:
                """Multiply.

                >>> double(2)
                4
                """
                return x * by

            class Table:
                """A class.

                >>> Table().size()
                3
                """
                @lineage_job("size")
                def size(self) -> int:
                    """Its size.

                    >>> Table().size() + 1
                    4
                    """
                    return 3

            @lineage_job("cached")
            @functools.lru_cache
            def cached(x):
                """Cached.

                >>> cached(1)
                1
                """
                return x

            Factor = int
        ''')
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import etl_with_doc

    yield etl_with_doc
    del sys.modules["etl_with_doc"]


def test_doctests_are_collected_once_and_run(events, module):
    """Each example in the docstring of a job is found once."""
    found = [test.name for test in doctest.DocTestFinder(exclude_empty=True).find(module) if test.examples]
    assert found == [f"etl_with_doc.{name}" for name in ("Table", "Table.size", "cached", "double")]
    result = doctest.testmod(module)
    assert (result.failed, result.attempted) == (0, 4)
    assert len(events) == 8


def test_help_and_source(module):
    """``help()`` and ``inspect.getsource`` show the function that was written."""
    text = pydoc.render_doc(module, renderer=pydoc.plaintext)
    assert "double(x: 'int', *, by: 'Factor' = 2) -> 'int'" in text and "Its size." in text
    assert "cached(x)" in text
    assert "return x * by" in inspect.getsource(module.double)
    assert inspect.getmodule(module.double) is module
    assert inspect.getdoc(module.cached).startswith("Cached.")


def test_annotations_in_strings_are_resolved_where_they_were_written(module):
    """``get_type_hints`` and ``eval_str`` find names of the function's own module."""
    assert typing.get_type_hints(module.double) == {"x": int, "by": int, "return": int}
    parameters = inspect.signature(module.double, eval_str=True).parameters
    assert parameters["by"].annotation is int


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new in Python 3.12")
def test_parameters_of_types(events):
    """Functions and methods of the new generic syntax keep their type parameters."""
    scope: dict[str, Any] = {"job": job}
    source = "@job\ndef first[T](items: list[T]) -> T:\n    return items[0]\n"
    exec(compile(source, "new.py", "exec", dont_inherit=True), scope)
    first = scope["first"]
    assert first([1]) == 1
    assert [str(parameter) for parameter in first.__type_params__] == ["T"]
    assert inspect.signature(first) == inspect.signature(first.__wrapped__)
    assert typing.get_type_hints(first) == typing.get_type_hints(first.__wrapped__)
    assert len(events) == 2


@pytest.mark.parametrize("level", ["1", "2"])
def test_optimised_python_emits_the_same(tmp_path, level: str):
    """Without assertions and docstrings there are the same events."""
    program = """
        import asyncio
        assert False, "left out"
        from lineage_kit import lineage_job, run
        @lineage_job("sync", inputs="{x}/a.csv")
        def sync(x):
            "Text."
            return x
        @lineage_job("generator")
        def generator():
            yield 1
        @lineage_job("coroutine")
        async def coroutine(): ...
        with run("all"):
            sync("s3://b"), list(generator()), asyncio.run(coroutine())
    """
    folder = Folder(tmp_path)
    done = folder.run(program, PYTHONOPTIMIZE=level, OPENLINEAGE__TRANSPORT__TYPE="local")
    assert (done.returncode, done.stderr) == (0, "")
    jobs = ["sync", "generator", "coroutine"]
    inner = [f"{state} {name}" for name in jobs for state in ("START", "COMPLETE")]
    assert folder.states() == ["START all", *inner, "COMPLETE all"]


def depth() -> int:
    """How many frames there are."""
    return len(traceback.extract_stack())


def frames_of(d: Any) -> list[int]:
    """Depth of the stack in the body of each kind, under the decorator `d`."""

    @types.coroutine
    def step():
        yield depth()

    async def coroutine():
        await step()

    def generator():
        yield depth()

    async def async_generator():
        yield depth()

    class Callable:
        def __call__(self) -> int:
            return depth()

    found = [d(depth)(), next(d(generator)()), d(coroutine)().send(None), d(Callable())()]
    with contextlib.suppress(StopIteration):
        anext(d(async_generator)()).send(None)
    try:
        anext(d(async_generator)()).send(None)
    except StopIteration as stop:
        found.append(stop.value)
    return found


def test_at_most_two_frames_are_added(events):
    """The stack in a body is at most two frames deeper, of whichever kind it is."""
    added = [after - before for before, after in zip(frames_of(lambda f: f), frames_of(job), strict=True)]
    assert max(added) <= 2, added


def levels(d: Any) -> int:
    """How deep a function under the decorator `d` can call itself."""
    deepest = 0

    def down(level: int) -> None:
        nonlocal deepest
        deepest = level
        decorated(level + 1)

    decorated = d(down)
    with contextlib.suppress(RecursionError):
        decorated(1)
    return deepest


def test_recursion_reaches_half_as_deep():
    """A job that calls itself reaches the limit no sooner than at half the depth, and as Python's own error."""
    with record_events() as events:
        plain = levels(lambda f: f)
        assert levels(job) >= plain // 2 - 30
        runs = {event.run.runId for event in events}
        ends = [line for line in events.states if not line.startswith("START")]
    assert len(ends) >= len(runs) - 20


def test_a_tracer_sees_the_body(events):
    """``sys.settrace`` is called for the body's lines, and the value is the same."""
    seen = set()

    def tracer(frame: Any, event: str, arg: Any) -> Any:
        seen.add((frame.f_code.co_name, event))
        return tracer

    def body() -> int:
        return 42

    traced: list[int] = []

    def work() -> None:
        sys.settrace(tracer)
        traced.append(job(body)())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert traced == [42] and ("body", "line") in seen
    assert events.states == ["START job", "COMPLETE job"]


def test_tracebacks_end_in_the_users_line(events):
    """What is printed of an error is the user's line, innermost, with one line of ours for each call."""

    @job
    def broken() -> None:
        raise ValueError("mine")

    out = io.StringIO()
    try:
        broken()
    except ValueError as error:
        traceback.print_exception(error, file=out)
        frames = traceback.extract_tb(error.__traceback__)
    assert [frame.name for frame in frames] == ["test_tracebacks_end_in_the_users_line", "call", "broken"]
    assert out.getvalue().rstrip().endswith("ValueError: mine")
