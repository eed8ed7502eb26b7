"""Tables: an engine, a connection or a database URL and the name of a table → namespace and full name.

Everything is taken from what the object holds already. Nothing is imported, and no server is asked; SQLite and DuckDB,
which run in this process and keep the path of their file to themselves, answer `PRAGMA database_list`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lineage_kit.errors import NamingError
from lineage_kit.naming import databases
from lineage_kit.naming.databases import ROWS, Address, Server
from lineage_kit.naming.paths import absolute
from lineage_kit.naming.templates import mask
from lineage_kit.naming.urls import address, is_url

_PART = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]|([^.\s"`\[\]][^."`\[\]]*)')
_FOR_EXAMPLE = (
    "Dataset.table(engine, 'schema.table'), where engine is a SQLAlchemy engine or URL, or a connection"
)
_OTHERWISE = (
    "write Dataset(namespace, name), for example Dataset('postgres://host:5432', 'database.schema.table')"
)


def table(engine: object, name: str) -> tuple[str, str]:
    """Namespace and full name of a table (naming table of the OpenLineage specification).

    ``engine``: a SQLAlchemy engine, connection, session or URL; the text of one; a connection of psycopg, psycopg2,
    PyMySQL, mysql-connector, sqlite3, DuckDB, Snowflake, BigQuery, Trino, clickhouse-connect. ``name``: one to three
    parts, quoted or not, or a template; database and default schema are added. Raises NamingError.
    """
    masked = mask(_text(name))
    namespace, full = _place(engine, masked.text)
    return namespace, masked.restore(full)


def _text(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise NamingError(f"a table's name is text such as 'public.orders', not {name!r:.80}; {_FOR_EXAMPLE}")
    if re.search(r"[\x00-\x1f\x7f]", name) or len(name) > 1024:
        raise NamingError("a table's name is one line of at most 1024 characters without control characters")
    return name.strip()


def _place(engine: object, name: str) -> tuple[str, str]:
    parts = _split(name)
    where = _address(engine)
    is_file = where.platform in ("sqlite", "duckdb")
    place = _file_server(where, parts) if is_file else databases.server(where)
    return place.namespace, databases.complete(place, parts, name)


def _split(name: str) -> list[str]:
    """The parts of a name, quotes taken off; a dot within quotes separates nothing."""
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(name, position)
        if match is None:
            raise NamingError(f"{name[:80]!r} is not the name of a table; write it as schema.table")
        double, back, square, plain = match.groups()
        parts.append(double.replace('""', '"') if double else back or square or plain.strip())
        position = match.end()
        if position == len(name):
            return parts
        if name[position] != ".":
            raise NamingError(f"{name[:80]!r} is not the name of a table; write it as schema.table")
        position += 1


def _address(engine: object) -> Address:
    if isinstance(engine, str):
        if not is_url(engine.strip()):
            raise NamingError(f"the text given as engine is no database URL; {_FOR_EXAMPLE}")
        return address(engine.strip())
    kind = f"{type(engine).__module__}.{type(engine).__qualname__}"
    try:
        found = _read(engine)
    except NamingError:
        raise
    except Exception as error:  # door: drivers raise all kinds of errors from closed or busy connections
        raise NamingError(
            f"a {kind} does not tell where its tables are ({type(error).__name__}); {_OTHERWISE}"
        ) from None
    if found is None:
        raise NamingError(f"where the tables of a {kind} are cannot be told from it; {_OTHERWISE}")
    return found


def _read(engine: object) -> Address | None:
    for part in _candidates(engine):
        if hasattr(part, "drivername") and hasattr(part, "database"):
            return _of_sqlalchemy(part)
        for kind in type(part).__mro__[:-1]:
            reader = _READERS.get(kind.__module__.partition(".")[0])
            if reader is not None and (found := reader(part)) is not None:
                return found
    return None


def _candidates(engine: object) -> list[object]:
    """The object itself and what it holds: the URL of an engine, the driver's connection in a pool's."""
    found = [engine]
    if type(engine).__module__.partition(".")[0] in ("sqlalchemy", "sqlmodel"):
        for names in (
            ("url",),
            ("engine", "url"),
            ("bind", "url"),
            ("bind", "engine", "url"),
            ("driver_connection",),
        ):
            held: object = engine
            for attribute in names:
                held = getattr(held, attribute, None)
            if held is not None:
                found.append(held)
    return found


def _get(holder: object, *names: str) -> Any:
    """The first of these attributes that says something, as text where it is bytes; None for none."""
    for name in names:
        value = getattr(holder, name, None)
        if value is not None and not callable(value):
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return None


def _make(platform: str, host: object, port: object, *parts: object, **options: object) -> Address:
    texts = tuple(str(part) for part in parts if part)
    server = str(host or "").partition(",")[0]
    server = "" if server.startswith(("/", "@")) else server  # a socket of this machine
    number = str(port or "").partition(",")[0]
    return Address(
        platform, server, number, texts, {key: str(value) for key, value in options.items() if value}
    )


def _of_sqlalchemy(url: Any) -> Address:
    scheme = str(url.drivername).lower()
    database = str(url.database or "")
    platform = databases.platform_of(scheme) or scheme.partition("+")[0]
    if platform == "spanner":
        return address(f"spanner:///{database}")
    options = {
        key.lower(): str(value) for key, value in url.query.items() if key.lower() in databases.OPTIONS
    }
    parts = (database,) if platform in ("sqlite", "duckdb") else database.split("/")
    made = _make(platform, url.host or options.get("host"), url.port or options.get("port"), *parts)
    return made._replace(options=options)


def _postgres(connection: Any) -> Address | None:
    info = _get(connection, "info")
    host, port, database = _get(info, "host"), _get(info, "port"), _get(info, "dbname")
    if database is None:
        return None
    platform = "redshift" if str(host or "").endswith(".redshift.amazonaws.com") else "postgres"
    return _make(platform, host, port, database)


def _mysql(connection: Any) -> Address | None:
    # of mysql-connector the private field is read: its public one sends a query
    host = _get(connection, "host", "_host", "server_host")
    return _make(
        "mysql", host, _get(connection, "port", "_port", "server_port"), _get(connection, "db", "_database")
    )


def _snowflake(connection: Any) -> Address | None:
    account = _get(connection, "account")
    if account is None:
        return None
    region = _get(connection, "region")
    host = f"{account}.{region}" if region and "." not in str(account) else account
    return _make("snowflake", host, None, _get(connection, "database"), _get(connection, "schema"))


def _bigquery(client: Any) -> Address | None:
    project = _get(client, "project") or _get(_get(client, "_client"), "project")
    return _make("bigquery", project, None) if project else None


def _trino(connection: Any) -> Address | None:
    host = _get(connection, "host")
    parts = _get(connection, "catalog"), _get(connection, "schema")
    return _make("trino", host, _get(connection, "port"), *parts) if host else None


def _clickhouse(client: Any) -> Address | None:
    url = _get(client, "url")
    found = re.match(r"https?://(?:[^@/]*@)?([^:/]+):(\d+)", str(url or ""))
    return _make("clickhouse", found[1], found[2], _get(client, "database")) if found else None


def _sqlite(connection: Any) -> Address | None:
    cursor = connection.cursor()
    try:
        cursor.row_factory = None
        rows = cursor.execute("PRAGMA database_list").fetchall()
    finally:
        cursor.close()
    return _attached("sqlite", rows)


def _duckdb(connection: Any) -> Address | None:
    if not callable(getattr(connection, "cursor", None)):
        return None
    cursor = connection.cursor()  # a connection of its own: the user's may have a result waiting
    try:
        return _attached("duckdb", cursor.execute("PRAGMA database_list").fetchall())
    finally:
        cursor.close()


def _attached(platform: str, rows: list[tuple[Any, ...]]) -> Address:
    """Name → file of every database of a connection, the first one being its own."""
    files = {str(row[1]): str(row[2] or "") for row in rows if str(row[1]) not in ("system", "temp")}
    first = next(iter(files), "main")
    return Address(platform, "", "", (files.get(first, ""), first), files)


def _file_server(where: Address, parts: list[str]) -> Server:
    """The server of a file-based database: its absolute path, or ``inmemory://`` where there is none."""
    row = ROWS[where.platform]
    path, name = (*where.parts, "", "")[:2]
    if name and len(parts) == len(row.levels):  # a full name may point into another, attached file
        path = where.options.get(parts[0], path)
    if path.startswith(("md:", "motherduck:")):
        database = path.partition(":")[2].partition("?")[0]
        return Server("duckdb://md", row, {"database": database or "my_db"})
    path = re.sub(r"^file:(?://(?=/))?", "", path).partition("?")[0]
    if not path or path.startswith(":memory:"):
        return Server("inmemory://", row, {"database": name or "memory"})
    full = absolute(path)
    stem = full.rpartition("/")[2].partition(".")[0]
    return Server(f"{where.platform}://{_as_namespace(full)}", row, {"database": name or stem})


def _as_namespace(path: str) -> str:
    """A path in the characters that backends take in a namespace; others as ``=XX``, for many refuse ``%`` too."""
    slashed = path if path.startswith("/") else f"/{path}"
    raw = slashed.encode("utf-8", "replace")
    return "".join(
        chr(byte) if re.match(rb"[A-Za-z0-9:/_.@+-]", bytes([byte])) else f"={byte:02X}" for byte in raw
    )


_READERS: Mapping[str, Callable[[Any], Address | None]] = {
    "psycopg": _postgres, "psycopg2": _postgres, "redshift_connector": _postgres, "pymysql": _mysql,
    "mysql": _mysql, "sqlite3": _sqlite, "_sqlite3": _sqlite, "duckdb": _duckdb, "_duckdb": _duckdb,
    "snowflake": _snowflake, "google": _bigquery, "trino": _trino, "clickhouse_connect": _clickhouse,
}  # fmt: skip
