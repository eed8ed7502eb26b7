"""Folding: dates and partitions leave the names of files and objects, and nothing else does."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_kit.naming import DATE_MARK, fold, foldable, locate, unmark

FOLDED = """
orders/2026-11-22.csv → orders
orders/2026-11-22.csv.gz → orders
orders/2026-11-22 → orders
orders/20261122.parquet → orders
orders/2026_11_22.csv → orders
orders/2026.11.22.csv → orders
orders/22.11.2026.csv → orders
orders/11-22-2026.csv → orders
orders/2026-11.csv → orders
orders/202611.csv → orders
orders/2026-W47.csv → orders
orders/2026Q4.csv → orders
orders/2026/11/22.csv → orders
orders/2026/11.csv → orders
orders/2026/11/22/13/x.csv → orders/*/x.csv
orders/2026-11-22T10:30:00Z.json → orders
orders/2026-11-22T10:30:00.123456+02:00.json → orders
orders/2026-11-22 10:30:00.json → orders
orders/20261122T103000Z.json → orders
orders/20261122_103000.json → orders
orders/20261122103000.json → orders
orders/2026112213.json → orders
orders/2026-11-22-13.json → orders
orders/2026-11-22/13.json → orders
orders/2026-11-22/13/part-0.parquet → orders
orders/day=2026-11-22/part-0.parquet → orders
orders/year=2026/month=11/country=DE/part-00000-1f.c000.snappy.parquet → orders
orders/day=2026-11-22/data_0.parquet → orders
orders/day=2026-11-22/0123456789abcdef0123456789abcdef-0.parquet → orders
orders/part-00000.parquet → orders
orders/part.0.parquet → orders
orders/_SUCCESS → orders
orders/*.csv → orders
orders/** → orders
orders/**/*.parquet → orders
orders/2024-02-29.csv → orders
raw/20261122/orders.csv → raw/*/orders.csv
raw/2026/11/22/orders.csv → raw/*/orders.csv
raw/day=2026-11-22/orders.csv → raw/*/orders.csv
raw/*/*/orders.csv → raw/*/orders.csv
raw/orders_2026-11-22.csv → raw/orders_*.csv
raw/orders-20261122-eu.csv → raw/orders-*-eu.csv
raw/orders20261122.csv → raw/orders*.csv
raw/orders_202611.csv → raw/orders_*.csv
raw/orders_2026-11-22_2026-11-30.csv → raw/orders_*.csv
raw/2026-11-22_orders.csv → raw/*_orders.csv
raw/orders_2026-11-22/eu.csv → raw/orders_*/eu.csv
/data/2026-11-22/ → /data
2026-11-22.csv → *.csv
/2026-11-22.csv → /*.csv
2026/11/22 → *
day=2026-11-22/part-0.parquet → *.parquet
"""
KEPT = """
orders/20230199.csv
orders/20231301.csv
orders/2023-02-29.csv
orders/2023-13-01.csv
orders/12345678.csv
orders/18991231.csv
orders/1234567890123.csv
orders/1763806269.csv
orders/123456789.csv
orders/2026.csv
orders/2026/eu.csv
orders/202613.csv
orders/1.2.3/x.csv
orders/v2023.10.12/x.csv
orders/550e8400-e29b-41d4-a716-446655440000.csv
orders/eu.csv
raw/*/orders.csv
raw/orders_*.csv
orders/22/11.csv
orders/departed-5.csv
orders/partners.csv
orders//eu/
orders/
/
*
"""
FOLDED_ROWS = [tuple(line.split(" → ")) for line in FOLDED.strip().splitlines()]


@pytest.mark.parametrize(("name", "folded"), FOLDED_ROWS)
def test_dates_and_partitions_fold(name: str, folded: str) -> None:
    """Each name with a date or partition folds to the name that every other day has too."""
    assert fold("s3://lake", name) == folded


@pytest.mark.parametrize("name", KEPT.strip().splitlines())
def test_what_is_no_date_stays(name: str) -> None:
    """A number that the calendar does not know, a version, an id, a year alone: the same string comes back."""
    assert fold("s3://lake", name) is name


@pytest.mark.parametrize(
    "namespace",
    [
        "file",
        "file://nas",
        "s3://b",
        "gs://b",
        "abfss://c@a.dfs.core.windows.net",
        "wasbs://c@a",
        "hdfs://n:8020",
        "dbfs",
        "https://x",
    ],
)
def test_paths_and_object_stores_fold(namespace: str) -> None:
    """Names fold in every namespace whose names are paths."""
    assert foldable(namespace)
    assert fold(namespace, "orders/2026-11-22.csv") == "orders"


@pytest.mark.parametrize(
    "namespace",
    ["postgres://db:5432", "kafka://b:9092", "bigquery", "food_delivery", "duckdb:///x.db", "filesystem", ""],
)
def test_tables_topics_and_own_namespaces_do_not_fold(namespace: str) -> None:
    """Names of tables, topics and of namespaces that are people's own stay as they are."""
    assert not foldable(namespace)
    assert fold(namespace, "orders/2026-11-22.csv") == "orders/2026-11-22.csv"


@pytest.mark.parametrize(
    ("marked", "folded"),
    [
        ("orders/<22 November 2026>.csv", "orders"),
        ("orders/<2026/11/22>.csv", "orders"),
        ("raw/<2026>/orders.csv", "raw/*/orders.csv"),
        ("raw/<2026>-<11>-<22>/orders.csv", "raw/*/orders.csv"),
        ("raw/<2026>/<11>/<22>/orders.csv", "raw/*/orders.csv"),
        ("raw/orders_<Nov-22>.csv", "raw/orders_*.csv"),
        ("raw/<22-Nov>_05.csv", "raw"),
        ("<Sunday>.csv", "*.csv"),
        ("raw/<>/orders.csv", "raw/*/orders.csv"),
        ("raw/</orders.csv", "raw/*/orders.csv"),
    ],
)
def test_what_stands_between_marks_is_a_date_in_any_format(marked: str, folded: str) -> None:
    """Text between two marks folds like a date, whatever it is."""
    name = marked.replace("<", DATE_MARK).replace(">", DATE_MARK)
    assert fold("s3://lake", name) == folded


def test_marks_are_no_part_of_a_real_name() -> None:
    """Without the marks the name is what was read or written, and names that do not fold lose them."""
    marked = f"shop.public.orders_{DATE_MARK}20261122{DATE_MARK}"
    assert unmark(marked) == "shop.public.orders_20261122"
    assert fold("postgres://db:5432", marked) == "shop.public.orders_20261122"


def test_a_filled_template_meets_the_path_given_in_the_body() -> None:
    """A marked text can be located, and folds to the same dataset as the plain one."""
    marked = locate(f"s3://raw/orders/{DATE_MARK}2026-11-22{DATE_MARK}.csv")
    plain = locate("s3://raw/orders/2026-11-22.csv")
    assert unmark(marked.name) == plain.name
    assert fold(*marked[:2]) == fold(*plain[:2]) == "orders"


def test_a_very_long_name_is_left_alone() -> None:
    """Names beyond four thousand characters come back as they are, in no time."""
    name = "a." * 50_000 + "/2026-11-22"
    assert fold("s3://lake", name) == name


CALM = settings(deadline=None, derandomize=True)
PIECES = st.sampled_from(
    [
        *"/._-=* T:",
        DATE_MARK,
        "2026",
        "11",
        "22",
        "13",
        "2026-11-22",
        "20261122",
        "202611",
        "orders",
        "part-0",
        "csv",
        "a",
        "Z",
    ]
)


@CALM
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40))
def test_folding_twice_is_folding_once(name: str) -> None:
    """Folding is idempotent, never gives an empty name and leaves no mark."""
    once = fold("s3://lake", name)
    assert fold("s3://lake", once) == once
    assert DATE_MARK not in once
    assert bool(once) == bool(unmark(name)) or DATE_MARK in name
    assert once or not name


@CALM
@given(st.dates(date(1970, 1, 1), date(2099, 12, 31)))
def test_every_day_has_the_same_name(day: date) -> None:
    """Whatever the day, its file, folder and partition are one dataset."""
    for pattern in (
        "%Y-%m-%d",
        "%Y%m%d",
        "%Y/%m/%d",
        "%Y_%m_%d",
        "%d.%m.%Y",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y%m%d%H",
    ):
        assert fold("file", f"/data/orders/{day:{pattern}}.csv") == "/data/orders"
        assert fold("file", f"/data/{day:{pattern}}/orders.csv") == "/data/*/orders.csv"
