"""Callables for inputs and outputs, and what templates may reach: whatever they do, the call is the same."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from lineage_kit import Dataset, lineage_job
from lineage_kit.errors import UsageError
from lineage_kit.testing import record_events
from tests.support.strangers import Leaving

A, B = "s3://raw/a.csv", "s3://raw/b.csv"


@pytest.fixture
def events():
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


def _members(args):
    yield A
    yield B


def _endless(args):
    while True:
        yield A


def _leave(args):
    raise Leaving


async def _late(args):
    return A


class Finder:
    def __call__(self, args):
        yield A


@pytest.mark.parametrize(
    ("inputs", "count"),
    [
        (lambda args: None, 0),
        (lambda args: [], 0),
        (lambda args: [None, [None]], 0),
        (lambda args: A, 1),
        (lambda args: A.encode(), 1),
        (lambda args: Path("a.csv"), 1),
        (lambda args: Dataset("s3://raw", "a"), 1),
        (lambda args: [A, {B}, (A,)], 2),
        (lambda args: (path for path in (A, B)), 2),
        (functools.partial(lambda prefix, args: [prefix + "/a.csv"], "s3://raw"), 1),
        (_members, 2),
        (Finder(), 1),
        (_endless, 1),
        (lambda args: [A, 3, object(), B, "a bare word"], 2),
        (lambda args: [3] * 1_000_000, 0),
        (lambda args: 1 / 0, 0),
        (lambda args: args.nothing, 0),
        (lambda args: 3, 0),
        (lambda args: iter([A]), 0),
        (_leave, 0),
        (_late, 0),
    ],
)
def test_what_callables_give(events, inputs, count):
    """None, one, several, nested and generated datasets are noted; what raises, waits or names nothing costs itself."""

    @lineage_job("job", inputs=[inputs, "s3://raw/good.csv"])
    def job(x):
        return x

    assert job(3) == 3
    assert len(events.completed("job").event.inputs) == count + 1


@pytest.mark.parametrize(
    ("setting", "function"),
    [
        ("inputs", lambda: A),
        ("inputs", lambda args, result: A),
        ("inputs", lambda args, *, prefix: A),
        ("outputs", lambda: A),
        ("outputs", lambda args: A),
        ("outputs", lambda a, b, c, *rest: A),
    ],
)
def test_a_callable_that_cannot_take_what_it_is_given_is_refused(setting, function):
    """A Python function of another number of parameters is an error where it is written, which says what fits."""
    form = "f(args)" if setting == "inputs" else "f(args, result)"
    with pytest.raises(UsageError, match=re.escape(f"{setting} takes a callable {form}; ")):
        lineage_job("job", **{setting: function})(print)


@pytest.mark.parametrize("function", [lambda *a: A, lambda a, b=1, *, c=2: A, lambda a, **more: A])
def test_a_callable_with_more_than_it_needs_is_taken(events, function):
    """Defaults and stars take what they are given."""
    lineage_job("job", inputs=function)(lambda: None)()
    assert len(events.completed("job").event.inputs) == 1


def test_a_warning_says_what_a_callable_raised(events, caplog):
    """Type and message of Python's own exceptions, one line of them; of others, and of objects, the type alone."""

    class Own(ValueError):
        pass

    def raising(name, error):
        def inputs(args):
            raise error

        lineage_job(name, inputs=inputs)(lambda: None)()
        return next(one.message for one in caplog.records if f"of {name} is" in one.message)

    assert raising("a", TypeError("no such\nthing")) == "a dataset of a is left out: TypeError: no such thing"
    assert raising("b", KeyError("day")) == "a dataset of b is left out: KeyError: 'day'"
    assert raising("c", Own("secret")) == "a dataset of c is left out: Own"
    assert raising("d", ValueError(Leaving())) == "a dataset of d is left out: ValueError"
    assert len(raising("e", ValueError("x" * 5000))) < 300


def test_arguments_by_key_and_attribute(events):
    """Parameters named after the methods of a mapping are reached both ways; nothing can be written."""
    seen = {}

    def look(args):
        seen.update(
            items=args.items, keys=args["keys"], get=args.get, own=args._values, n=len(args), all=list(args)
        )
        for change in (
            lambda: setattr(args, "items", 1),
            lambda: delattr(args, "items"),
            lambda: args.__setitem__("items", 1),
            lambda: object.__getattribute__(args, "_values").clear(),
        ):
            with pytest.raises((AttributeError, TypeError)):
                change()
        with pytest.raises(AttributeError, match="no argument 'itms'; there are items"):
            args.itms  # noqa: B018 - it raises
        assert "items" in repr(args)
        return args.items

    job = lineage_job("job", inputs=[look, "{items}"])(lambda items, keys=2, get=3, _values=4, **more: items)
    assert job([A], x=1) == [A]
    assert seen == {"items": [A], "keys": 2, "get": 3, "own": 4, "n": 6, "all": seen["all"]}
    events.completed("job").read(A)


def test_methods_of_mappings_where_no_parameter_has_their_name(events):
    """The arguments are a mapping to everything that takes one."""
    seen = []
    lineage_job("job", inputs=lambda args: seen.append({**args, **dict(args.items())}))(lambda x, y=2: None)(
        1
    )
    assert seen == [{"x": 1, "y": 2}]


def test_outputs_get_the_result(events):
    """An output callable gets arguments and result, on success only; a generator that is the result stays whole."""
    asked = []

    def outputs(args, result):
        asked.append((dict(args), result))
        return result

    @lineage_job("job", outputs=outputs)
    def job(x):
        if x is None:
            raise ValueError("x")
        return [A, x]

    assert job(B) == [A, B]
    events.completed("job").wrote(A, B)
    with pytest.raises(ValueError, match="x"):
        job(None)
    assert asked == [({"x": B}, [A, B])]


def test_generators_that_are_arguments_are_not_consumed(events):
    """A callable may hand an argument on; only a generator that the callable itself made is read."""

    @lineage_job("job", inputs=[lambda args: args.paths, "{paths}"])
    def job(paths):
        return list(paths)

    assert job(path for path in (A, B)) == [A, B]


@pytest.mark.parametrize(
    "template",
    [
        "s3://raw/{x.__class__}/a.csv",
        "s3://raw/{x.a.__globals__}/a.csv",
        "s3://raw/{x[__class__]}/a.csv",
        "s3://raw/{0.__class__}/a.csv",
        "s3://raw/{x:{y.__class__}}/a.csv",
        "s3://raw/{x!r}/a.csv",
        "s3://raw/{x!s:>3}/a.csv",
        "s3://raw/{__class__}/a.csv",
        "s3://raw/{x.gi_frame.f_globals}/a.csv",
        "s3://raw/{x.f_back}/a.csv",
        "s3://raw/{x:>999999999}/a.csv",
        "s3://raw/{x.}/a.csv",
        "s3://raw/{x[}/a.csv",
        "s3://raw/{}/a.csv",
        "s3://raw/{x()}/a.csv",
        "s3://raw/{x + y}/a.csv",
        "s3://raw/{x/a.csv",
    ],
)
@pytest.mark.parametrize("setting", ["inputs", "outputs", "name", "nominal_time"])
def test_what_templates_may_not_reach(template, setting):
    """Dunder names, frames, conversions, nested fields and expressions are errors where they are written."""
    given = [template] if setting == "name" else []
    with pytest.raises(UsageError, match=r"template"):
        lineage_job(*given, **({} if given else {setting: template}))(lambda x, y: None)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("s3://raw/{tabel}.csv", r"no parameter 'tabel'.*did you mean \{table\}"),
        ("s3://raw/{return}.csv", "no parameter 'return'"),
        ("s3://raw/{zzz}.csv", "there are table, day"),
    ],
)
def test_a_parameter_that_does_not_exist_is_an_error_with_the_nearest(template, said):
    """A wrong name is told at decoration, with the nearest right one."""
    with pytest.raises(UsageError, match=said):
        lineage_job("job", inputs=template)(lambda table, day: None)


def test_keywords_of_a_function_that_takes_any(events, caplog):
    """With ``**kw`` any name may come; one that did not costs the datasets and a warning for each, never the call."""
    job = lineage_job("job", inputs=["s3://raw/{table}.csv", "s3://raw/{kw[day]}/x.csv", A])(lambda **kw: kw)
    assert job(table="orders", day="monday") == {"table": "orders", "day": "monday"}
    assert len(events.completed("job").event.inputs) == 3
    assert [job(), job()] == [{}, {}]
    assert len(events.completed("job").event.inputs) == 1
    left_out = [record.message for record in caplog.records if "left out" in record.message]
    assert ["table" in left_out[0], "day" in left_out[1], len(left_out)] == [True, True, 2]


def test_attributes_of_self_and_items(events):
    """``{self.table}``, ``{config[path]}``, ``{rest[0]}`` and format specs reach what a call was given."""

    class Loader:
        table = "orders"

        @lineage_job("{self.table}.load", inputs="s3://raw/{self.table}/{config[path]}/{rest[0]:0>3}.csv")
        def load(self, config, *rest): ...

    Loader().load({"path": "eu"}, 7)
    events.completed("orders.load").read("s3://raw/orders/eu/007.csv")
