"""Durations, sizes and names of datasets are worded for people."""

import pytest

from lineage_kit.history import DatasetRecord, Frame
from lineage_kit.history.wording import duration, names, place, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0.000 s"),
        (0.0042, "0.004 s"),
        (0.0701, "0.07 s"),
        (9.994, "9.99 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (360000, "100 h 00 min"),
    ],
)
def test_durations_have_three_figures(seconds: float | None, text: str) -> None:
    """Seconds, minutes or hours, whichever says most in few characters."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (123_456_789, "123 MB"),
        (9**20, "12157665 TB"),
    ],
)
def test_sizes_are_in_powers_of_ten(count: int, text: str) -> None:
    """Bytes are rounded to two or three figures."""
    assert size(count) == text


@pytest.mark.parametrize(
    ("namespace", "name", "text"),
    [
        ("file", "/work/etl/data/orders.csv", "data/orders.csv"),
        ("file", "/elsewhere/orders.csv", "orders.csv"),
        ("file", "/work/etl2/orders.csv", "orders.csv"),
        ("file", "C:\\data\\orders.csv", "orders.csv"),
        ("file", "/", "/"),
        ("file://host", "/data/orders.csv", "orders.csv"),
        ("s3://raw", "orders", "s3://raw/orders"),
        ("s3://raw", "/orders", "s3://raw/orders"),
        ("bigquery", "project.sales.orders", "project.sales.orders"),
        ("food_delivery", "public.orders", "public.orders"),
        ("postgres://db:5432", "shop.public.orders", "postgres://db:5432/shop.public.orders"),
    ],
)
def test_datasets_are_called_what_people_call_them(namespace: str, name: str, text: str) -> None:
    """Files below the directory by their path, others by their last part, everything else by address or name."""
    assert names([DatasetRecord(namespace, name)], "/work/etl") == [text]


@pytest.mark.parametrize(
    ("namespace", "name", "text"),
    [
        ("s3://bucket", "a/deep/key/orders", "s3://bucket/a/deep/key/orders"),
        ("s3://bucket", "a/very/deep/key/of/many/parts/orders", "…/a/very/deep/key/of/many/parts/orders"),
        ("s3://bucket", f"a/{'x' * 40}/orders", "…/orders"),
        ("https://example.com", "/0.json", "https://example.com/0.json"),
        ("postgres://warehouse.example.com:5432", "shop.public.orders", "shop.public.orders"),
        ("kafka://broker:9092", "orders", "orders"),
    ],
)
def test_short_names_leave_the_address_out(namespace: str, name: str, text: str) -> None:
    """Tables lose the address, long paths their first folders: the end is what counts."""
    assert names([DatasetRecord(namespace, name)], "/", short=True) == [text]


def test_names_side_by_side_are_told_apart() -> None:
    """Datasets that would be called the same show as much more as it takes."""
    files = [DatasetRecord("file", "/a/x/orders.csv"), DatasetRecord("file", "/b/x/orders.csv")]
    assert names(files, "/work") == ["a/x/orders.csv", "b/x/orders.csv"]
    tables = [DatasetRecord("src", "public.orders"), DatasetRecord("dst", "public.orders")]
    assert names(tables, "/work") == ["src/public.orders", "dst/public.orders"]


def test_places_are_relative_to_where_one_stands() -> None:
    """A file below the directory is shown by its path in it; module level needs no function."""
    assert (
        place(Frame("/work/etl/jobs/a.py", 3, "load", "boom()"), "/work/etl")
        == "jobs/a.py:3 in load:  boom()"
    )
    assert place(Frame("/other/a.py", 3, "<module>"), "/work/etl") == "/other/a.py:3"
