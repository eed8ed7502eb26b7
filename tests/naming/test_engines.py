"""Tables of engines and connections: namespace and full name, taken from what the object holds."""

import re
import sqlite3
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import sqlalchemy
from sqlalchemy.orm import Session

from lineage_kit.errors import NamingError
from lineage_kit.naming import table

URLS = """
postgresql://db/shop                            orders              postgres://db:5432 | shop.public.orders
postgresql+psycopg2://me:pw@DB:6543/shop        sales.orders        postgres://db:6543 | shop.sales.orders
postgresql://db/shop                            other.sales.orders  postgres://db:5432 | other.sales.orders
postgresql://db                                 shop.sales.orders   postgres://db:5432 | shop.sales.orders
postgresql://me:pw@/shop?host=/var/run          orders              postgres://localhost:5432 | shop.public.orders
postgresql://me:pw@/shop?host=db&port=6000      orders              postgres://db:6000 | shop.public.orders
jdbc:postgresql://db/shop?currentSchema=sales   orders              postgres://db:5432 | shop.sales.orders
mysql+pymysql://me:pw@db/shop                   orders              mysql://db:3306 | shop.orders
mysql://db/shop                                 other.orders        mysql://db:3306 | other.orders
mssql+pyodbc://sa:pw@db/shop?driver=x           orders              mssql://db:1433 | shop.dbo.orders
jdbc:sqlserver://db;databaseName=shop;user=sa   orders              mssql://db:1433 | shop.dbo.orders
mssql://w.sql.azuresynapse.net/shop  orders  sqlserver://w.sql.azuresynapse.net:1433 | dbo.orders
oracle+oracledb://me:pw@db/?service_name=orcl   sales.orders        oracle://db:1521 | orcl.sales.orders
oracle://db/orcl                                sales.orders        oracle://db:1521 | orcl.sales.orders
snowflake://me:pw@acme-prod/SHOP/SALES          ORDERS              snowflake://acme-prod | SHOP.SALES.ORDERS
snowflake://me:pw@acme-prod/SHOP                ORDERS              snowflake://acme-prod | SHOP.PUBLIC.ORDERS
jdbc:snowflake://a-b.snowflakecomputing.com/?db=SHOP&schema=S   ORDERS  snowflake://a-b | SHOP.S.ORDERS
bigquery://acme/sales                           orders              bigquery | acme.sales.orders
bigquery://acme                                 sales.orders        bigquery | acme.sales.orders
awsathena://k:s@athena.eu-west-1.amazonaws.com/s  o  awsathena://athena.eu-west-1.amazonaws.com | AwsDataCatalog.s.o
redshift://c.x.eu-west-1.redshift.amazonaws.com/dev  orders  redshift://c.eu-west-1:5439 | dev.public.orders
databricks://token:x@adb.net?catalog=main&schema=sales          orders  unitycatalog://adb.net | main.sales.orders
spanner+spanner:///projects/p/instances/i/databases/shop        orders  spanner://p:i | shop.orders
trino://me@db:8443/hive/sales                   orders              trino://db:8443 | hive.sales.orders
trino://db/hive                                 sales.orders        trino://db:8080 | hive.sales.orders
clickhouse://db/shop                            orders              clickhouse://db:8123 | shop.orders
hive://db                                       orders              hive://db:10000 | default.orders
teradatasql://db                                shop.orders         teradata://db:1025 | shop.orders
jdbc:teradata://db/DATABASE=shop,USER=u,PASSWORD=hunter2        orders  teradata://db:1025 | shop.orders
crate://db                                      orders              crate://db:4200 | crate.doc.orders
exa+pyexasol://sys:pw@db:8563/shop              t.orders            exa://db:8563 | shop.t.orders
sqlite:////data/shop.db                         orders              sqlite:///data/shop.db | main.orders
sqlite:////data/shop.db                         aux.orders          sqlite:///data/shop.db | aux.orders
sqlite://                                       orders              inmemory:// | main.orders
sqlite:///file:/data/shop.db?mode=ro&uri=true   orders              sqlite:///data/shop.db | main.orders
duckdb:////data/shop.duckdb                     orders              duckdb:///data/shop.duckdb | shop.main.orders
duckdb:////data/shop.duckdb                     sales.orders        duckdb:///data/shop.duckdb | shop.sales.orders
duckdb:////my data/b.db                         orders              duckdb:///my=20data/b.db | b.main.orders
duckdb:///:memory:                              orders              inmemory:// | memory.main.orders
duckdb:///md:shop?motherduck_token=hunter2      orders              duckdb://md | shop.main.orders
"""
ROWS = [re.split(r" {2,}", line) for line in URLS.strip().splitlines()]


@pytest.mark.parametrize(("url", "name", "wanted"), ROWS)
def test_a_url_completes_the_name_of_a_table(url: str, name: str, wanted: str) -> None:
    """Database and default schema are added to a name, from the URL's text or a SQLAlchemy URL of it."""
    namespace, full = wanted.split(" | ")
    assert table(url, name) == (namespace, full)
    if not url.startswith("jdbc:"):
        assert table(sqlalchemy.make_url(url), name) == (namespace, full)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ('"Sales"."Order Items"', "shop.Sales.Order Items"),
        ("`sales`.`orders`", "shop.sales.orders"),
        ("[sales].[orders]", "shop.sales.orders"),
        ('sales."a.b"', "shop.sales.a.b"),
        ('"a""b"', 'shop.public.a"b'),
        (" sales.orders ", "shop.sales.orders"),
        ("sales.{table}_{day:%Y.%m}", "shop.sales.{table}_{day:%Y.%m}"),
        ("{a.b}", "shop.public.{a.b}"),
        ("commandes_été", "shop.public.commandes_été"),
    ],
)
def test_names_are_read_as_sql_writes_them(name: str, full: str) -> None:
    """Quotes come off, a dot within them separates nothing, and fields of a template stay whole."""
    assert table("postgresql://db/shop", name) == ("postgres://db:5432", full)


@pytest.mark.parametrize(
    "name", ["", " ", ".", "a.", ".a", "a..b", 'a"b', '"a', "a.b.c.d", "a\nb", "a" * 2000, "{", 5, None]
)
def test_what_names_no_table_is_refused(name: Any) -> None:
    """An empty part, an open quote, too many parts or no text is a NamingError."""
    with pytest.raises(NamingError):
        table("postgresql://db/shop", name)


@pytest.mark.parametrize(
    ("engine", "name", "message"),
    [
        ("postgresql://db", "orders", "which database"),
        ("oracle://db/orcl", "orders", "which schema"),
        ("not a url", "orders", "no database URL"),
        ("s3://raw/orders", "orders", "is no database"),
        ("postgresql://me:hun/ter2@db/shop", "orders", "user:password@host:port"),
        (object(), "orders", r"builtins\.object"),
        (None, "orders", "NoneType"),
        (SimpleNamespace(host="x"), "orders", "SimpleNamespace"),
    ],
)
def test_what_tells_no_place_is_refused(engine: Any, name: str, message: str) -> None:
    """An engine or name that leaves the place open is a NamingError that says what is missing."""
    with pytest.raises(NamingError, match=message) as caught:
        table(engine, name)
    assert "hun" not in str(caught.value)


def test_a_sqlalchemy_engine_connection_and_session_are_named_by_their_url(tmp_path: Path) -> None:
    """Engine, connection, session and the pool's raw connection of one database are one place."""
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/shop.db")
    wanted = (f"sqlite://{tmp_path}/shop.db", "main.orders")
    try:
        with engine.connect() as connection, Session(engine) as session:
            raw = engine.raw_connection()
            for thing in (engine, engine.url, connection, session, raw):
                assert table(thing, "orders") == wanted
            raw.close()
    finally:
        engine.dispose()


def test_a_relative_database_file_is_made_absolute(tmp_path: Path) -> None:
    """A path within the working directory is written in full."""
    assert table("sqlite:///shop.db", "orders")[0] == f"sqlite://{tmp_path}/shop.db"
    assert table("duckdb:///shop.db", "orders")[0] == f"duckdb://{tmp_path}/shop.db"


def test_a_sqlite3_connection_says_its_file(tmp_path: Path) -> None:
    """File, attached files and memory of a sqlite3 connection are found without touching what it is doing."""
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.row_factory = sqlite3.Row
    connection.execute("create table orders (id)")
    connection.execute("attach ? as aux2", (str(tmp_path / "other.db"),))
    connection.execute("insert into orders values (1)")
    before = connection.total_changes
    assert table(connection, "orders") == (f"sqlite://{tmp_path}/shop.db", "main.orders")
    assert table(connection, "aux2.orders") == (f"sqlite://{tmp_path}/other.db", "aux2.orders")
    assert connection.in_transaction
    assert connection.total_changes == before
    connection.close()
    with pytest.raises(NamingError, match="sqlite3"):
        table(connection, "orders")
    memory = sqlite3.connect(":memory:")
    assert table(memory, "orders") == ("inmemory://", "main.orders")
    memory.close()


def test_a_duckdb_connection_says_its_file(tmp_path: Path) -> None:
    """File, attached files and memory of a DuckDB connection are found; a waiting result stays."""
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(f"attach '{tmp_path}/other.duckdb' as other")
        connection.execute("select 1 union all select 2")
        assert table(connection, "orders") == (f"duckdb://{tmp_path}/shop.duckdb", "shop.main.orders")
        assert table(connection, "sales.orders") == (f"duckdb://{tmp_path}/shop.duckdb", "shop.sales.orders")
        assert table(connection, "other.main.orders") == (
            f"duckdb://{tmp_path}/other.duckdb",
            "other.main.orders",
        )
        assert len(connection.fetchall()) == 2
    with duckdb.connect() as memory:
        assert table(memory, "orders") == ("inmemory://", "memory.main.orders")


def _driver(module: str, **attributes: Any) -> Any:
    """A connection of a driver that is not installed here: its module's name and its documented attributes."""
    return type("Connection", (), {"__module__": module, **attributes})()


CONNECTIONS = [
    (
        "psycopg",
        {"info": SimpleNamespace(host="db", port=5432, dbname="shop")},
        "postgres://db:5432",
        "shop.public.t",
    ),
    (
        "psycopg2.extensions",
        {"info": SimpleNamespace(host="db", port=6000, dbname="shop")},
        "postgres://db:6000",
        "shop.public.t",
    ),
    (
        "psycopg2",
        {"info": SimpleNamespace(host="/var/run", port=5432, dbname="shop")},
        "postgres://localhost:5432",
        "shop.public.t",
    ),
    (
        "psycopg",
        {"info": SimpleNamespace(host="c.x.eu-west-1.redshift.amazonaws.com", port=5439, dbname="dev")},
        "redshift://c.eu-west-1:5439",
        "dev.public.t",
    ),
    ("pymysql.connections", {"host": "db", "port": 3306, "db": b"shop"}, "mysql://db:3306", "shop.t"),
    (
        "mysql.connector.connection",
        {"_host": "db", "_port": 3307, "_database": "shop"},
        "mysql://db:3307",
        "shop.t",
    ),
    (
        "snowflake.connector.connection",
        {"account": "acme-prod", "database": "SHOP", "schema": "S"},
        "snowflake://acme-prod",
        "SHOP.S.t",
    ),
    (
        "snowflake.connector.connection",
        {"account": "xy1", "region": "eu-west-1", "database": "SHOP", "schema": None},
        "snowflake://xy1.eu-west-1.aws",
        "SHOP.PUBLIC.t",
    ),
    (
        "trino.dbapi",
        {"host": "db", "port": 8080, "catalog": "hive", "schema": "sales"},
        "trino://db:8080",
        "hive.sales.t",
    ),
    (
        "clickhouse_connect.driver.httpclient",
        {"url": "http://db:8123", "database": "shop"},
        "clickhouse://db:8123",
        "shop.t",
    ),
]


@pytest.mark.parametrize(("module", "attributes", "namespace", "full"), CONNECTIONS)
def test_connections_are_read_by_their_shape(
    module: str, attributes: dict[str, Any], namespace: str, full: str
) -> None:
    """The attributes that each driver documents give the place; the driver itself is not imported."""
    before = set(sys.modules)
    assert table(_driver(module, **attributes), "t") == (namespace, full)
    assert {name for name in set(sys.modules) - before if not name.startswith("lineage_kit")} == set()


def test_a_bigquery_client_gives_its_project() -> None:
    """The project of a BigQuery client or of its DBAPI connection is added to dataset and table."""
    client = _driver("google.cloud.bigquery.client", project="acme")
    assert table(client, "sales.orders") == ("bigquery", "acme.sales.orders")
    assert table(_driver("google.cloud.bigquery.dbapi.connection", _client=client), "s.o") == (
        "bigquery",
        "acme.s.o",
    )


def test_a_connection_that_fails_is_a_naming_error() -> None:
    """An attribute that raises is told as a NamingError, without what it said."""

    def explode(self: object) -> None:
        raise RuntimeError("hunter2")

    with pytest.raises(NamingError, match="RuntimeError") as caught:
        table(_driver("psycopg", info=property(explode)), "orders")
    assert "hunter2" not in str(caught.value)
