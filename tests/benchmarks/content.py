"""The events that are measured: the same statements for both sides, each with its own classes.

Full means what a well-described job says: two inputs and an output of 50 columns each, their sources, column lineage,
SQL, documentation, source location, owners, tags, parent, nominal time, row counts; about 9 kB an event.
"""

from types import SimpleNamespace

PRODUCER = "https://github.com/example/shop/tree/1.0"
NAMESPACE = "shop"
NAME = "orders.daily_totals"
PARENT_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
SOURCE = "postgres://warehouse.example.com:5432"
INPUTS = ("shop.public.orders", "shop.public.customers")
OUTPUT = "shop.mart.daily_totals"
COLUMNS = [f"col_{n:02d}" for n in range(50)]
SQL = """
insert into mart.daily_totals
select o.day, c.id, c.region, sum(o.amount) as amount, count(*) as orders
from public.orders o join public.customers c on c.id = o.customer
where o.day = %(day)s and o.state <> 'cancelled'
group by o.day, c.id, c.region
"""
DESCRIPTION = "Totals of all orders per day and customer, as they stand at midnight, for the finance report."


Stamps = tuple[str, str, str]  # run id, start, end

GIVEN: Stamps = (
    "01890a5d-ac96-774b-bcce-b302099a8058",
    "2026-11-23T01:00:00.000000Z",
    "2026-11-23T01:00:07.250000Z",
)


def stamps(words: SimpleNamespace) -> Stamps:
    """A new run id and two times, as each side makes them."""
    return words.new_id(), words.now(), words.now()


def minimal_pair(words: SimpleNamespace, stamps: Stamps = GIVEN) -> tuple[object, object]:
    """START and COMPLETE of a run of a job, and nothing else; `words` are the classes of one side."""
    run_id, start, end = stamps
    event, state = words.RunEvent, words.RunState
    run = words.Run(runId=run_id)
    job = words.Job(namespace=NAMESPACE, name=NAME)
    return (
        event(eventType=state.START, eventTime=start, run=run, job=job, producer=PRODUCER),
        event(eventType=state.COMPLETE, eventTime=end, run=run, job=job, producer=PRODUCER),
    )


def full_pair(words: SimpleNamespace, stamps: Stamps = GIVEN) -> tuple[object, object]:
    """START and COMPLETE of a well-described run, everything built anew."""
    return full_run(words, full_job(words), *full_datasets(words), stamps)


def full_run(
    words: SimpleNamespace, job: object, inputs: list, outputs: list, stamps: Stamps
) -> tuple[object, object]:
    """START and COMPLETE with a job and datasets that are there already."""
    run_id, start, end = stamps
    run = words.Run(runId=run_id, facets=run_facets(words))
    rest = {"run": run, "job": job, "producer": PRODUCER, "inputs": inputs, "outputs": outputs}
    return (
        words.RunEvent(eventType=words.RunState.START, eventTime=start, **rest),
        words.RunEvent(eventType=words.RunState.COMPLETE, eventTime=end, **rest),
    )


def run_facets(words: SimpleNamespace) -> dict[str, object]:
    """What is said of the run itself."""
    return {
        "parent": words.ParentRunFacet(
            run=words.ParentRun(runId=PARENT_ID),
            job=words.ParentJob(namespace=NAMESPACE, name="orders"),
            root=words.Root(
                run=words.RootRun(runId=PARENT_ID), job=words.RootJob(namespace=NAMESPACE, name="orders")
            ),
            producer=PRODUCER,
        ),
        "nominalTime": words.NominalTimeRunFacet(
            nominalStartTime="2026-11-22T00:00:00Z", nominalEndTime="2026-11-23T00:00:00Z", producer=PRODUCER
        ),
        "processing_engine": words.ProcessingEngineRunFacet(
            version="16.4", name="postgres", producer=PRODUCER
        ),
    }


def job_facets(words: SimpleNamespace) -> dict[str, object]:
    """What is said of the job."""
    return {
        "sql": words.SQLJobFacet(query=SQL, dialect="postgres", producer=PRODUCER),
        "documentation": words.DocumentationJobFacet(description=DESCRIPTION, producer=PRODUCER),
        "sourceCodeLocation": words.SourceCodeLocationJobFacet(
            type="git",
            url="https://github.com/example/shop/blob/4c1f2a/etl/orders.py",
            repoUrl="https://github.com/example/shop.git",
            path="etl/orders.py",
            version="4c1f2a9d",
            branch="main",
            producer=PRODUCER,
        ),
        "ownership": words.OwnershipJobFacet(
            owners=[
                words.Owner(name="team:finance", type="MAINTAINER"),
                words.Owner(name="user:ada", type="OWNER"),
            ],
            producer=PRODUCER,
        ),
        "tags": words.TagsJobFacet(
            tags=[words.JobTag(key=f"tag{n}", value="yes", source="USER") for n in range(4)],
            producer=PRODUCER,
        ),
        "jobType": words.JobTypeJobFacet(
            processingType="BATCH", integration="PYTHON", jobType="TASK", producer=PRODUCER
        ),
    }


def full_job(words: SimpleNamespace) -> object:
    """The job with everything that is said of it."""
    return words.Job(namespace=NAMESPACE, name=NAME, facets=job_facets(words))


def full_datasets(words: SimpleNamespace) -> tuple[list, list]:
    """Two inputs and one output, each with schema and source, the output with column lineage and counts."""
    inputs = [
        words.InputDataset(namespace=SOURCE, name=name, facets=_dataset_facets(words, name))
        for name in INPUTS
    ]
    facets = _dataset_facets(words, OUTPUT) | {"columnLineage": _column_lineage(words)}
    counts = {"outputStatistics": words.OutputStatistics(rowCount=336776, size=18112004, producer=PRODUCER)}
    return inputs, [words.OutputDataset(namespace=SOURCE, name=OUTPUT, facets=facets, outputFacets=counts)]


def _dataset_facets(words: SimpleNamespace, name: str) -> dict[str, object]:
    columns = [words.SchemaField(name=name, type="text") for name in COLUMNS]
    return {
        "schema": words.SchemaDatasetFacet(fields=columns, producer=PRODUCER),
        "dataSource": words.DatasourceDatasetFacet(name=name, uri=SOURCE, producer=PRODUCER),
    }


def _column_lineage(words: SimpleNamespace) -> object:
    fields = {
        name: words.Fields(inputFields=[words.InputField(namespace=SOURCE, name=INPUTS[0], field=name)])
        for name in COLUMNS[:5]
    }
    return words.ColumnLineageDatasetFacet(fields=fields, producer=PRODUCER)
