"""The helper classes: one per row of the naming table, equal to what URLs give."""

import pytest

from lineage_kit import naming
from lineage_kit.errors import NamingError
from lineage_kit.naming import Platform, locate

ROWS = [
    ("Athena", ("eu-west-1", "cat", "db", "t"), "awsathena://athena.eu-west-1.amazonaws.com", "cat.db.t"),
    ("AWSGlue", ("eu-west-1", "123", "db", "t"), "arn:aws:glue:eu-west-1:123", "table/db/t"),
    ("AzureCosmosDB", ("host", "db", "t"), "azurecosmos://host/dbs/db", "colls/t"),
    ("AzureDataExplorer", ("host", "db", "t"), "azurekusto://host.kusto.windows.net", "db/t"),
    ("AzureSynapse", ("host", "1433", "dbo", "t"), "sqlserver://host:1433", "dbo.t"),
    ("BigQuery", ("project", "set", "t"), "bigquery", "project.set.t"),
    ("Cassandra", ("host", "9042", "ks", "t"), "cassandra://host:9042", "ks.t"),
    ("MySQL", ("host", "3306", "db", "t"), "mysql://host:3306", "db.t"),
    ("OceanBase", ("host", "2881", "db", "t"), "oceanbase://host:2881", "db.t"),
    ("Teradata", ("host", "1025", "db", "t"), "teradata://host:1025", "db.t"),
    ("Hive", ("host", "10000", "db", "t"), "hive://host:10000", "db.t"),
    ("CrateDB", ("host", "5432", "db", "s", "t"), "crate://host:5432", "db.s.t"),
    ("DB2", ("host", "50000", "db", "s", "t"), "db2://host:50000", "db.s.t"),
    ("Postgres", ("host", "5432", "db", "s", "t"), "postgres://host:5432", "db.s.t"),
    ("Oracle", ("host", "1521", "orcl", "s", "t"), "oracle://host:1521", "orcl.s.t"),
    ("Redshift", ("cl", "eu-west-1", "5439", "db", "s", "t"), "redshift://cl.eu-west-1:5439", "db.s.t"),
    ("Snowflake", ("acme", "prod", "db", "s", "t"), "snowflake://acme-prod", "db.s.t"),
    ("Trino", ("host", "8080", "cat", "s", "t"), "trino://host:8080", "cat.s.t"),
    ("ABFSS", ("box", "lake", "a/b"), "abfss://box@lake.dfs.core.windows.net", "a/b"),
    ("WASBS", ("box", "lake", "a/b"), "wasbs://box@lake.dfs.core.windows.net", "a/b"),
    ("DBFS", ("ws", "/a/b"), "dbfs://ws", "/a/b"),
    ("GCS", ("bucket", "a/b"), "gs://bucket", "a/b"),
    ("S3", ("bucket", "a/b"), "s3://bucket", "a/b"),
    ("HDFS", ("nn", "8020", "/a/b"), "hdfs://nn:8020", "/a/b"),
    ("Kafka", ("broker", "9092", "topic"), "kafka://broker:9092", "topic"),
    ("LocalFileSystem", ("/a/b",), "file", "/a/b"),
    ("RemoteFileSystem", ("host", "/a/b"), "file://host", "/a/b"),
    ("PubSubNaming", ("topic", "project", "id"), "pubsub", "topic:project:id"),
    ("MSSQL", ("host", "1433", "db", "dbo", "t"), "mssql://host:1433", "db.dbo.t"),
    ("Spanner", ("project", "instance", "db", "s", "t"), "spanner://project:instance", "db.s.t"),
    ("Milvus", ("host", "19530", "db", "c"), "milvus://host:19530", "db.c"),
    (
        "FabricWarehouse",
        ("w.fabric.microsoft.com", "db", "s", "t"),
        "fabric-warehouse://w.fabric.microsoft.com",
        "db.s.t",
    ),
    ("UnityCatalog", ("host", "cat", "s", "t"), "unitycatalog://host", "cat.s.t"),
    ("Box", ("host", "443", "ent", "k"), "box://host:443/ent", "k"),
    ("FileNet", ("host", "443", "repo", "k"), "filenet://host:443/repo", "k"),
    ("SharePoint", ("host", "443", "site", "k"), "mssharepoint://host:443/site", "k"),
    ("InMemory", ("scratch",), "inmemory://", "scratch"),
]
NAMES = [row[0] for row in ROWS]


@pytest.mark.parametrize(("name", "values", "namespace", "full"), ROWS, ids=NAMES)
def test_each_platform_writes_its_row(name: str, values: tuple[str, ...], namespace: str, full: str) -> None:
    """Values by position and by keyword give namespace and name as the naming table writes them."""
    kind = getattr(naming, name)
    for made in (kind(*values), kind(**dict(zip(kind.fields, values, strict=True)))):
        assert made.get_namespace() == namespace
        assert made.get_name() == full
    assert kind(*values) == kind(*values)
    assert hash(kind(*values)) == hash(kind(*values))
    assert namespace in repr(kind(*values))


@pytest.mark.parametrize(("name", "values", "namespace", "full"), ROWS, ids=NAMES)
def test_no_field_may_be_missing_or_blank(
    name: str, values: tuple[str, ...], namespace: str, full: str
) -> None:
    """A blank, absent or foreign value is a ValueError that names the field."""
    kind = getattr(naming, name)
    for index, field in enumerate(kind.fields):
        for bad in ("", "  ", None, 3.5, b"x"):
            with pytest.raises(ValueError, match=field):
                kind(*values[:index], bad, *values[index + 1 :])


def test_a_port_may_be_a_number() -> None:
    """An int is taken for a port, and only there."""
    assert naming.Postgres("db", 5432, "shop", "public", "t").get_namespace() == "postgres://db:5432"
    with pytest.raises(NamingError, match="schema"):
        naming.Postgres("db", 5432, "shop", 7, "t")  # type: ignore[arg-type]
    with pytest.raises(NamingError, match="port"):
        naming.Postgres("db", True, "shop", "public", "t")


def test_misspelled_fields_are_told_with_the_nearest() -> None:
    """An unknown keyword names the platform's fields and the one that was probably meant."""
    with pytest.raises(NamingError, match="did you mean 'organization_name'"):
        naming.Snowflake(organisation_name="a", account_name="b", database="c", schema="d", table="e")  # type: ignore[call-arg]
    with pytest.raises(NamingError, match="takes 2 values"):
        naming.S3("a", "b", "c")  # type: ignore[call-arg]
    with pytest.raises(NamingError, match="twice"):
        naming.S3("a", bucket_name="a", object_key="b")  # type: ignore[misc]


def test_a_platform_cannot_be_changed() -> None:
    """What was made stays as it is."""
    made = naming.S3("bucket", "key")
    with pytest.raises(AttributeError, match="cannot be changed"):
        made.object_key = "other"  # type: ignore[misc]


def test_pubsub_knows_topics_and_subscriptions() -> None:
    """The resource type is the enumeration or its text, and nothing else."""
    kinds = naming.PubSubResourceType
    assert naming.PubSubNaming(kinds.SUBSCRIPTION, "p", "s").get_name() == "subscription:p:s"
    assert naming.PubSubNaming("subscription", "p", "s").get_name() == "subscription:p:s"
    with pytest.raises(NamingError, match="resource_type"):
        naming.PubSubNaming("queue", "p", "s")


def test_credentials_before_a_host_are_left_out() -> None:
    """Who puts a user and password into a host does not get them back."""
    made = naming.Postgres("me:hunter2@db", "5432", "shop", "public", "t")
    assert made.get_namespace() == "postgres://db:5432"


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        (naming.Postgres("db", 5432, "shop", "public", "t"), "postgresql://db/shop/public/t"),
        (naming.MySQL("db", 3306, "shop", "t"), "mysql+pymysql://db/shop/t"),
        (naming.MSSQL("db", 1433, "shop", "dbo", "t"), "mssql+pyodbc://db/shop/dbo/t"),
        (naming.Snowflake("acme", "prod", "DB", "S", "T"), "snowflake://me:pw@acme-prod/DB/S/T"),
        (naming.BigQuery("p", "d", "t"), "bigquery://p/d/t"),
        (
            naming.Redshift("c", "eu-west-1", 5439, "d", "s", "t"),
            "redshift://c.x.eu-west-1.redshift.amazonaws.com/d/s/t",
        ),
        (
            naming.Athena("eu-west-1", "AwsDataCatalog", "d", "t"),
            "awsathena://athena.eu-west-1.amazonaws.com/d/t",
        ),
        (naming.AWSGlue("eu-west-1", "123", "d", "t"), "arn:aws:glue:eu-west-1:123:table/d/t"),
        (naming.AzureDataExplorer("c", "d", "t"), "https://c.kusto.windows.net/d/t"),
        (naming.AzureCosmosDB("h", "d", "t"), "azurecosmos://h/dbs/d/colls/t"),
        (naming.Trino("h", 8080, "c", "s", "t"), "trino://h/c/s/t"),
        (naming.Oracle("h", 1521, "o", "s", "t"), "oracle://h/o/s/t"),
        (naming.UnityCatalog("h", "c", "s", "t"), "databricks://token:x@h/c/s/t"),
        (naming.Spanner("p", "i", "d", "s", "t"), "spanner:///projects/p/instances/i/databases/d/s/t"),
        (naming.S3("b", "k"), "s3a://b/k"),
        (naming.GCS("b", "k"), "gs://b/k"),
        (naming.ABFSS("c", "a", "k"), "abfss://c@a.dfs.core.windows.net/k"),
        (naming.HDFS("nn", 8020, "/k"), "hdfs://nn/k"),
        (naming.DBFS("ws", "/k"), "dbfs://ws/k"),
        (naming.Kafka("b", 9092, "t"), "kafka://b/t"),
        (naming.PubSubNaming("topic", "p", "t"), "pubsub://projects/p/topics/t"),
        (naming.RemoteFileSystem("h", "/k"), "file://h/k"),
        (naming.LocalFileSystem("/k"), "file:///k"),
        (naming.InMemory("x"), "inmemory://x"),
    ],
)
def test_platforms_and_urls_agree(platform: Platform, url: str) -> None:
    """The helper and the URL of one table are one dataset."""
    assert (platform.get_namespace(), platform.get_name()) == locate(url)[:2]
