"""What a cell holds tells its own columns and rows: frames of every library that is here, tables of a connection."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.notebook.conftest import Notebook

KINDS = {
    "pandas": ("import pandas as pd; data = pd.DataFrame({'id': [1, 2], 'city': ['Rome', 'Oslo']})", 2),
    "polars": ("import polars as pl; data = pl.DataFrame({'id': [1, 2], 'city': ['Rome', 'Oslo']})", 2),
    "pyarrow": ("import pyarrow as pa; data = pa.table({'id': [1, 2], 'city': ['Rome', 'Oslo']})", 2),
    "duckdb": ("import duckdb; data = duckdb.sql(\"select 1 as id, 'Rome' as city\")", None),
}


@pytest.mark.parametrize("library", KINDS)
def test_a_frame_of_a_cell_tells_columns_and_rows(notebook: Notebook, library: str) -> None:
    """And the cell's value is the place, handed back."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    make, rows = KINDS[library]
    notebook.prepare(make)
    result = notebook.cell("# lineage: name=a\ncurrent_run().add_output('s3://lake/cities', data)")
    assert result.result == "s3://lake/cities"
    notebook.events.completed("ipython.a").wrote("s3://lake/cities", rows=rows, columns=["id", "city"])


def test_a_table_is_named_by_its_connection(notebook: Notebook) -> None:
    """Without a word to the database."""
    notebook.prepare(
        'import sqlalchemy; engine = sqlalchemy.engine.make_url("postgresql://user:pw@db:5433/shop")'
    )
    notebook.cell(
        "# lineage: name=a\ncurrent_run().add_input(Dataset.table(engine, 'public.orders'), rows=7)"
    )
    (read,) = notebook.events[-1].inputs
    assert (read.namespace, read.name) == ("postgres://db:5433", "shop.public.orders")
