"""The golden table: what people write, and the namespace and name it stands for."""

from pathlib import Path

import pytest

from lineage_kit.naming import fold, locate

# CWD and HOME stand for the working and home directory; a third column is the name after folding, where it differs.
GOLDEN = r"""
# object stores
s3://raw/orders                                           s3://raw | orders
s3://raw/orders/                                          s3://raw | orders
s3://raw//orders//eu                                      s3://raw | orders//eu
s3a://raw/orders/part-00000.snappy.parquet                s3://raw | orders/part-00000.snappy.parquet | orders
s3n://raw/Orders/EU.csv                                   s3://raw | Orders/EU.csv
S3://raw/orders                                           s3://raw | orders
s3:/raw/orders                                            s3://raw | orders
s3://raw                                                  s3://raw | /
s3://AKIAEXAMPLE:wJalr@raw/orders                         s3://raw | orders
s3://raw/orders?versionId=abc#x                           s3://raw | orders
s3://raw/a%20b.csv                                        s3://raw | a%20b.csv
s3://minio:9000/raw/orders.csv                            s3://minio:9000 | raw/orders.csv
gs://lake/orders/*.parquet                                gs://lake | orders/*.parquet | orders
gcs://lake/orders                                         gs://lake | orders
abfss://raw@lake.dfs.core.windows.net/orders              abfss://raw@lake.dfs.core.windows.net | orders
abfs://raw@Lake.dfs.core.windows.net/orders/              abfss://raw@lake.dfs.core.windows.net | orders
abfss://raw@lake.dfs.core.windows.net/orders?sig=abc      abfss://raw@lake.dfs.core.windows.net | orders
wasbs://raw@lake.blob.core.windows.net/orders             wasbs://raw@lake.blob.core.windows.net | orders
wasb://raw:secret@lake.blob.core.windows.net/orders       wasbs://raw@lake.blob.core.windows.net | orders
az://raw/orders.csv                                       az://raw | orders.csv
oss://raw/orders.csv                                      oss://raw | orders.csv
arn:aws:s3:::raw/orders.csv                               s3://raw | orders.csv
# objects by their address on the web
https://raw.s3.amazonaws.com/o%20x.csv?X-Amz-Signature=a  s3://raw | o x.csv
https://raw.s3.eu-west-1.amazonaws.com/orders.csv         s3://raw | orders.csv
https://my.raw.s3-us-west-2.amazonaws.com/orders.csv      s3://my.raw | orders.csv
https://s3.amazonaws.com/raw/orders.csv                   s3://raw | orders.csv
https://storage.googleapis.com/lake/orders.csv            gs://lake | orders.csv
https://lake.storage.googleapis.com/orders.csv            gs://lake | orders.csv
https://lake.blob.core.windows.net/raw/orders.csv?sig=x   wasbs://raw@lake.blob.core.windows.net | orders.csv
https://lake.dfs.core.windows.net/raw/orders.csv          abfss://raw@lake.dfs.core.windows.net | orders.csv
# file systems
hdfs://nn/warehouse/orders                                hdfs://nn:8020 | /warehouse/orders
hdfs://NN:9000/warehouse/orders/                          hdfs://nn:9000 | /warehouse/orders
hdfs:///warehouse/orders                                  hdfs | /warehouse/orders
dbfs:/mnt/orders                                          dbfs | /mnt/orders
dbfs:///mnt/orders                                        dbfs | /mnt/orders
dbfs://ws/mnt/orders                                      dbfs://ws | /mnt/orders
sftp://me:pw@host:2222/in/orders.csv                      sftp://host:2222 | /in/orders.csv
ftp://host/in/orders.csv                                  ftp://host | /in/orders.csv
adl://lake.azuredatalakestore.net/orders                  adl://lake.azuredatalakestore.net | /orders
memory://scratch                                          inmemory:// | scratch
inmemory://scratch                                        inmemory:// | scratch
box://api.box.com/42/orders.xlsx                          box://api.box.com:443/42 | orders.xlsx
filenet://docs:9443/repo/a/b                              filenet://docs:9443/repo | a/b
mssharepoint://acme.sharepoint.com/sales/orders.xlsx      mssharepoint://acme.sharepoint.com:443/sales | orders.xlsx
# local paths
/data/orders.csv                                          file | /data/orders.csv
/data//orders/../orders.csv                               file | /data/orders.csv
//data/orders.csv                                         file | /data/orders.csv
/data/orders/                                             file | /data/orders
/                                                         file | /
orders.csv                                                file | CWD/orders.csv
ORDERS.CSV                                                file | CWD/ORDERS.CSV
./orders                                                  file | CWD/orders
in/orders                                                 file | CWD/in/orders
.                                                         file | CWD
~/orders.csv                                              file | HOME/orders.csv
~                                                         file | HOME
/data/my orders (1).csv                                   file | /data/my orders (1).csv
/data/100%.csv                                            file | /data/100%.csv
/data/a?b#c.csv                                           file | /data/a?b#c.csv
/données/commandes.csv                                    file | /données/commandes.csv
/data/user@host:x.csv                                     file | /data/user@host:x.csv
a:b.csv                                                   file | CWD/a:b.csv
file:///data/orders.csv                                   file | /data/orders.csv
file:/data/orders.csv                                     file | /data/orders.csv
file://localhost/data/orders.csv                          file | /data/orders.csv
file:///data/my%20orders.csv                              file | /data/my orders.csv
file://NAS/share/orders.csv                               file://nas | /share/orders.csv
C:\data\orders.csv                                      file | C:/data/orders.csv
c:/data/orders.csv                                        file | C:/data/orders.csv
C:\                                                      file | C:/
file:///C:/data/orders.csv                                file | C:/data/orders.csv
\\NAS\share\orders.csv                                file://nas | /share/orders.csv
{{literal}}.csv                                           file | CWD/{literal}.csv
# web pages
https://example.com/data/orders.csv                       https://example.com | /data/orders.csv
https://Example.com:443/data/orders.csv?key=s#f           https://example.com | /data/orders.csv
http://me:pw@example.com:8080/orders                      http://example.com:8080 | /orders
https://example.com                                       https://example.com | /
# databases: database, schema and table in the path
postgres://db/shop/public/orders                          postgres://db:5432 | shop.public.orders
postgresql://db/shop.public.orders                        postgres://db:5432 | shop.public.orders
postgresql://db/shop/orders                               postgres://db:5432 | shop.public.orders
postgresql+psycopg2://me:pw@DB.Example/shop/sales.orders  postgres://db.example:5432 | shop.sales.orders
postgres://me:p%40w%2F@db:6543/shop/orders                postgres://db:6543 | shop.public.orders
postgres://me:p@w@db/shop/orders                          postgres://db:5432 | shop.public.orders
postgres://me:pw@[::1]:5433/shop/orders                   postgres://[::1]:5433 | shop.public.orders
postgresql://a:1,b:2/shop/orders                          postgres://a:1 | shop.public.orders
postgresql:///shop/orders                                 postgres://localhost:5432 | shop.public.orders
postgresql:///shop/orders?host=db&port=6000&password=pw   postgres://db:6000 | shop.public.orders
postgresql://db/shop/orders?sslmode=require&user=me       postgres://db:5432 | shop.public.orders
postgres://db/my%2Eshop/public/orders                     postgres://db:5432 | my.shop.public.orders
cockroachdb://db/shop/orders                              cockroachdb://db:26257 | shop.public.orders
mysql+pymysql://me:pw@db/shop/orders                      mysql://db:3306 | shop.orders
mariadb+mariadbconnector://db:3307/shop/orders            mysql://db:3307 | shop.orders
oceanbase://db/shop/orders                                oceanbase://db:2881 | shop.orders
mssql+pyodbc://sa:pw@db/shop/orders?driver=ODBC+Driver    mssql://db:1433 | shop.dbo.orders
mssql://w.sql.azuresynapse.net/shop/dbo/orders            sqlserver://w.sql.azuresynapse.net:1433 | dbo.orders
mssql://w.datawarehouse.fabric.microsoft.com/s/dbo/o fabric-warehouse://w.datawarehouse.fabric.microsoft.com | s.dbo.o
redshift+psycopg2://c.x1.eu-west-1.redshift.amazonaws.com/dev/orders   redshift://c.eu-west-1:5439 | dev.public.orders
oracle+oracledb://me:pw@db/orcl/sales/orders              oracle://db:1521 | orcl.sales.orders
db2+ibm_db://me:pw@db/shop/sales/orders                   db2://db:50000 | shop.sales.orders
ibm_db_sa://db:446/shop/sales/orders                      db2://db:446 | shop.sales.orders
crate://db/doc/orders                                     crate://db:4200 | crate.doc.orders
cassandra://db/shop/orders                                cassandra://db:9042 | shop.orders
clickhouse+native://db:9000/shop/orders                   clickhouse://db:9000 | shop.orders
hive://db/shop/orders                                     hive://db:10000 | shop.orders
teradatasql://me:pw@db/shop/orders                        teradata://db:1025 | shop.orders
trino://me@db/hive/sales/orders                           trino://db:8080 | hive.sales.orders
trino://db:443/hive/sales/orders                          trino://db:443 | hive.sales.orders
presto://db/hive/sales/orders                             presto://db:8080 | hive.sales.orders
snowflake://me:pw@acme-prod/SHOP/PUBLIC/ORDERS?role=x     snowflake://acme-prod | SHOP.PUBLIC.ORDERS
snowflake://acme-prod.snowflakecomputing.com/SHOP/ORDERS  snowflake://acme-prod | SHOP.PUBLIC.ORDERS
snowflake://me:pw@xy12345/SHOP/PUBLIC/ORDERS              snowflake://xy12345.us-west-1.aws | SHOP.PUBLIC.ORDERS
snowflake://xy12345.eu-west-1/SHOP/PUBLIC/ORDERS          snowflake://xy12345.eu-west-1.aws | SHOP.PUBLIC.ORDERS
snowflake://xy1.east-us-2.azure/SHOP/PUBLIC/ORDERS        snowflake://xy1.east-us-2.azure | SHOP.PUBLIC.ORDERS
bigquery://acme/sales/orders                              bigquery | acme.sales.orders
bigquery://acme.sales.orders                              bigquery | acme.sales.orders
bq://acme/sales.orders                                    bigquery | acme.sales.orders
awsathena+rest://k:s@athena.eu-west-1.amazonaws.com/s/o awsathena://athena.eu-west-1.amazonaws.com | AwsDataCatalog.s.o
arn:aws:glue:eu-west-1:123456789012:table/sales/orders    arn:aws:glue:eu-west-1:123456789012 | table/sales/orders
spanner:///projects/p/instances/i/databases/shop/orders   spanner://p:i | shop.orders
databricks://token:dapi@adb-1.example.net/main/sales/orders unitycatalog://adb-1.example.net | main.sales.orders
unitycatalog://uc.example:8443/main/sales/orders          unitycatalog://uc.example:8443 | main.sales.orders
milvus://db/shop/vectors                                  milvus://db:19530 | shop.vectors
mongodb+srv://me:pw@db.example/shop/orders                mongodb://db.example:27017 | shop.orders
azurecosmos://acme.documents.azure.com/dbs/shop/colls/o   azurecosmos://acme.documents.azure.com/dbs/shop | colls/o
https://acme.documents.azure.com:443/dbs/shop/colls/o     azurecosmos://acme.documents.azure.com/dbs/shop | colls/o
https://acme.kusto.windows.net/logs/errors                azurekusto://acme.kusto.windows.net | logs/errors
azurekusto://acme/logs/errors                             azurekusto://acme.kusto.windows.net | logs/errors
# JDBC
jdbc:postgresql://db/shop/public/orders                   postgres://db:5432 | shop.public.orders
jdbc:mysql:loadbalance://a:3306,b:3306/shop/orders        mysql://a:3306 | shop.orders
jdbc:sqlserver://db\INST/shop/dbo/orders                 mssql://db/inst | shop.dbo.orders
jdbc:oracle:thin:scott/tiger@//db:1521/orcl/sales/orders  oracle://db:1521 | orcl.sales.orders
jdbc:oracle:thin:@db:1521:orcl/sales/orders               oracle://db:1521 | orcl.sales.orders
jdbc:db2://db:50000/shop/sales/orders:user=me;password=x; db2://db:50000 | shop.sales.orders
# streams
kafka://broker:9092/orders                                kafka://broker:9092 | orders
kafka://A,b:9093/orders                                   kafka://a:9092 | orders
pubsub://projects/acme/topics/orders                      pubsub | topic:acme:orders
pubsub:///projects/acme/subscriptions/orders              pubsub | subscription:acme:orders
# templates
data/{day}.csv                                            file | CWD/data/{day}.csv
s3://raw/{table}/{day:%Y/%m}.csv                          s3://raw | {table}/{day:%Y/%m}.csv
s3://{bucket}/{day}/orders                                s3://{bucket} | {day}/orders
postgres://{host}/{db}/public/{table}                     postgres://{host}:5432 | {db}.public.{table}
/data/{a.b[0]}/{{x}}.csv                                  file | /data/{a.b[0]}/{{x}}.csv
hdfs://nn:{port}/{path}                                   hdfs://nn:{port} | /{path}
{source}                                                  file | {source}
# dates
s3://raw/orders/2026-11-22.csv                            s3://raw | orders/2026-11-22.csv | orders
s3://raw/orders/day=2026-11-22/part-0.parquet             s3://raw | orders/day=2026-11-22/part-0.parquet | orders
s3://raw/20261122/orders.csv                              s3://raw | 20261122/orders.csv | */orders.csv
/data/raw/orders_2026-11-22.csv file | /data/raw/orders_2026-11-22.csv | /data/raw/orders_*.csv
hdfs://nn/log/2026/11/22/13                               hdfs://nn:8020 | /log/2026/11/22/13 | /log
gs://lake/2026-11-22.csv                                  gs://lake | 2026-11-22.csv | *.csv
https://example.com/2026-11-22/orders.csv                 https://example.com | /2026-11-22/orders.csv | /*/orders.csv
postgres://db/shop/public/orders_20261122                 postgres://db:5432 | shop.public.orders_20261122
kafka://broker/orders-2026-11-22                          kafka://broker:9092 | orders-2026-11-22
"""
ROWS = [line for line in GOLDEN.splitlines() if line.strip() and not line.startswith("#")]


def _columns(row: str) -> tuple[str, str, str, str]:
    left, *rest = row.split(" | ")
    text, _, namespace = left.rpartition(" ")
    return text.strip(), namespace, rest[0].strip(), rest[-1].strip()


@pytest.mark.parametrize("row", ROWS)
def test_each_text_has_the_name_of_the_table(row: str) -> None:
    """Every row of the golden table holds: namespace, name and folded name."""
    text, namespace, name, folded = _columns(row)
    places = {"CWD": Path.cwd().as_posix(), "HOME": Path.home().as_posix()}
    for word, place in places.items():
        name, folded = name.replace(word, place), folded.replace(word, place)
    located = locate(text)
    assert (located.namespace, located.name) == (namespace, name)
    assert located.is_template == ("{" in text and "{{literal" not in text)
    if not located.is_template and not any(place in name for place in places.values()):
        assert fold(namespace, name) == folded


def test_the_table_is_long() -> None:
    """The golden table has at least a hundred and fifty rows, none of them twice."""
    assert len(ROWS) >= 150
    assert len({_columns(row)[0] for row in ROWS}) == len(ROWS)
