"""Jobs run in the Python workers of Spark, and their runs belong to the program's."""

import shutil
import sys

import pytest

from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.workers import NAMES, assert_family, run_program, write

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")

PROGRAM = """
import os, sys
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, udf

FUNCTIONS[:] = [flushed(function) for function in FUNCTIONS]

def main(*ways):
    with run("driver") as driver:
        builder = SparkSession.builder.master("local[2]").appName("etl").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        if "environment" in ways:
            builder = builder.config("spark.executorEnv.OPENLINEAGE_CONTEXT", driver.env()["OPENLINEAGE_CONTEXT"])
        spark = builder.getOrCreate()
        try:
            if os.path.exists("jobs.py"):
                spark.sparkContext.addPyFile("jobs.py")
            for way in ways:
                hand_out(spark, way, driver)
        finally:
            spark.stop()

def hand_out(spark, way, driver):
    rows = spark.createDataFrame([("monday",)], ["day"]).coalesce(1)
    partition = spark.sparkContext.parallelize(["monday"], 1)
    for task in tasks(way, driver):
        [row] = rows.select(udf(task)(col("day")).alias("day")).collect()
        assert row.day == "monday"
        assert partition.mapPartitions(lambda days, task=task: [task(day) for day in days]).collect() == ["monday"]
    if way == "propagate":
        job = propagate(in_partition)
        assert partition.mapPartitions(flushed(lambda days: list(job(days)))).collect() == ["monday"]

@lineage_job("in_partition")
def in_partition(days):
    yield from days

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


@pytest.mark.parametrize("where", ["imported", "script", "notebook"])
@pytest.mark.parametrize("ways", [("propagate", "carrier", "run"), ("environment",)], ids="-".join)
def test_jobs_travel_to_spark(folder: Folder, server: HttpServer, where: str, ways: tuple[str, ...]) -> None:
    """Functions and methods emit from a UDF and from mapPartitions of Spark, and so do generators."""
    program, module = write(folder, PROGRAM, where)
    runs = [f"{module}.{name}" for name in NAMES] * 2 * len(ways)
    runs += ["in_partition"] if "propagate" in ways else []
    python = {"PYSPARK_PYTHON": sys.executable}
    said = run_program(folder, program, server, *ways, timeout=300, **python)
    assert "lineage" not in said, said  # what Spark has to say of its own is not looked at
    events = [request.json() for request in server.requests()]
    assert_family(events, runs)


FRAME = """
from lineage_kit import run
from pyspark.sql import SparkSession

builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
spark = builder.getOrCreate()
try:
    with run("frame") as r:
        r.add_output("s3://lake/days", spark.createDataFrame([("monday", [1])], ["day", "hours"]))
finally:
    spark.stop()
"""


def test_a_frame_tells_its_columns(folder: Folder) -> None:
    """With Spark's own words for their types, and without a job of Spark's that counts rows."""
    done = folder.run(FRAME)
    assert done.returncode == 0, done.stderr
    (written,) = folder.events()[-1]["outputs"]
    assert [(one["name"], one["type"]) for one in written["facets"]["schema"]["fields"]] == [
        ("day", "string"),
        ("hours", "array<bigint>"),
    ]
    assert "outputStatistics" not in written.get("outputFacets", {})
