"""Inputs and outputs from declarations and call arguments."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from lineage_kit import Dataset, current_run, lineage_job, report
from lineage_kit.testing import record_events


@pytest.fixture
def events():
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


ORDERS = Dataset("postgres://db:5432", "shop.public.orders")


def test_constants_in_every_form(events):
    """Datasets, URLs, paths and several of them can be declared."""

    @lineage_job("all", inputs=[ORDERS, "s3://raw/a.csv", Path("data/b.csv")], outputs="gs://bucket/out")
    def job() -> None: ...

    job()
    for match in (events.started("all"), events.completed("all")):
        match.read(ORDERS, "s3://raw/a.csv", "data/b.csv").wrote("gs://bucket/out")


@pytest.mark.parametrize(
    "call",
    [
        lambda f: f("orders", date(2026, 11, 22)),
        lambda f: f(table="orders", day=date(2026, 11, 22)),
        lambda f: f("orders"),
    ],
)
def test_template_by_position_keyword_and_default(events, call):
    """A template sees the argument however it was passed; dates fold out of the name."""

    @lineage_job("land.{table}", inputs="s3://raw/{table}/{day}.csv")
    def land(table, day=date(2026, 11, 22)):
        return table

    assert call(land) == "orders"
    dataset = events.completed("land.orders").event.inputs[0]
    assert (dataset.namespace, dataset.name) == ("s3://raw", "orders")
    assert dataset.inputFacets["subset"].inputCondition.locations == ["s3://raw/orders/2026-11-22.csv"]


class Config:
    """An object of the user's own with a date and other things in it."""

    day = date(2026, 11, 22)
    region = "eu"
    version = 2026


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("s3://raw/orders/{day.year}", "orders"),
        ("s3://raw/orders/{day.year}/{day.month:02}/x.csv", "orders/*/x.csv"),
        ("s3://raw/orders_{day.year}.csv", "orders_*.csv"),
        ("s3://raw/orders/{config.day.year}/x.csv", "orders/*/x.csv"),
        ("s3://raw/orders/{day:%Y}/{day:%m}/x.csv", "orders/*/x.csv"),
        ("s3://raw/orders/{period.quarter}/x.csv", "orders/*/x.csv"),
        ("s3://raw/{config.region}/{config.version}.csv", "eu/2026.csv"),
        ("s3://raw/{year}/x.csv", "2026/x.csv"),
        ("s3://raw/orders/{year}/{month:02}/x.csv", "orders/*/x.csv"),
        ("s3://raw/{text[0]}.csv", "e.csv"),
    ],
)
def test_what_is_taken_from_a_date_folds(events, template, name):
    """Its year or month is a date too; a number of the user's own is what it says, by the rule for all paths."""

    @lineage_job("job", inputs=template)
    def job(day, config, period, year, month, text): ...

    job(date(2026, 11, 22), Config(), pd.Period("2026-11", "M"), 2026, 11, "eu")
    dataset = events.completed("job").event.inputs[0]
    assert (dataset.namespace, dataset.name) == ("s3://raw", name)


def test_a_part_of_a_date_makes_no_job(events):
    """A job stays the same from month to month."""
    job = lineage_job("load.{day.year}")(lambda day: None)
    job(date(2026, 11, 22))
    assert all("2026" not in event.job.name for event in events)


def test_a_schema_that_is_too_wide_is_marked_and_said(events):
    """Its first columns are sent, how many are missing stands beside them, and one word tells whose schema it is."""

    @lineage_job("job")
    def job():
        frame = pd.DataFrame([[0] * 2_500])
        current_run().add_output("wide.parquet", frame)
        current_run().add_output("wide.parquet", frame)

    job()
    facet = json.loads(events.bodies[-1])["outputs"][0]["facets"]["schema"]
    assert (len(facet["fields"]), facet["lineageKit_columnsLeftOut"]) == (2_000, 500)
    assert facet["_schemaURL"].endswith("/SchemaDatasetFacet")
    assert [cause for cause in report.counts() if cause.startswith("schema.wide:")] != []


@pytest.mark.parametrize("day", [date(2026, 11, 22), datetime(2026, 11, 22, 6), "2026-11-22"])
def test_dates_in_any_format_fold(events, day):
    """Dates, datetimes and ISO texts take ``%`` formats and fold whatever they look like."""

    @lineage_job("job", inputs="s3://raw/orders/{day:%d%b%y}/x.csv")
    def job(day): ...

    job(day)
    dataset = events.completed("job").event.inputs[0]
    assert dataset.name == "orders/*/x.csv"
    assert dataset.inputFacets["subset"].inputCondition.locations == ["s3://raw/orders/22Nov26/x.csv"]


def test_path_like_and_relative_arguments(events, tmp_path, monkeypatch):
    """A template that is one argument takes paths as they are, relative ones made absolute."""
    monkeypatch.chdir(tmp_path)

    @lineage_job("copy", inputs="{src}", outputs="{dst}")
    def copy(src, dst): ...

    copy("orders.csv", tmp_path / "out" / "x.parquet")
    match = events.completed("copy")
    assert match.event.inputs[0].name == str(tmp_path / "orders.csv")
    assert match.event.outputs[0].name == str(tmp_path / "out" / "x.parquet")


def test_argument_that_is_a_dataset(events):
    """A template that is one argument takes a Dataset, or several, as they are."""

    @lineage_job("job", inputs="{tables}")
    def job(tables): ...

    job([ORDERS, "s3://raw/a.csv"])
    events.completed("job").read(ORDERS, "s3://raw/a.csv")


def test_return_value_is_known_at_the_end_only(events):
    """``{return}`` names an output on COMPLETE, not on START, and never on FAIL."""

    @lineage_job("job", outputs="{return}")
    def job(fail=False):
        if fail:
            raise ValueError("x")
        return "s3://out/part.parquet"

    job()
    assert not events.started("job").event.outputs
    events.completed("job").wrote("s3://out/part.parquet")
    with pytest.raises(ValueError, match="x"):
        job(fail=True)
    assert not events.failed("job").event.outputs


def test_callables(events):
    """Callables get the arguments by key or attribute, outputs the result too; None means none."""

    @lineage_job(
        "job",
        inputs=lambda args: [f"s3://raw/{args.table}.csv", None],
        outputs=lambda args, result: Dataset("s3://out", f"{args['table']}/{result}"),
    )
    def job(table):
        return 3

    job("orders")
    events.completed("job").read("s3://raw/orders.csv").wrote(Dataset("s3://out", "orders/3"))


async def _async_callable(args):
    return "s3://raw/x.csv"


@pytest.mark.parametrize(
    "inputs",
    [
        lambda args: 1 / 0,
        lambda args: 3,
        lambda args: args.nothing,
        _async_callable,
        "s3://raw/{x.missing}/a.csv",
        "s3://raw/{x[9]}/a.csv",
    ],
)
def test_what_cannot_be_resolved_costs_that_dataset_and_one_warning(events, caplog, inputs):
    """Trouble with a dataset leaves the call, its value and the other datasets alone."""

    @lineage_job("job", inputs=[inputs, "s3://raw/good.csv"])
    def job(x):
        return x

    assert [job([1]), job([1])] == [[1], [1]]
    match = events.completed("job").read("s3://raw/good.csv")
    assert len(match.event.inputs) == 1
    assert len([record for record in caplog.records if "left out" in record.message]) == 1


class Everything:
    """An argument every question to which fails."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __str__(self):
        raise RuntimeError("str")

    __repr__ = __format__ = __iter__ = __len__ = __eq__ = __bool__ = __str__
    __hash__ = None


def test_hostile_arguments_change_nothing(events):
    """Arguments that raise at everything, and generators, arrive untouched."""

    @lineage_job("job", inputs="s3://raw/{x}/a.csv", capture_args=True)
    def job(x, items):
        return list(items)

    assert job(Everything(), (number for number in range(3))) == [0, 1, 2]
    assert events.states == ["START job", "COMPLETE job"]


def test_captured_arguments(events):
    """By default the arguments that templates use are shown; True, names and False say otherwise."""

    def function(table, day="2026-11-22", password="hunter2"):
        return None

    for capture, shown in (
        (None, {"table"}),
        (True, {"table", "day", "password"}),
        (["day"], {"day"}),
        (False, set()),
    ):
        lineage_job("job", inputs="s3://raw/{table}.csv", capture_args=capture)(function)("orders")
        facets = events.completed("job").event.run.facets
        parameters = facets["executionParameters"].parameters if "executionParameters" in facets else []
        assert {parameter.key for parameter in parameters} == shown
    assert b"hunter2" not in b"".join(events.bodies)


def test_job_name_families_are_bounded(events, caplog):
    """More than 200 names from one function, a date, a float or an id give the base name and one warning."""
    job = lineage_job("job.{x}")(lambda x: None)
    for value in (*range(205), date(2026, 11, 22), 1.5, "2026-11-22", "6f1c3c9e-95c5-4b3e-bb0a-0d0a3a6d6a10"):
        job(value)
    names = [event.job.name for event in events]
    assert names[0] == "job.0"
    assert len(set(names)) == 201
    assert names[-1].endswith("lambda")
    assert len([record for record in caplog.records if "job name" in record.message]) == 1


def test_nominal_time_from_arguments(events):
    """The slice of data a run is for can be an argument, a callable or a pair."""
    lineage_job("job", nominal_time="{day}")(lambda day: None)(date(2026, 11, 22))
    assert events.completed("job").facet("nominalTime").nominalStartTime == "2026-11-22T00:00:00Z"
    lineage_job("job", nominal_time=lambda args: (args.day, "2026-11-23"))(lambda day: None)("2026-11-22")
    facet = events.completed("job").facet("nominalTime")
    assert (facet.nominalStartTime, facet.nominalEndTime) == ("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z")


def test_arguments_mutated_in_the_call(events):
    """START and COMPLETE use the values from before the call."""

    @lineage_job("job", inputs=lambda args: [f"s3://raw/{item}.csv" for item in args.items_])
    def job(items_):
        items_.append("late")

    job(["early"])
    assert [dataset.name for dataset in events.completed("job").event.inputs] == ["early.csv"]


def test_mutable_default_accumulates_as_without_us(events):
    """A mutable default is the function's own object."""

    @lineage_job("job", inputs=lambda args: None)
    def job(x, seen=[]):  # noqa: B006 - what this test is about
        seen.append(x)
        return len(seen)

    assert [job(1), job(2)] == [1, 2]


def test_escaped_braces(events):
    """``{{`` stands for a brace in the name."""
    lineage_job("job", inputs="s3://raw/{{x}}/{y}.csv")(lambda y: None)("a")
    assert events.completed("job").event.inputs[0].name == "{x}/a.csv"


class Leaving:
    """A path object that ends the program when it is asked for its path."""

    def __fspath__(self):
        raise SystemExit(3)


def test_an_argument_cannot_end_the_program(events):
    """SystemExit out of a user's object costs a name or dataset, never the call."""

    @lineage_job("job.{where}", inputs=["{where}", lambda args: Leaving().__fspath__()])
    def job(where):
        current_run().add_input(where)
        return "ran"

    assert job(Leaving()) == "ran"
    assert [line.split()[0] for line in events.states] == ["START", "COMPLETE"]


def test_runs_at_the_recursion_limit_end(events):
    """Whatever depth a job fails at, nearly every run has its end at once; what is owed is sent when there is room."""

    @lineage_job("deep")
    def deep(depth):
        return deep(depth + 1)

    with pytest.raises(RecursionError):
        deep(0)
    started, failed = (sum(line == f"{state} deep" for line in events.states) for state in ("START", "FAIL"))
    assert started > 100
    assert started - failed <= 3
