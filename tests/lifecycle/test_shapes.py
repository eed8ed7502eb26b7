"""Whatever can be called behaves decorated as it does undecorated, and each call is one run."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections import abc
from collections.abc import Callable
from typing import Any, SupportsFloat, SupportsIndex
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from lineage_kit import lineage_job
from tests.support.shapes import SHAPES, AnswersAnything, Shape, consume, signature

QUESTIONS = (
    inspect.isfunction,
    inspect.ismethod,
    inspect.isbuiltin,
    inspect.isroutine,
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
    asyncio.iscoroutinefunction,
    callable,
)

ABILITIES = (
    abc.Iterable, abc.Sized, abc.Container, abc.Reversible, abc.Mapping, abc.Awaitable, abc.AsyncIterable,
    contextlib.AbstractContextManager, contextlib.AbstractAsyncContextManager, SupportsFloat, SupportsIndex,
)  # fmt: skip


def kinds(function: Any) -> list[Any]:
    """The answers to every question about the kind of a callable; where one raises, the type of that."""
    answers: list[Any] = []
    for question in QUESTIONS:
        try:
            answers.append(bool(question(function)))
        except (TypeError, AttributeError) as error:
            answers.append(type(error))
    return answers


def abilities(function: Any) -> list[bool]:
    """What a callable is besides."""
    return [isinstance(function, ability) for ability in ABILITIES]


every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


@every_shape
def test_each_call_gives_the_same_value_in_one_run(events, shape: Shape):
    """The value is the undecorated one's, whatever the keywords are called; START and COMPLETE come once."""
    function, args, kwargs = shape
    job = lineage_job("job")(function)
    assert consume(job(*args, **kwargs)) == consume(function(*args, **kwargs))
    assert events.states == ["START job", "COMPLETE job"]
    assert len({event.run.runId for event in events}) == 1


@every_shape
def test_what_can_be_asked_about_a_callable_is_answered_as_before(shape: Shape):
    """Kind, signature, names and documentation are those of the undecorated callable."""
    function = shape[0]
    job = lineage_job(function)
    assert kinds(job) == kinds(function)
    assert signature(job) == signature(function)
    if isinstance(function, mock.Mock | AnswersAnything):
        return  # answers with a new object each time
    assert abilities(job) == abilities(function)
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__", "__self__"):
        mine, before = getattr(job, name, None), getattr(function, name, None)
        assert mine is before or mine == before, name
    assert isinstance(job, function.__class__)
    assert job.__wrapped__ is function


@every_shape
def test_every_shape_has_a_readable_default_name(shape: Shape):
    """Without a name of its own a job is called by texts, never by an address or a path."""
    name = lineage_job(shape[0]).lineage.name
    assert name.replace("_", "").replace(".", "").isalnum(), name


@every_shape
def test_what_a_call_returns_is_of_the_same_type(events, shape: Shape):
    """A value, coroutine or generator comes back as the type it has undecorated."""
    function, args, kwargs = shape
    results = [call(*args, **kwargs) for call in (function, lineage_job(function))]
    assert type(results[0]) is type(results[1])
    for name in ("__name__", "__qualname__"):
        assert getattr(results[0], name, None) == getattr(results[1], name, None)
    for result in results:
        consume(result)


@every_shape
def test_an_error_of_a_wrong_call_is_pythons(events, shape: Shape):
    """Arguments that do not fit raise what they raise undecorated, and the run fails or is none."""
    function = shape[0]

    def wrong(call: Callable[..., Any]) -> tuple[type, str] | None:
        try:
            consume(call(*range(30)))
        except Exception as error:
            return type(error), str(error)
        return None

    assert wrong(lineage_job("job")(function)) == wrong(function)
    assert events.states in ([], ["START job", "FAIL job"], ["START job", "COMPLETE job"])


@pytest.mark.parametrize("function", [np.sqrt, functools.partial(pow, 2), lambda x: x + 1])
def test_pandas_takes_a_job_for_a_function(events, function: Any):
    """What is handed to pandas is called there, and never taken for a list."""
    series = pd.Series([1, 4])
    for way in ("apply", "map", "transform", "agg"):
        if way == "map" and isinstance(function, np.ufunc):
            continue
        before, after = (
            getattr(series, way)(call).tolist() for call in (function, lineage_job("job")(function))
        )
        assert before == after
    assert set(events.states) == {"START job", "COMPLETE job"}
