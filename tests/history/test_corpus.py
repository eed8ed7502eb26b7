"""Events of real producers, read back from the files they wrote."""

from pathlib import Path

import pytest

from lineage_kit.history import Style, plain, read, render, runs, tree

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real events is not beside this checkout"
)


def _drawn(path: str) -> str:
    reading = read(CORPUS / path)
    text = "\n".join(render(tree(runs(reading)), Style(directory="/srv/etl")))
    assert reading.unreadable == 0
    return text


def test_a_failed_airflow_run_shows_what_failed() -> None:
    """Tasks stand under their run, in order, with tables, columns and the database's own words."""
    assert _drawn("airflow/pg_etl_postgres.ndjson").splitlines() == [
        "pg_etl              FAIL",
        "│  task_failure",
        "├─ pg_etl.ddl       COMPLETE   3.54 s  → shop.public.totals (2 columns), shop.raw.orders (4 columns)",
        "├─ pg_etl.load      COMPLETE   0.15 s  → shop.raw.orders  4 columns",
        "├─ pg_etl.aggregate COMPLETE   0.14 s  shop.raw.orders → shop.public.totals  2 columns",
        "├─ pg_etl.ctas      COMPLETE   0.14 s  shop.public.totals → shop.public.top1  2 columns",
        "└─ pg_etl.bad       FAIL       0.12 s  ← shop.raw.orders  4 columns",
        '      psycopg.errors.UndefinedColumn: column "nope" does not exist',
    ]


def test_the_users_line_is_found_in_a_stack_of_airflow() -> None:
    """Of thirty frames of the scheduler and one of the user, the user's is shown."""
    text = _drawn("airflow/shop_etl_sqlite.ndjson")
    assert "ValueError: deliberate failure" in text
    assert "at afhome/dags/shop_etl.py:18 in boom:  raise ValueError('deliberate failure')" in text


def test_dbt_runs_keep_what_their_ends_leave_out() -> None:
    """A failed model still shows the table it was to write."""
    text = _drawn("dbt/build_with_failures.ndjson")
    assert (
        "shop.main.shop.broken.build.run           FAIL       0.07 s  shop.main.stg_orders → shop.main.broken"
        in text
    )


@pytest.mark.parametrize(
    "path",
    sorted(
        str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*") if path.suffix in (".json", ".ndjson")
    ),
)
def test_no_file_of_the_corpus_is_too_strange(path: str) -> None:
    """Events, fragments and templates alike are read, folded, drawn and made plain without an error."""
    roots = tree(runs(read(CORPUS / path)))
    list(render(roots, Style(width=60)))
    for root in roots:
        assert plain(root)["children"] is not None
