"""What `lineage_job` makes of every shape of function."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import pickle
import weakref
from typing import Any, get_type_hints

import pytest

from lineage_kit import current_run, lineage_job
from lineage_kit.errors import NamingError, UsageError
from lineage_kit.testing import Recording


@lineage_job
def add(a: int, b: int = 2, /, *rest: int, scale: int = 1, **more: int) -> int:
    """Add numbers.

    And scale them.
    """
    return (a + b + sum(rest) + sum(more.values())) * scale


def states(events: Recording) -> list[str]:
    """State of every event, in order."""
    return [line.split()[0] for line in events.states]


@pytest.mark.parametrize("decorate", [lineage_job, lineage_job(), lineage_job("named")])
def test_three_spellings_emit_the_same_two_events(events, decorate):
    """With and without parentheses or a name, a call is one run with START and COMPLETE."""
    job = decorate(lambda: 42)
    assert job() == 42
    assert states(events) == ["START", "COMPLETE"]
    assert events[0].run.runId == events[1].run.runId


def test_signature_and_metadata_survive():
    """The decorated function shows the signature, hints, names and docstring of the original."""
    original = add.__wrapped__
    assert inspect.signature(add) == inspect.signature(original)
    assert get_type_hints(add) == get_type_hints(original)
    assert (add.__name__, add.__doc__, add.__module__) == (
        original.__name__,
        original.__doc__,
        original.__module__,
    )
    assert inspect.getsource(add) == inspect.getsource(original)


def test_all_kinds_of_parameters_arrive(events):
    """Positional-only, variable and keyword arguments reach the function as they were given."""
    assert add(1, 2, 3, scale=2, spec=1, function=1, args=1) == 18
    assert states(events) == ["START", "COMPLETE"]


def test_default_name_and_description(events):
    """The job is called by module and qualified name, and described by the docstring's first paragraph."""
    add(1)
    assert events[1].job.name.endswith("test_decorator.add")
    assert events[1].job.facets["documentation"].description == "Add numbers."


def test_nested_function_has_no_locals_in_its_name(events):
    """``<locals>`` is left out of default names."""

    @lineage_job
    def inner() -> None: ...

    inner()
    assert events[0].job.name.endswith(".test_nested_function_has_no_locals_in_its_name.inner")


def test_a_wrong_call_raises_pythons_own_error(events):
    """A missing argument is Python's TypeError, and the run is a FAIL."""
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        add()  # type: ignore[call-arg]
    assert states(events) == ["START", "FAIL"]


def test_a_mutable_default_accumulates_and_is_shown_as_it_was_at_the_start(events):
    """A default that the function changes is the function's own; a template shows what it held on entry."""

    @lineage_job("collect", inputs="s3://raw/{seen[0]}.csv")
    def collect(x: str, seen: list[str] = ["none"]) -> list[str]:  # noqa: B006 - what is tested
        seen.insert(0, x)
        return seen

    assert collect("a") is collect("b") and collect("c") == ["c", "b", "a", "none"]
    names = [event.inputs[0].name for event in events]
    assert names == ["none.csv", "none.csv", "a.csv", "a.csv", "b.csv", "b.csv"]


class Table:
    """A class with every kind of method."""

    name = "orders"

    @lineage_job("{self.name}.load")
    def load(self) -> str:
        return self.name

    @classmethod
    @lineage_job
    def below(cls) -> str:
        return cls.__name__

    @lineage_job
    @classmethod
    def above(cls) -> str:
        return cls.__name__

    @staticmethod
    @lineage_job
    def static_below(x: int) -> int:
        return x

    @lineage_job
    @staticmethod
    def static_above(x: int) -> int:
        return x

    @property
    @lineage_job
    def size(self) -> int:
        return 3


class SubTable(Table):
    """Overrides a decorated method with a decorated one."""

    name = "items"

    @lineage_job("{self.name}.subload")
    def load(self) -> str:
        return super().load() + "!"


def test_methods_of_every_kind(events):
    """Instance, class and static methods and properties work with the decorator above or below."""
    assert Table().load() == "orders"
    assert (Table.below(), SubTable.below(), Table.above(), SubTable().above()) == (
        "Table",
        "SubTable",
        "Table",
        "SubTable",
    )
    assert (Table.static_below(1), Table().static_above(2), Table().size) == (1, 2, 3)
    assert states(events) == ["START", "COMPLETE"] * 8
    assert events[0].job.name == "orders.load"


def test_overriding_method_is_the_parent_of_the_one_it_calls(events):
    """A decorated override that calls super() gives two runs, the inner one a child."""
    assert SubTable().load() == "items!"
    assert events.states == [
        "START items.subload",
        "START items.load",
        "COMPLETE items.load",
        "COMPLETE items.subload",
    ]
    events.completed("items.load").under("items.subload")


def test_partials_builtins_and_callable_objects(events):
    """What has no Python function underneath is decorated too, keeps its attributes and emits once a call."""

    class Doubler:
        factor = 2

        def __call__(self, x: int) -> int:
            return x * self.factor

    partial = lineage_job("partial")(functools.partial(add.__wrapped__, 1))
    doubler = lineage_job("doubler")(Doubler())
    length = lineage_job(len)
    assert (partial(2), doubler(4), length([1, 2])) == (3, 8, 2)
    assert partial.args == (1,) and doubler.factor == 2
    assert [line for line in events.states if line.startswith("COMPLETE")] == [
        "COMPLETE partial", "COMPLETE doubler", "COMPLETE builtins.len",
    ]  # fmt: skip


def test_partial_of_a_decorated_function_is_one_run(events):
    """Wrapping a decorated function in a partial adds no run."""
    assert functools.partial(add, 1)(1) == 2
    assert states(events) == ["START", "COMPLETE"]


def test_cached_function_below_emits_per_call_and_keeps_its_methods(events):
    """``lru_cache`` below the decorator stays reachable through it."""

    @lineage_job("square")
    @functools.lru_cache
    def square(x: int) -> int:
        return x * x

    assert (square(3), square(3)) == (9, 9)
    assert square.cache_info().hits == 1
    assert states(events) == ["START", "COMPLETE"] * 2


def test_cache_hits_above_emit_nothing(events):
    """``lru_cache`` above the decorator answers hits without a run."""
    job = functools.lru_cache(lineage_job(lambda x: x))
    assert (job(1), job(1)) == (1, 1)
    assert states(events) == ["START", "COMPLETE"]


def test_singledispatch_keeps_register(events):
    """A single-dispatch function can still register implementations."""

    @lineage_job
    @functools.singledispatch
    def show(x: Any) -> str:
        return "any"

    show.register(int, lambda x: "int")
    assert (show("a"), show(1)) == ("any", "int")
    assert len(events) == 4


def test_kind_questions_are_answered_as_before():
    """The inspect module sees the same kind of function."""

    async def coroutine(): ...

    async def async_generator():
        yield

    def generator():
        yield

    for function, question in (
        (coroutine, inspect.iscoroutinefunction),
        (async_generator, inspect.isasyncgenfunction),
        (generator, inspect.isgeneratorfunction),
        (lambda: None, inspect.isfunction),
    ):
        assert question(lineage_job(function))


def test_decorating_again_lays_settings_over_a_copy(events):
    """A second decoration gives another job over the same original; the first stays as it was."""
    first = lineage_job("first", tags={"team": "shop"}, owners="ann")(lambda: 1)
    second = lineage_job("second", owners="bob")(first)
    second()
    first()
    assert events.states == ["START second", "COMPLETE second", "START first", "COMPLETE first"]
    assert second.lineage.tags == {"team": "shop"} and second.lineage.owners == ("bob",)
    assert first.lineage.owners == ("ann",)


def test_a_foreign_wrapper_that_copied_our_attributes_is_decorated_as_itself(events):
    """``functools.wraps`` copies ``.lineage``; a wrapper around a job is still a function of its own."""
    inner = lineage_job("inner")(lambda: 1)

    @functools.wraps(inner)
    def outer() -> int:
        return inner() + 1

    assert lineage_job("outer")(outer)() == 2
    assert events.states == ["START outer", "START inner", "COMPLETE inner", "COMPLETE outer"]


def test_a_job_that_took_the_attributes_of_another_calls_its_own_function(events):
    """``functools.wraps`` over a job, of another job, changes what it looks like and nothing else."""
    inner = lineage_job("inner")(Table.load.__wrapped__)

    @functools.wraps(Table.load)
    @functools.wraps(inner)
    @lineage_job("outer")
    def outer() -> int:
        return 2

    assert (outer(), lineage_job("again")(outer)()) == (2, 2)
    assert events.states == ["START outer", "COMPLETE outer", "START again", "COMPLETE again"]


def test_a_job_made_in_a_call_is_gone_with_it():
    """What a nested job refers to is released at once, not when the garbage collector comes."""

    class Frame:
        pass

    def made() -> weakref.ref:
        frame = Frame()
        job = lineage_job("job")(lambda: frame)
        assert job() is frame
        return weakref.ref(frame)

    gc.disable()
    try:
        gone = made()
        assert gone() is None
    finally:
        gc.enable()


def test_pickled_by_name():
    """An importable decorated function pickles as itself."""
    assert pickle.loads(pickle.dumps(Table.load)) is Table.load


def test_spec_is_immutable_and_pickles(events):
    """``.lineage`` cannot be changed and travels."""
    add(1)
    with pytest.raises(AttributeError):
        add.lineage.name = "other"
    assert pickle.loads(pickle.dumps(add.lineage)) == add.lineage


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: lineage_job(Table), "class Table; decorate its methods"),
        (lambda: lineage_job(42), "not int"),
        (lambda: lineage_job("x")(3), "not int"),
        (lambda: lineage_job(property(lambda self: 1)), "above @property"),
        (lambda: lineage_job("x", inptus="a.csv"), "no setting 'inptus'"),
        (lambda: lineage_job(""), "cannot be empty"),
        (lambda: lineage_job("a\nb"), "newline"),
        (lambda: lineage_job("{tabel}")(lambda table: 1), r"no parameter 'tabel'.*did you mean \{table\}"),
        (lambda: lineage_job("{}")(lambda table: 1), "is no parameter name"),
        (lambda: lineage_job("{0}")(lambda table: 1), "is no parameter name"),
        (lambda: lineage_job("{table!r}")(lambda table: 1), "conversions"),
        (lambda: lineage_job("{table")(lambda table: 1), "literal brace"),
        (lambda: lineage_job(inputs="{x.__class__}/a.csv")(lambda x: 1), "start with __"),
        (lambda: lineage_job(inputs="{return}/a.csv")(lambda x: 1), "no parameter 'return'"),
        (lambda: lineage_job(inputs="{day}/a.csv")(lambda dya: 1), r"inputs of .*did you mean \{dya\}"),
        (lambda: lineage_job(inputs=3)(lambda: 1), "inputs takes a Dataset"),
        (lambda: lineage_job(facets={"x": {}})(lambda: 1), "facets takes run facets and job facets"),
        (lambda: lineage_job(tags=3)(lambda: 1), "tags is a mapping"),
        (lambda: lineage_job(owners=[1])(lambda: 1), "owners is a text such as 'team:shop'.*not 1"),
        (lambda: lineage_job(owners=5)(lambda: 1), "owners is a text such as 'team:shop'.*not 5"),
        (lambda: lineage_job(owners=0)(lambda: 1), "owners is a text"),
        (lambda: lineage_job(tags=b"x")(lambda: 1), "tags is a mapping .*not bytes"),
        (lambda: lineage_job(facets=5)(lambda: 1), "facets takes run facets .*not int"),
        (lambda: lineage_job(description=5)(lambda: 1), "description is a text .*not 5"),
        (lambda: lineage_job(capture_args=5)(lambda: 1), "capture_args is True, False or names .*not int"),
        (lambda: lineage_job(namespace=5)(lambda: 1), "namespace is a text .*not 5"),
        (lambda: lineage_job(nominal_time=5)(lambda: 1), "nominal_time takes a date.*not int"),
        (lambda: lineage_job(5), "the job's name, not int"),
        (lambda: lineage_job(capture_args=["x"])(lambda y: 1), "no parameter 'x'"),
        (lambda: lineage_job(namespace="")(lambda: 1), "namespace is a text"),
    ],
)
def test_misuse_is_an_error_where_it_is_written(broken, words):
    """Every misuse raises at decoration, naming what is wrong and what to do."""
    with pytest.raises(UsageError, match=words):
        result = broken()
        if callable(result):
            result(lambda: 1)


def test_a_bare_word_names_no_dataset():
    """``inputs="orders"`` is an error at decoration that proposes what to write."""
    with pytest.raises(NamingError, match=r"Dataset\.table"):
        lineage_job(inputs="orders")(lambda: 1)


def test_disabled_means_called_straight_through(events):
    """With lineage off nothing is emitted and everything works."""
    from lineage_kit import session

    session.configure(enabled=False)
    assert add(1) == 3
    assert asyncio.run(lineage_job(_sleepy)()) == "woken"
    assert not current_run()
    assert len(events) == 0


async def _sleepy() -> str:
    await asyncio.sleep(0)  # sleep: yields to others
    return "woken"


def test_decorating_starts_nothing():
    """Decoration makes no client, no thread and no event."""
    from lineage_kit import session

    session.reset()
    lineage_job(inputs="a/b.csv")(lambda: 1)
    assert not session.is_configured()
