"""Datasets leave under one name, whatever day, credentials or host they were given with."""

from typing import Any

import pytest

from lineage_kit import report
from lineage_kit.client.datasets import merge, settle, settle_references
from lineage_kit.config.model import DatasetSettings, Settings
from lineage_kit.event.encoding import encode
from lineage_kit.event.facets.dataset import ColumnLineageDatasetFacet, Fields, InputField, SchemaDatasetFacet
from lineage_kit.event.facets.subset import InputSubsetInputDatasetFacet, LocationSubsetCondition
from lineage_kit.event.model import Dataset, InputDataset, OutputDataset
from lineage_kit.naming import DATE_MARK

PLAIN = Settings()
ALIASES = Settings(
    namespaces={
        "warehouse": "postgres://prod:5432",
        "127.0.0.1:5432": "prod-db:5432",
        "localhost": "prod-db",
        "staging": "postgres://127.0.0.1:5432",
        "old": "mysql://new:3306",
    }
)


def _locations(dataset: Any) -> list[str]:
    if isinstance(dataset, InputDataset):
        return list(dataset.inputFacets["subset"].inputCondition.locations)
    return list(dataset.outputFacets["subset"].outputCondition.locations)


@pytest.mark.parametrize("kind", [InputDataset, OutputDataset])
def test_a_date_leaves_the_name_and_stays_in_the_subset(kind: type[Dataset]) -> None:
    """What was really touched is told beside the name that all days share."""
    given = kind("s3://raw", "orders/day=2026-11-22/part-0.parquet")
    settled = settle(given, PLAIN)
    assert type(settled) is kind
    assert (settled.namespace, settled.name) == ("s3://raw", "orders")
    assert _locations(settled) == ["s3://raw/orders/day=2026-11-22/part-0.parquet"]
    assert given == kind("s3://raw", "orders/day=2026-11-22/part-0.parquet")


def test_a_clean_dataset_is_the_same_object() -> None:
    """Nothing is copied where nothing changes."""
    for dataset in (
        InputDataset("s3://raw", "orders"),
        Dataset("postgres://db:5432", "shop.public.orders_20261122"),
    ):
        assert settle(dataset, PLAIN) is dataset


def test_a_date_of_a_template_folds_whatever_its_format() -> None:
    """What stands between two marks is a date; the location is the text between them."""
    given = InputDataset("s3://raw", f"orders/{DATE_MARK}22nd of Nov{DATE_MARK}.csv")
    settled = settle(given, PLAIN)
    assert settled.name == settle(InputDataset("s3://raw", "orders/2026-11-22.csv"), PLAIN).name
    assert _locations(settled) == ["s3://raw/orders/22nd of Nov.csv"]


def test_marks_never_leave() -> None:
    """With folding off, for tables and in namespaces, the marks go and the text between them stays."""
    marked = f"a_{DATE_MARK}22Nov{DATE_MARK}"
    off = Settings(dataset=DatasetSettings(reducing_enabled=False))
    some = Settings(dataset=DatasetSettings(disabled_trimmers=("DateTrimmer",)))
    assert settle(InputDataset("s3://raw", marked), off) == InputDataset("s3://raw", "a_22Nov")
    assert settle(InputDataset("s3://raw", marked), some).name == "a_22Nov"
    table = settle(InputDataset("postgres://h:1", marked), PLAIN)  # a date in it is part of what it is
    assert (table.name, table.inputFacets) == ("a_22Nov", {})
    assert settle(InputDataset(f"s3://{marked}", "x"), PLAIN).namespace == "s3://a_22Nov"


def test_folding_can_be_switched_off() -> None:
    """``dataset.reducing_enabled: false`` keeps names as they are."""
    dataset = InputDataset("s3://raw", "orders/2026-11-22.csv")
    assert settle(dataset, Settings(dataset=DatasetSettings(reducing_enabled=False))) is dataset


def test_a_subset_of_the_users_own_is_kept() -> None:
    """Whoever told the subset knows better than the name does."""
    own = InputSubsetInputDatasetFacet(LocationSubsetCondition(["mine"]))
    settled = settle(InputDataset("s3://raw", "orders/2026-11-22", inputFacets={"subset": own}), PLAIN)
    assert settled.name == "orders"
    assert settled.inputFacets == {"subset": own}


def test_a_dataset_that_is_neither_read_nor_written_has_no_subset() -> None:
    """A dataset event tells its name alone."""
    assert settle(Dataset("s3://raw", "orders/2026-11-22"), PLAIN) == Dataset("s3://raw", "orders")


@pytest.mark.parametrize(
    ("given", "final"),
    [
        ("warehouse", "postgres://prod:5432"),
        ("postgres://127.0.0.1:5432", "postgres://prod-db:5432"),
        ("postgres://etl:secret@127.0.0.1:5432", "postgres://prod-db:5432"),
        ("mysql://localhost:3306", "mysql://prod-db:3306"),
        ("hive://localhost", "hive://prod-db"),
        ("postgres://127.0.0.1:9999", "postgres://127.0.0.1:9999"),
        ("staging", "postgres://prod-db:5432"),
        ("old", "mysql://new:3306"),
        ("azurecosmos://localhost:1/dbs/a", "azurecosmos://prod-db:1/dbs/a"),
        ("file", "file"),
    ],
)
def test_namespaces_have_aliases(given: str, final: str) -> None:
    """Short names, addresses and hosts are replaced; ports and paths stay."""
    assert settle(Dataset(given, "a.b"), ALIASES).namespace == final


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("postgres://etl:secret@db:5432", "a.b"),
        ("https://h.example?sig=secret", "a"),
        ("s3://raw", "orders.csv?X-Amz-Signature=secret&x=1"),
        ("jdbc", "postgres://etl:secret@db:5432/a"),
    ],
)
def test_credentials_never_enter_a_name(namespace: str, name: str) -> None:
    """User, password and signature go from both parts, also from what was written by hand."""
    assert b"secret" not in encode(settle(InputDataset(namespace, name), PLAIN))


def test_a_question_mark_in_a_key_stays() -> None:
    """An object's key may hold a question mark; only secrets behind it go."""
    dataset = InputDataset("s3://raw", "faq?page=3")
    assert settle(dataset, PLAIN) is dataset


LINEAGE = {
    "typed": ColumnLineageDatasetFacet(
        {
            "total": Fields(
                [InputField("s3://raw", "orders/2026-11-22", "amount"), InputField("warehouse", "t", "x")]
            )
        },
        [InputField("s3://raw", "orders/2026-11-23", "id")],
    ),
    "raw": {
        "fields": {
            "total": {"inputFields": [{"namespace": "s3://raw", "name": "orders/2026-11-22", "field": "a"}]}
        },
    },
    "lineage": {
        "inputs": [
            {"namespace": "s3://raw", "name": "orders/2026-11-22", "type": "DATASET"},
            {"namespace": "s3://raw", "name": "jobs/2026-11-22", "type": "JOB"},
        ]
    },
}


@pytest.mark.parametrize("kind", LINEAGE)
def test_lineage_names_datasets_as_they_are_sent(kind: str) -> None:
    """Both ends of an edge carry the same name; jobs keep theirs; the caller's facet is not changed."""
    key = "lineage" if kind == "lineage" else "columnLineage"
    given = OutputDataset("s3://out", "totals", {key: LINEAGE[kind]})
    before = encode(given)
    body = encode(settle(given, ALIASES))
    assert b"orders/2026" not in body
    assert b'"name":"orders"' in body
    assert b"warehouse" not in body
    assert (b"jobs/2026-11-22" in body) == (kind == "lineage")
    assert encode(given) == before


@pytest.mark.parametrize(
    "facet", [None, [], "x", 5, {"fields": None}, {"fields": [1, None]}, {"namespace": 1, "name": []}]
)
def test_lineage_of_any_shape_passes(facet: Any) -> None:
    """A facet that is not what it should be is left as it is."""
    facets = {"columnLineage": facet, "lineage": facet}
    assert settle_references(facets, PLAIN) is facets


def test_datasets_that_became_equal_are_one() -> None:
    """Facets merge by key, the later one wins, places are united, the order is that of first appearance."""
    first, second = SchemaDatasetFacet([]), SchemaDatasetFacet()
    given = [
        InputDataset("s3://raw", "orders/2026-11-21", {"schema": first, "a": {"x": 1}}),
        InputDataset("s3://raw", "other"),
        InputDataset("s3://raw", "orders/2026-11-22", {"schema": second, "b": {"y": 1}}),
    ]
    merged = merge([settle(dataset, PLAIN) for dataset in given])
    assert [dataset.name for dataset in merged] == ["orders", "other"]
    assert merged[0].facets == {"schema": second, "a": {"x": 1}, "b": {"y": 1}}
    assert _locations(merged[0]) == ["s3://raw/orders/2026-11-21", "s3://raw/orders/2026-11-22"]
    assert "subset" not in merged[1].inputFacets


def test_the_number_of_places_is_bounded() -> None:
    """A year of files does not make an event of its own size."""
    year = [InputDataset("s3://raw", f"orders/20{year}-11-22") for year in range(10, 99)] * 3
    days = [
        InputDataset("s3://raw", f"orders/2026-10-{day:02}/{hour:02}")
        for day in range(1, 31)
        for hour in range(24)
    ]
    [merged] = merge([settle(dataset, PLAIN) for dataset in (*year, *days)])
    assert len(_locations(merged)) == 100


def test_different_datasets_stay_the_same_list() -> None:
    """Nothing is copied where nothing merges."""
    datasets = [InputDataset("a", "b"), InputDataset("a", "c"), InputDataset("b", "b")]
    assert merge(datasets) is datasets
    assert merge([]) == []
    assert report.counts() == {}
