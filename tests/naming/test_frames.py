"""Frames by shape: what an object knows of itself, and nothing that it would have to compute."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from lineage_kit.naming import Frame, frame

DATA = {"id": [1, 2, 3], "city": ["a", "b", "c"], "amount": [1.5, 2.5, 3.5]}


def test_a_pandas_frame_says_columns_and_rows() -> None:
    """Names, dtypes and length of a pandas DataFrame and Series are known."""
    data = pd.DataFrame(DATA).astype({"city": "object"})
    assert frame(data) == Frame((("id", "int64"), ("city", "object"), ("amount", "float64")), 3)
    assert frame(data["amount"]) == Frame((("amount", "float64"),), 3)
    assert frame(pd.Series([1])) == Frame((("0", "int64"),), 1)
    assert frame(pd.DataFrame()) == Frame((), 0)
    zoned = pd.DataFrame({"at": pd.to_datetime(["2026-11-22"], utc=True), "kind": pd.Categorical(["x"])})
    columns = dict(frame(zoned).columns)  # type: ignore[union-attr]
    assert columns["kind"] == "category"
    assert columns["at"].startswith("datetime64[")


def test_odd_pandas_columns_have_a_text_each() -> None:
    """Levels of a MultiIndex are joined by dots, other names are written as text, a repeated name counts once."""
    levels = pd.DataFrame([[1, 2, 3]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "")]))
    assert [name for name, _ in frame(levels).columns] == ["a.x", "a.y", "b"]  # type: ignore[union-attr]
    odd = pd.DataFrame([[1, 2, 3, "x"]], columns=[0, None, "a", "a"])
    assert [name for name, _ in frame(odd).columns] == ["0", str(odd.columns[1]), "a"]  # type: ignore[union-attr]


def test_a_subclass_is_what_it_derives_from() -> None:
    """A class that somebody derived from DataFrame, as GeoPandas does, is read as one."""

    class Own(pd.DataFrame):
        pass

    assert frame(Own(DATA)) == frame(pd.DataFrame(DATA))


def test_a_polars_frame_says_columns_and_rows(tmp_path: Path) -> None:
    """A Polars DataFrame and Series are known; of a LazyFrame nothing is, for nothing is computed."""
    data = pl.DataFrame(DATA)
    assert frame(data) == Frame((("id", "Int64"), ("city", "String"), ("amount", "Float64")), 3)
    assert frame(data["id"]) == Frame((("id", "Int64"),), 3)
    assert frame(data.lazy()) is None
    assert frame(pl.scan_parquet(tmp_path / "no-such-file.parquet")) is None


def test_arrow_objects_say_their_schema(tmp_path: Path) -> None:
    """Tables and batches know their rows, schemas, datasets and readers only their columns; a reader keeps its data."""
    data = pa.table(DATA)
    columns = (("id", "int64"), ("city", "string"), ("amount", "double"))
    assert frame(data) == Frame(columns, 3)
    assert frame(data.to_batches()[0]) == Frame(columns, 3)
    assert frame(data.schema) == Frame(columns, None)
    assert frame(ds.dataset(data)) == Frame(columns, None)
    reader = data.to_reader()
    assert frame(reader) == Frame(columns, None)
    assert reader.read_all().num_rows == 3


def test_a_duckdb_relation_says_its_columns_and_is_not_run() -> None:
    """Names and types of a relation are known, its rows are not counted; a query that would fail does not."""
    with duckdb.connect() as connection:
        relation = connection.sql("select 1 as id, 'x' as city, error('ran') as bad")
        known = frame(relation)
        assert known is not None
        assert known.columns[:2] == (("id", "INTEGER"), ("city", "VARCHAR"))
        assert known.rows is None
        assert frame(connection) is None


def _object(module: str, kind: str, **attributes: Any) -> Any:
    return type(kind, (), {"__module__": module, **attributes})()


def test_a_spark_frame_says_its_schema_and_is_not_counted() -> None:
    """The schema of a classic Spark DataFrame is read by its shape; a Connect one would have to ask its server."""
    fields = [
        SimpleNamespace(name="id", dataType=SimpleNamespace(simpleString=lambda: "bigint")),
        SimpleNamespace(name="tags", dataType=SimpleNamespace(simpleString=lambda: "array<string>")),
    ]
    schema = SimpleNamespace(fields=fields)
    wanted = Frame((("id", "bigint"), ("tags", "array<string>")), None)
    assert frame(_object("pyspark.sql.dataframe", "DataFrame", schema=schema)) == wanted
    assert frame(_object("pyspark.sql.connect.dataframe", "DataFrame", schema=schema)) is None


def test_lazy_frames_of_dask_modin_and_ibis_say_columns_only() -> None:
    """Their columns are known without computing, their length is not asked."""

    def explode(self: object) -> int:
        raise AssertionError("computed")

    lazy = {"columns": ["a"], "dtypes": ["int64"], "__len__": explode}
    for module in ("dask.dataframe.dask_expr._collection", "dask_expr._collection", "modin.pandas.dataframe"):
        assert frame(_object(module, "DataFrame", **lazy)) == Frame((("a", "int64"),), None)
    ibis = _object("ibis.expr.types.relations", "Table", schema=lambda self: {"a": "int64"}, count=explode)
    assert frame(ibis) == Frame((("a", "int64"),), None)


@pytest.mark.parametrize(
    "data", [None, 5, "x", b"x", [1], {"a": [1]}, object(), pd, pd.DataFrame, iter([1]), float]
)
def test_what_is_no_frame_gives_nothing(data: object) -> None:
    """Values of other kinds, and classes and modules themselves, are no frames."""
    assert frame(data) is None


def test_an_iterator_is_not_consumed() -> None:
    """A generator of frames is left as it was."""
    items = (item for item in [pd.DataFrame(DATA)])
    assert frame(items) is None
    assert len(list(items)) == 1


def test_hostile_objects_give_nothing() -> None:
    """Whatever an object's attributes raise or return, there is no error."""

    def explode(self: object, *_: object) -> Any:
        raise RuntimeError("no")

    everything = {
        "__getattr__": explode,
        "__len__": explode,
        "__str__": explode,
        "__eq__": explode,
        "__hash__": None,
    }
    assert frame(_object("pandas", "DataFrame", **everything)) is None
    assert frame(_object("anything", "DataFrame", __class__=property(explode), **everything)) is None
    bad_name = type("Bad", (), {"__str__": explode})()
    assert frame(pd.DataFrame([[1]], columns=pd.Index([bad_name], dtype=object))) is None
    assert frame(_object("polars", "DataFrame", columns=["a"], dtypes=["x"], height="many")) == Frame(
        (("a", "x"),), None
    )


def test_wide_frames_and_long_types_are_cut() -> None:
    """At most two thousand columns and a thousand characters of a type are taken."""
    wide = pd.DataFrame([[0] * 2_500])
    known = frame(wide)
    assert known is not None
    assert (len(known.columns), known.left_out) == (2_000, 500)
    kind = pl.Enum([f"value-{index}" for index in range(2_000)])
    known = frame(pl.DataFrame({"a": pl.Series([], dtype=kind)}))
    assert known is not None
    assert len(known.columns[0][1]) <= 1_000


def test_no_library_is_imported() -> None:
    """Looking at an object loads nothing."""
    before = set(sys.modules)
    frame(_object("cudf.core.dataframe", "DataFrame", columns=[], dtypes=[], index=[]))
    assert set(sys.modules) - before == set()
