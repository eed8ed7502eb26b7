"""Helper classes that write namespace and name of a table, one class per row of the OpenLineage naming table.

Source: the dataset naming table of the OpenLineage specification (https://openlineage.io/docs/spec/naming). Files,
object stores, streams and catalogs stand in `stores`.
"""

from __future__ import annotations

from typing import Any, ClassVar, dataclass_transform

from lineage_kit.errors import NamingError
from lineage_kit.naming.credentials import strip_credentials


@dataclass_transform(frozen_default=True)
class Platform:
    """Base of all platforms: fields are the annotations, in order; none may be missing or blank (NamingError).

    ``namespace`` and ``name`` of the class statement are the patterns. A port may be an int.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    _namespace: ClassVar[str] = ""
    _name: ClassVar[str] = ""

    def __init_subclass__(cls, namespace: str, name: str) -> None:
        cls._namespace, cls._name = namespace, name
        cls.fields = tuple(vars(cls).get("__annotations__", ()))

    def __init__(self, *values: Any, **named: Any) -> None:
        kind = type(self).__name__
        if len(values) > len(self.fields):
            raise NamingError(
                f"{kind} takes {len(self.fields)} values ({', '.join(self.fields)}), got {len(values)}"
            )
        given = dict(zip(self.fields, values, strict=False))
        for key, value in named.items():
            if key not in self.fields or key in given:
                raise NamingError(_unexpected(kind, key, self.fields, key in given))
            given[key] = value
        for field in self.fields:
            object.__setattr__(self, field, _text(kind, field, given.get(field)))

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed; make a new one")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(namespace={self.get_namespace()!r}, name={self.get_name()!r})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def get_namespace(self) -> str:
        """The namespace as the naming table writes it; credentials that stood before a host are left out."""
        return strip_credentials(self._namespace.format_map(vars(self)))

    def get_name(self) -> str:
        """The name within that namespace, as the naming table writes it."""
        return self._name.format_map(vars(self))


def _unexpected(kind: str, key: str, fields: tuple[str, ...], twice: bool) -> str:
    if twice:
        return f"{kind} got {key!r} twice"
    from difflib import get_close_matches

    near = get_close_matches(key, fields, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{kind} has no field {key!r}{hint} Its fields: {', '.join(fields)}"


def _text(kind: str, field: str, value: object) -> str:
    if field.endswith("port") and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise NamingError(f"{kind} needs text for {field!r}, got {type(value).__name__}")
    if not value.strip():
        raise NamingError(f"{kind} needs {field!r}, which is blank")
    return value


_THREE = "{database}.{schema}.{table}"


class Athena(
    Platform, namespace="awsathena://athena.{region_name}.amazonaws.com", name="{catalog}.{database}.{table}"
):
    """A table of Amazon Athena."""

    region_name: str
    catalog: str
    database: str
    table: str


class AzureCosmosDB(Platform, namespace="azurecosmos://{host}/dbs/{database}", name="colls/{table}"):
    """A container of Azure Cosmos DB."""

    host: str
    database: str
    table: str


class AzureDataExplorer(
    Platform, namespace="azurekusto://{host}.kusto.windows.net", name="{database}/{table}"
):
    """A table of Azure Data Explorer (Kusto); ``host`` is the cluster without its domain."""

    host: str
    database: str
    table: str


class AzureSynapse(Platform, namespace="sqlserver://{host}:{port}", name="{schema}.{table}"):
    """A table of Azure Synapse."""

    host: str
    port: str | int
    schema: str
    table: str


class BigQuery(Platform, namespace="bigquery", name="{project_id}.{dataset_name}.{table_name}"):
    """A table of Google BigQuery."""

    project_id: str
    dataset_name: str
    table_name: str


class Cassandra(Platform, namespace="cassandra://{host}:{port}", name="{keyspace}.{table}"):
    """A table of Apache Cassandra."""

    host: str
    port: str | int
    keyspace: str
    table: str


class CrateDB(Platform, namespace="crate://{host}:{port}", name=_THREE):
    """A table of CrateDB."""

    host: str
    port: str | int
    database: str
    schema: str
    table: str


class DB2(Platform, namespace="db2://{host}:{port}", name=_THREE):
    """A table of IBM Db2."""

    host: str
    port: str | int
    database: str
    schema: str
    table: str


class FabricWarehouse(Platform, namespace="fabric-warehouse://{endpoint}", name=_THREE):
    """A table of a Microsoft Fabric warehouse; ``endpoint`` is the host of its SQL analytics endpoint."""

    endpoint: str
    database: str
    schema: str
    table: str


class Hive(Platform, namespace="hive://{host}:{port}", name="{database}.{table}"):
    """A table of Apache Hive."""

    host: str
    port: str | int
    database: str
    table: str


class Milvus(Platform, namespace="milvus://{host}:{port}", name="{database}.{collection}"):
    """A collection of Milvus."""

    host: str
    port: str | int
    database: str
    collection: str


class MSSQL(Platform, namespace="mssql://{host}:{port}", name=_THREE):
    """A table of Microsoft SQL Server."""

    host: str
    port: str | int
    database: str
    schema: str
    table: str


class MySQL(Platform, namespace="mysql://{host}:{port}", name="{database}.{table}"):
    """A table of MySQL or MariaDB."""

    host: str
    port: str | int
    database: str
    table: str


class OceanBase(Platform, namespace="oceanbase://{host}:{port}", name="{database}.{table}"):
    """A table of OceanBase."""

    host: str
    port: str | int
    database: str
    table: str


class Oracle(Platform, namespace="oracle://{host}:{port}", name="{service_name}.{schema}.{table}"):
    """A table of Oracle; a SID stands where the service name does."""

    host: str
    port: str | int
    service_name: str
    schema: str
    table: str


class Postgres(Platform, namespace="postgres://{host}:{port}", name=_THREE):
    """A table of PostgreSQL."""

    host: str
    port: str | int
    database: str
    schema: str
    table: str


class Redshift(Platform, namespace="redshift://{cluster_identifier}.{region}:{port}", name=_THREE):
    """A table of Amazon Redshift."""

    cluster_identifier: str
    region: str
    port: str | int
    database: str
    schema: str
    table: str


class Snowflake(Platform, namespace="snowflake://{organization_name}-{account_name}", name=_THREE):
    """A table of Snowflake."""

    organization_name: str
    account_name: str
    database: str
    schema: str
    table: str


class Spanner(Platform, namespace="spanner://{project_id}:{instance_id}", name=_THREE):
    """A table of Google Cloud Spanner."""

    project_id: str
    instance_id: str
    database: str
    schema: str
    table: str


class Teradata(Platform, namespace="teradata://{host}:{port}", name="{database}.{table}"):
    """A table of Teradata."""

    host: str
    port: str | int
    database: str
    table: str


class Trino(Platform, namespace="trino://{host}:{port}", name="{catalog}.{schema}.{table}"):
    """A table of Trino."""

    host: str
    port: str | int
    catalog: str
    schema: str
    table: str
