"""Data frames by shape: the columns and rows that an object knows of itself; nothing is computed or imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

LIMIT = 2_000  # columns; beyond that a schema is cut, since backends take seconds over wider ones
_LONGEST_TYPE = 1_000  # characters of one type's text: an enumeration lists its values there


class Frame(NamedTuple):
    """What an object knows of itself: (name, type) of its columns, in the library's own words, and its row count.

    left_out: how many columns it has beyond those.
    """

    columns: tuple[tuple[str, str], ...]
    rows: int | None
    left_out: int = 0


def frame(data: object) -> Frame | None:
    """Columns and rows of a pandas, Polars, Arrow, DuckDB, Spark, Dask, Modin, cuDF or Ibis object, else None.

    Nothing is computed, counted, read or consumed: ``rows`` is None where the object does not hold the number, and a
    Polars LazyFrame gives None because its schema may have to be read from files. At most 2,000 columns; of two
    columns with one name the first. Never raises.
    """
    try:
        for kind in type(data).__mro__:
            reader = _READERS.get((kind.__module__.partition(".")[0], kind.__name__))
            if reader is not None:
                return reader(data)
    except Exception:  # door: objects of strangers, whose every attribute may fail
        return None
    return None


def _frame(columns: Iterable[tuple[Any, Any]], rows: Any) -> Frame:
    found: dict[str, str] = {}
    columns = iter(columns)
    for name, kind in islice(columns, LIMIT):
        text = str(kind)
        found.setdefault(
            _column(name), text if len(text) <= _LONGEST_TYPE else text[: _LONGEST_TYPE - 1] + "…"
        )
    left_out = sum(1 for _ in columns)
    return Frame(tuple(found.items()), rows if isinstance(rows, int) and rows >= 0 else None, left_out)


def _column(name: object) -> str:
    """A column's name as text; the levels of a pandas MultiIndex joined by dots."""
    if isinstance(name, tuple):
        return ".".join(str(level) for level in name if str(level))
    return str(name)


def _pandas(data: Any) -> Frame:
    return _frame(zip(data.columns, data.dtypes, strict=False), len(data.index))


def _pandas_lazy(data: Any) -> Frame:
    return _frame(zip(data.columns, data.dtypes, strict=False), None)


def _series(data: Any) -> Frame:
    name = data.name
    return _frame([("0" if name is None else name, data.dtype)], len(data))


def _polars(data: Any) -> Frame:
    return _frame(zip(data.columns, data.dtypes, strict=False), data.height)


def _arrow(data: Any) -> Frame:
    return _frame(zip(data.schema.names, data.schema.types, strict=False), data.num_rows)


def _arrow_unread(data: Any) -> Frame:
    return _frame(zip(data.schema.names, data.schema.types, strict=False), None)


def _arrow_schema(data: Any) -> Frame:
    return _frame(zip(data.names, data.types, strict=False), None)


def _duckdb(data: Any) -> Frame:
    return _frame(zip(data.columns, data.types, strict=False), None)


def _spark(data: Any) -> Frame | None:
    if any(".connect." in kind.__module__ for kind in type(data).__mro__):
        return None  # there a schema is a question to the server
    return _frame(((field.name, field.dataType.simpleString()) for field in data.schema.fields), None)


def _ibis(data: Any) -> Frame:
    return _frame(data.schema().items(), None)


_READERS: dict[tuple[str, str], Callable[[Any], Frame | None]] = {
    ("pandas", "DataFrame"): _pandas,
    ("pandas", "Series"): _series,
    ("cudf", "DataFrame"): _pandas,
    ("modin", "DataFrame"): _pandas_lazy,
    ("dask", "DataFrame"): _pandas_lazy,
    ("dask_expr", "DataFrame"): _pandas_lazy,
    ("polars", "DataFrame"): _polars,
    ("polars", "Series"): _series,
    ("pyarrow", "Table"): _arrow,
    ("pyarrow", "RecordBatch"): _arrow,
    ("pyarrow", "Schema"): _arrow_schema,
    ("pyarrow", "Dataset"): _arrow_unread,
    ("pyarrow", "RecordBatchReader"): _arrow_unread,
    ("duckdb", "DuckDBPyRelation"): _duckdb,
    ("_duckdb", "DuckDBPyRelation"): _duckdb,
    ("pyspark", "DataFrame"): _spark,
    ("ibis", "Table"): _ibis,
}
