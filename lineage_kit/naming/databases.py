"""Databases: how each one names its server and how many parts the name of a table has there.

Sources: the naming table of the OpenLineage specification, and for what it leaves open (default ports and schemas,
accounts, clusters) what the servers themselves use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lineage_kit.errors import NamingError


class Row(NamedTuple):
    """One kind of database: scheme of its namespace, default port, parts of a table's name, what may be left out."""

    scheme: str
    port: int | None
    levels: tuple[str, ...]
    defaults: Mapping[str, str] = {}
    first: int = 0  # the level that the first part of a URL's path stands for; -1: one that no name holds
    joint: str = "."
    optional: frozenset[str] = frozenset()  # levels that a name may do without


class Server(NamedTuple):
    """Where tables live: a namespace, and the parts of their names that are known before a table is named."""

    namespace: str
    row: Row
    known: Mapping[str, str]


class Address(NamedTuple):
    """What a URL, an engine or a connection says of a database. Never holds a user or a password."""

    platform: str
    host: str
    port: str
    parts: tuple[str, ...]  # of the path, or what is known of database and schema
    options: Mapping[str, str]


_THREE = ("database", "schema", "table")
_TWO = ("database", "table")
_CATALOG = ("catalog", "schema", "table")

ROWS: dict[str, Row] = {
    "postgres": Row("postgres", 5432, _THREE, {"schema": "public"}),
    "cockroachdb": Row("cockroachdb", 26257, _THREE, {"schema": "public"}),
    "redshift": Row("redshift", 5439, _THREE, {"schema": "public"}),
    "mysql": Row("mysql", 3306, _TWO),
    "oceanbase": Row("oceanbase", 2881, _TWO),
    "mssql": Row("mssql", 1433, _THREE, {"schema": "dbo"}),
    "synapse": Row("sqlserver", 1433, ("schema", "table"), {"schema": "dbo"}, first=-1),
    "fabric": Row("fabric-warehouse", None, _THREE, {"schema": "dbo"}),
    "oracle": Row("oracle", 1521, ("service", "schema", "table")),
    "db2": Row("db2", 50000, _THREE),
    "crate": Row("crate", 4200, _THREE, {"database": "crate", "schema": "doc"}, first=1),
    "cassandra": Row("cassandra", 9042, ("keyspace", "table")),
    "clickhouse": Row("clickhouse", 8123, _TWO, {"database": "default"}),
    "hive": Row("hive", 10000, _TWO, {"database": "default"}),
    "teradata": Row("teradata", 1025, _TWO),
    "trino": Row("trino", 8080, _CATALOG),
    "presto": Row("presto", 8080, _CATALOG),
    "snowflake": Row("snowflake", None, _THREE, {"schema": "PUBLIC"}),
    "bigquery": Row("bigquery", None, ("project", "dataset", "table")),
    "athena": Row(
        "awsathena", None, ("catalog", "database", "table"), {"catalog": "AwsDataCatalog"}, first=1
    ),
    "spanner": Row("spanner", None, _THREE, optional=frozenset({"schema"})),
    "unitycatalog": Row("unitycatalog", None, _CATALOG, {"schema": "default"}),
    "milvus": Row("milvus", 19530, ("database", "collection"), {"database": "default"}),
    "mongodb": Row("mongodb", 27017, ("database", "collection")),
    "kusto": Row("azurekusto", None, _TWO, joint="/"),
    "vertica": Row("vertica", 5433, _THREE, {"schema": "public"}),
    "duckdb": Row("duckdb", None, _THREE, {"schema": "main"}),
    "sqlite": Row("sqlite", None, ("schema", "table"), {"schema": "main"}),
}

# Other schemes for the same kind of server. MariaDB speaks MySQL's protocol and its drivers are interchangeable, so a
# server has one namespace whichever of the two words was written.
ALIASES: dict[str, str] = {
    "postgresql": "postgres", "pgsql": "postgres", "timescaledb": "postgres", "mariadb": "mysql", "mysqlx": "mysql",
    "sqlserver": "mssql", "jtds": "mssql", "ibm_db_sa": "db2", "hive2": "hive", "teradatasql": "teradata",
    "prestodb": "presto", "awsathena": "athena", "databricks": "unitycatalog", "clickhousedb": "clickhouse",
    "ch": "clickhouse", "bq": "bigquery", "azurekusto": "kusto", "kustosql": "kusto", "kustokql": "kusto",
    "cockroach": "cockroachdb", "vertica_python": "vertica", "scylla": "cassandra", "crate.client": "crate",
}  # fmt: skip

_OPTION_LEVELS = {  # options that name a level of the table's name, by the level
    "database": ("database", "databasename", "dbname", "db", "initial catalog"),
    "schema": ("schema", "currentschema", "schemaname"),
    "catalog": ("catalog", "catalog_name"),
    "service": ("service_name", "sid"),
}
OPTIONS = frozenset(key for keys in _OPTION_LEVELS.values() for key in keys) | {
    "host",
    "port",
    "dbs_port",
    "awsregion",
}


def platform_of(scheme: str) -> str | None:
    """The row of ROWS that a URL scheme (without ``+driver``) stands for, None for no database."""
    key = scheme.partition("+")[0]
    key = ALIASES.get(key, key)
    return key if key in ROWS else None


def server(address: Address) -> Server:
    """Namespace and known parts of an address. Raises NamingError where the host tells too little."""
    platform = _by_host(address)
    row = ROWS.get(platform) or unknown_row(platform)
    parts = address.parts
    host = address.host.lower().rstrip(".")
    if platform == "bigquery":
        parts, namespace = bigquery_parts(address), "bigquery"
    elif platform in _NAMESPACES:
        namespace = _NAMESPACES[platform](host, address)
    else:
        host, _, instance = host.partition(
            "\\"
        )  # SQL Server's host\\instance, which finds its port by itself
        port = address.port or ("" if instance else str(row.port or ""))
        namespace = f"{row.scheme}://{host or 'localhost'}" + (f":{port}" if port else "")
        namespace += f"/{instance}" if instance else ""
    return Server(namespace, row, _known(row, parts, address.options))


def bigquery_parts(address: Address) -> tuple[str, ...]:
    """Project, dataset and table of a BigQuery address, whose project stands where others have a host."""
    return (*address.host.split("."), *address.parts) if address.host else address.parts


def complete(place: Server, parts: Sequence[str], asked: str) -> str:
    """The full name of a table from its last parts, with what the server and its defaults add on the left."""
    row = place.row
    if len(parts) > len(row.levels):
        raise NamingError(
            f"{asked!r} has {len(parts)} parts; a table there has {len(row.levels)}: {_pattern(row)}"
        )
    names: list[str] = []
    missing = row.levels[: len(row.levels) - len(parts)]
    for level in missing:
        value = place.known.get(level) or row.defaults.get(level)
        if value:
            names.append(value)
        elif level not in row.optional:
            raise NamingError(f"{asked!r} does not say which {level}; write it in full: {_pattern(row)}")
    return row.joint.join([*names, *parts])


def located(place: Server, parts: Sequence[str], options: Mapping[str, str], asked: str) -> str:
    """The name in a URL whose path is database, schema and table, the schema left out where it has a default."""
    if place.row.first >= 0 and len(parts) >= len(place.row.levels):
        return complete(place, parts, asked)
    if len(parts) < 2:
        raise NamingError(
            f"{asked!r} names a database but no table: write Dataset.table(url_or_engine, 'schema.table'), "
            "or add the table to the path, as in postgres://host/database/schema/table"
        )
    return complete(place._replace(known=_known(place.row, parts[:1], options)), parts[1:], asked)


def unknown_row(scheme: str) -> Row:
    """The row for a database that no table knows: names stay as they are given, after the database where known."""
    return Row(scheme, None, _THREE, optional=frozenset({"database", "schema"}))


def _pattern(row: Row) -> str:
    return row.joint.join(row.levels)


def _known(row: Row, parts: Sequence[str], options: Mapping[str, str]) -> dict[str, str]:
    known = dict(zip(row.levels[max(row.first, 0) : -1], parts, strict=False)) if row.first >= 0 else {}
    for level in row.levels[:-1]:
        for key in _OPTION_LEVELS.get(level, ()):
            if options.get(key) and level not in known:
                known[level] = options[key]
    return known


def _by_host(address: Address) -> str:
    """SQL Server's protocol is spoken by two more platforms, which have rows of their own."""
    if address.platform != "mssql":
        return address.platform
    host = address.host.lower()
    if host.endswith((".sql.azuresynapse.net", "-ondemand.sql.azuresynapse.net")):
        return "synapse"
    return "fabric" if host.endswith(".fabric.microsoft.com") else "mssql"


def _snowflake(host: str, _: Address) -> str:
    account = host.partition(".snowflakecomputing.")[0].removesuffix(".privatelink")
    pieces = account.split(".")
    if not account:
        raise NamingError(
            "a Snowflake URL needs the account as its host: snowflake://organization-account/db/schema"
        )
    if len(pieces) == 1 and "-" not in account:  # a bare account locator lives in the first region
        pieces += ["us-west-1", "aws"]
    elif len(pieces) == 2:
        pieces.append("aws")
    return "snowflake://" + ".".join(pieces)


def _redshift(host: str, address: Address) -> str:
    pieces = host.split(".")
    if host.endswith(("amazonaws.com", "amazonaws.com.cn")) and len(pieces) > 3:
        host = f"{pieces[0]}.{pieces[2]}"  # cluster.hash.region.redshift.amazonaws.com
    return f"redshift://{host or 'localhost'}:{address.port or 5439}"


def _athena(host: str, address: Address) -> str:
    region = address.options.get("awsregion", "")
    if not host and not region:
        raise NamingError(
            "an Athena URL needs its region: awsathena+rest://athena.us-east-1.amazonaws.com/database"
        )
    return f"awsathena://{host or f'athena.{region}.amazonaws.com'}"


def _spanner(_: str, address: Address) -> str:
    if not address.host:
        raise NamingError("a Spanner URL is spanner:///projects/P/instances/I/databases/D")
    return f"spanner://{address.host}"


def _kusto(host: str, _: Address) -> str:
    return "azurekusto://" + (host if "." in host else f"{host}.kusto.windows.net")


def _fabric(host: str, address: Address) -> str:
    return f"fabric-warehouse://{host}" + (f":{address.port}" if address.port not in ("", "1433") else "")


def _unity(host: str, address: Address) -> str:
    return f"unitycatalog://{host}" + (f":{address.port}" if address.port not in ("", "443") else "")


_NAMESPACES = {
    "snowflake": _snowflake, "redshift": _redshift, "athena": _athena, "spanner": _spanner, "kusto": _kusto,
    "fabric": _fabric, "unitycatalog": _unity,
}  # fmt: skip
