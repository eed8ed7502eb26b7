"""Whatever is given to the methods of a run: nothing raises, and the events stay valid."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_kit import Dataset, configure, current_run, report, run
from lineage_kit.event.check import problems
from lineage_kit.facets import Fields, InputField, LineageDatasetInput, Transformation
from lineage_kit.testing import record_events
from tests.support.judge import event_breaches
from tests.support.shared import SPEC

SHOP = Dataset("postgres://db:5432", "shop.public.orders")
OUT = Dataset("s3://lake", "totals")


class Hostile:
    """Raises at every question."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __str__(self):
        raise RuntimeError("str")

    def __repr__(self):  # for the tools that show what a test was given
        return "Hostile()"

    __format__ = __iter__ = __len__ = __eq__ = __bool__ = __getitem__ = __fspath__ = __str__
    __hash__ = object.__hash__


class Leaving(dict):
    """A mapping that ends the program when it is read."""

    def items(self):
        raise SystemExit(3)


def endless():
    """A generator that must not be consumed."""
    yield from iter(int, 1)


TEXTS = st.sampled_from(
    ["", " ", "amount", "s3://raw/a.csv", "a.csv", "{x}", "\0", "\ud800", "n" * 5000, "/"]
)
VALUES = st.one_of(
    TEXTS,
    st.text(max_size=5),
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.builds(Hostile),
    st.builds(Leaving),
    st.builds(endless),
    st.builds(object),
    st.sampled_from(
        [
            SHOP,
            SHOP["amount"],
            SHOP[3],
            SHOP[None],
            SHOP[("a", 1)],
            SHOP[Hostile()],
            Dataset("s3://raw/{x}.csv"),
            np.bool_(True),
            np.int64(3),
            np.array([True, False]),
            InputField("postgres://db:5432", "shop.public.orders", "x", [Transformation("DIRECT", 3)]),
            InputField("", None, 3),
            InputField("a", "b", Hostile(), [Hostile()]),
            LineageDatasetInput("a", "b", field="c", transformations=[Transformation(Hostile())]),
            Fields(None),
            Fields([InputField("a", "b", "c", "no list")]),
        ]
    ),
)
SEVERAL = st.one_of(VALUES, st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=3).map(tuple))
KEYS = st.one_of(TEXTS, st.text(max_size=5), st.integers(), st.none(), st.just(SHOP["k"]), st.builds(object))
COLUMNS = st.one_of(SEVERAL, st.dictionaries(KEYS, SEVERAL, max_size=4))


@settings(deadline=None, max_examples=150)
@given(where=VALUES | st.just(OUT), columns=COLUMNS, derived_from=SEVERAL, counts=st.tuples(VALUES, VALUES))
def test_any_edges_leave_the_events_valid(where, columns, derived_from, counts):
    """Datasets, columns and counts of any kind raise nothing and break no event."""
    with record_events() as events:
        with run("job", inputs=SHOP) as r:
            for add in (r.add_output, r.add_input):
                back = add(where, columns=columns, derived_from=derived_from, rows=counts[0], bytes=counts[1])
                assert back is where
        _assert_valid(events)
    report.reset()


@settings(deadline=None, max_examples=150)
@given(st.tuples(SEVERAL, VALUES | st.just("not_null"), VALUES, SEVERAL, SEVERAL, SEVERAL), st.booleans())
def test_any_checks_leave_the_events_valid(given, known):
    """Checks with values of any kind raise nothing and break no event."""
    dataset, name, passed, column, expected, actual = given
    with record_events() as events:
        with run("job", inputs=SHOP, outputs=OUT) as r:
            r.check(SHOP if known else dataset, name, passed, column=column, expected=expected, actual=actual)
            r.check(OUT, "rows", True, column=column, expected=expected, actual=actual)
        _assert_valid(events)
    report.reset()


def _assert_valid(events):
    assert events.states == ["START job", "COMPLETE job"]
    for body in events.bodies:
        assert problems(body) == []
        if SPEC.is_dir():
            assert event_breaches(json.loads(body)) == []


def test_hostile_keys_cost_themselves():
    """A column that raises at every question is left out; the others stay."""
    with record_events() as events:
        with run("job", inputs=SHOP) as r:
            r.add_output(OUT, columns={Hostile(): SHOP["a"], "b": [Hostile(), SHOP["b"]], "c": Hostile()})
        _assert_valid(events)
    assert list(events[-1].outputs[0].facets["columnLineage"].fields) == ["b"]


@pytest.mark.parametrize("switch", ["disabled", "outside"])
def test_without_a_run_nothing_happens(switch, caplog):
    """On a run of disabled lineage, and outside runs, the methods hand back what they got and say nothing."""
    configure(enabled=switch == "outside")
    with run("job") if switch == "disabled" else _outside() as r:
        assert r.add_output(OUT, columns={"a": Hostile()}, derived_from=Hostile()) is OUT
        assert r.add_input(OUT, columns=3) is OUT
        assert r.check(OUT, "rows", Hostile()) is None
    assert caplog.records == []


class _outside:  # noqa: N801 - stands where run() does
    def __enter__(self):
        return current_run()

    def __exit__(self, *_):
        return None


def test_after_the_end_one_warning(caplog):
    """Edges and checks that come after the end are left out, said once."""
    with record_events() as events:
        with run("job", inputs=SHOP) as r:
            r.complete()
            for _ in range(3):
                r.add_output(OUT, columns={"a": SHOP["a"]}, derived_from=SHOP)
                r.check(SHOP, "rows", True)
        assert events.states == ["START job", "COMPLETE job"]
    assert len(caplog.records) == 1
