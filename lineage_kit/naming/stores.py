"""Helper classes for files, objects, streams, documents and catalogs, one per row of the OpenLineage naming table."""

from __future__ import annotations

from enum import Enum
from typing import Any

from lineage_kit.errors import NamingError
from lineage_kit.naming.platforms import Platform


class ABFSS(Platform, namespace="abfss://{container}@{service}.dfs.core.windows.net", name="{path}"):
    """A path in Azure Data Lake Storage Gen2."""

    container: str
    service: str
    path: str


class AWSGlue(
    Platform, namespace="arn:aws:glue:{region_name}:{account_id}", name="table/{database_name}/{table_name}"
):
    """A table of the AWS Glue data catalog."""

    region_name: str
    account_id: str
    database_name: str
    table_name: str


class Box(Platform, namespace="box://{host}:{port}/{enterprise_id}", name="{object_key}"):
    """A document in Box."""

    host: str
    port: str | int
    enterprise_id: str
    object_key: str


class DBFS(Platform, namespace="dbfs://{workspace}", name="{path}"):
    """A path in the Databricks file system."""

    workspace: str
    path: str


class FileNet(Platform, namespace="filenet://{host}:{port}/{repository_id}", name="{object_key}"):
    """A document in FileNet."""

    host: str
    port: str | int
    repository_id: str
    object_key: str


class GCS(Platform, namespace="gs://{bucket_name}", name="{object_key}"):
    """An object in Google Cloud Storage."""

    bucket_name: str
    object_key: str


class HDFS(Platform, namespace="hdfs://{namenode_host}:{namenode_port}", name="{path}"):
    """A path in HDFS."""

    namenode_host: str
    namenode_port: str | int
    path: str


class InMemory(Platform, namespace="inmemory://", name="{dataset}"):
    """A dataset that only lives in a process; ``dataset`` is its name or id."""

    dataset: str


class Kafka(Platform, namespace="kafka://{bootstrap_server_host}:{port}", name="{topic}"):
    """A topic of Apache Kafka."""

    bootstrap_server_host: str
    port: str | int
    topic: str


class LocalFileSystem(Platform, namespace="file", name="{path}"):
    """A path on this machine."""

    path: str


class RemoteFileSystem(Platform, namespace="file://{host}", name="{path}"):
    """A path on another machine."""

    host: str
    path: str


class S3(Platform, namespace="s3://{bucket_name}", name="{object_key}"):
    """An object in Amazon S3."""

    bucket_name: str
    object_key: str


class SharePoint(Platform, namespace="mssharepoint://{host}:{port}/{site}", name="{object_key}"):
    """A document in SharePoint."""

    host: str
    port: str | int
    site: str
    object_key: str


class WASBS(
    Platform, namespace="wasbs://{container}@{service_name}.dfs.core.windows.net", name="{object_key}"
):
    """An object in Azure Blob Storage, with the host as the naming table writes it."""

    container: str
    service_name: str
    object_key: str


class PubSubResourceType(Enum):
    """What a Pub/Sub dataset is."""

    TOPIC = "topic"
    SUBSCRIPTION = "subscription"


class PubSubNaming(Platform, namespace="pubsub", name="{resource_type}:{project_id}:{resource_id}"):
    """A topic or subscription of Google Pub/Sub; the type is a PubSubResourceType or its text."""

    resource_type: PubSubResourceType | str
    project_id: str
    resource_id: str

    def __init__(self, resource_type: PubSubResourceType | str, *values: Any, **named: Any) -> None:
        kind = resource_type.value if isinstance(resource_type, PubSubResourceType) else resource_type
        if kind not in ("topic", "subscription"):
            raise NamingError(
                f"PubSubNaming needs 'topic' or 'subscription' as resource_type, got {kind!r:.80}"
            )
        super().__init__(kind, *values, **named)


class UnityCatalog(Platform, namespace="unitycatalog://{host}", name="{catalog}.{schema}.{table}"):
    """A table of Unity Catalog; ``host`` is that of the workspace, with a port only where one is needed."""

    host: str
    catalog: str
    schema: str
    table: str
