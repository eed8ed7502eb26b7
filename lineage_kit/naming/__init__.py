"""Naming: what people hold (URLs, paths, tables, frames) → OpenLineage namespace and name. Knows no event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage_kit.naming.credentials import strip_credentials
    from lineage_kit.naming.dates import DATE_MARK, fold, foldable, unmark
    from lineage_kit.naming.engines import table
    from lineage_kit.naming.frames import Frame, frame
    from lineage_kit.naming.paths import Located, locate, location_text
    from lineage_kit.naming.platforms import (
        DB2,
        MSSQL,
        Athena,
        AzureCosmosDB,
        AzureDataExplorer,
        AzureSynapse,
        BigQuery,
        Cassandra,
        CrateDB,
        FabricWarehouse,
        Hive,
        Milvus,
        MySQL,
        OceanBase,
        Oracle,
        Platform,
        Postgres,
        Redshift,
        Snowflake,
        Spanner,
        Teradata,
        Trino,
    )
    from lineage_kit.naming.stores import (
        ABFSS,
        DBFS,
        GCS,
        HDFS,
        S3,
        WASBS,
        AWSGlue,
        Box,
        FileNet,
        InMemory,
        Kafka,
        LocalFileSystem,
        PubSubNaming,
        PubSubResourceType,
        RemoteFileSystem,
        SharePoint,
        UnityCatalog,
    )

__all__ = [
    "ABFSS",
    "DATE_MARK",
    "DB2",
    "DBFS",
    "GCS",
    "HDFS",
    "MSSQL",
    "S3",
    "WASBS",
    "AWSGlue",
    "Athena",
    "AzureCosmosDB",
    "AzureDataExplorer",
    "AzureSynapse",
    "BigQuery",
    "Box",
    "Cassandra",
    "CrateDB",
    "FabricWarehouse",
    "FileNet",
    "Frame",
    "Hive",
    "InMemory",
    "Kafka",
    "LocalFileSystem",
    "Located",
    "Milvus",
    "MySQL",
    "OceanBase",
    "Oracle",
    "Platform",
    "Postgres",
    "PubSubNaming",
    "PubSubResourceType",
    "Redshift",
    "RemoteFileSystem",
    "SharePoint",
    "Snowflake",
    "Spanner",
    "Teradata",
    "Trino",
    "UnityCatalog",
    "fold",
    "foldable",
    "frame",
    "locate",
    "location_text",
    "strip_credentials",
    "table",
    "unmark",
]

_HOMES = {
    "credentials": "strip_credentials",
    "dates": "DATE_MARK fold foldable unmark",
    "engines": "table",
    "frames": "Frame frame",
    "paths": "Located locate location_text",
    "platforms": (
        "DB2 MSSQL Athena AzureCosmosDB AzureDataExplorer AzureSynapse BigQuery Cassandra CrateDB "
        "FabricWarehouse Hive Milvus MySQL OceanBase Oracle Platform Postgres Redshift Snowflake "
        "Spanner Teradata Trino "
    ),
    "stores": (
        "ABFSS DBFS GCS HDFS S3 WASBS AWSGlue Box FileNet InMemory Kafka LocalFileSystem "
        "PubSubNaming PubSubResourceType RemoteFileSystem SharePoint UnityCatalog "
    ),
}


def __getattr__(name: str) -> Any:
    """Load a name on first use: a program that names one path need not load fifty platforms."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names.split():
            value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
