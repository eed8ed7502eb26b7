"""What an output was made of: `derived_from` and `columns` in the facets of the standard, under the run's names."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from lineage_kit import Dataset, configure, lineage_job, run
from lineage_kit.event.check import problems
from lineage_kit.facets import (
    ColumnLineageDatasetFacet,
    Fields,
    InputField,
    LineageDatasetEntry,
    LineageDatasetInput,
    LineageJobFacet,
    SchemaDatasetFacet,
    SchemaDatasetFacetFields,
    Transformation,
)
from lineage_kit.testing import record_events
from lineage_kit.transport import MemoryTransport

SHOP = Dataset("postgres://db:5432", "shop.public.orders")
RATES = Dataset("postgres://db:5432", "shop.public.rates")
OUT = Dataset("s3://lake", "totals")


@pytest.fixture
def events():
    """Everything emitted, every event flawless."""
    with record_events() as recording:
        yield recording
    for body in recording.bodies:
        assert problems(body) == []


def schema(*names):
    """The schema of data with these columns."""
    return SchemaDatasetFacet([SchemaDatasetFacetFields(name) for name in names])


def last(events):
    """The last event as JSON."""
    return json.loads(events.bodies[-1])


def entries(event):
    """The target's name → ([names of its sources] or None, {column: ["dataset.column"]}) of the job's edges."""
    facet = event["job"]["facets"].get("lineage", {"entries": []})
    return {
        entry["name"]: (
            [source["name"] for source in entry["inputs"]] if "inputs" in entry else None,
            {column: _ends(made["inputs"]) for column, made in entry.get("fields", {}).items()},
        )
        for entry in facet["entries"]
    }


def columns(dataset):
    """{column: ["dataset.column"]} of the ``columnLineage`` facet of a dataset."""
    fields = dataset["facets"]["columnLineage"]["fields"]
    return {column: _ends(made["inputFields"]) for column, made in fields.items()}


def _ends(inputs):
    return [f"{one['name']}.{one['field']}" if "field" in one else one["name"] for one in inputs]


def test_columns_of_datasets_are_told_in_both_facets(events):
    """A column made of columns stands in columnLineage and in the job's lineage, on every later event."""
    with run("job", inputs=[SHOP, RATES]) as r:
        r.add_output(OUT, columns={"total": [SHOP["amount"], RATES["rate"]], "day": SHOP["day"]})
        r.heartbeat()
    made = {
        "total": ["shop.public.orders.amount", "shop.public.rates.rate"],
        "day": ["shop.public.orders.day"],
    }
    start, running, complete = (json.loads(body) for body in events.bodies)
    assert entries(start) == {}
    for event in (running, complete):
        assert entries(event) == {"totals": (None, made)}
        assert columns(event["outputs"][0]) == made


def test_derived_from_narrows_each_output(events):
    """Two outputs of different inputs each name their own; what add_input handed back names an input."""
    with run("job") as r:
        orders, rates = r.add_input("raw/orders.csv"), r.add_input(Path("raw/rates.csv"))
        r.add_output("out/a.parquet", derived_from=orders)
        r.add_output("out/b.parquet", derived_from=[orders, rates, SHOP])
    event = last(events)
    here = Path.cwd()
    assert entries(event) == {
        f"{here}/out/a.parquet": ([f"{here}/raw/orders.csv"], {}),
        f"{here}/out/b.parquet": (
            [f"{here}/raw/orders.csv", f"{here}/raw/rates.csv", "shop.public.orders"],
            {},
        ),
    }
    assert "columnLineage" not in json.dumps(event)
    assert [dataset["name"] for dataset in event["inputs"]][-1] == "shop.public.orders"


def test_what_edges_name_becomes_an_input_unless_the_run_wrote_it(events):
    """Sources that were not noted are inputs from then on; a stage that the run wrote itself is not."""
    with run("job") as r:
        r.add_output("out/stage.parquet", derived_from="raw/a.csv")
        r.add_output(OUT, derived_from="out/stage.parquet", columns={"n": RATES["n"]})
    event = last(events)
    here = Path.cwd()
    assert [one["name"] for one in event["inputs"]] == [f"{here}/raw/a.csv", "shop.public.rates"]
    assert entries(event)["totals"][0] == [f"{here}/out/stage.parquet", "shop.public.rates"]


def test_a_column_in_derived_from_is_one_that_all_rows_depend_on(events):
    """Filters and joins: the dataset list of columnLineage, and a dataset-wide input with a field."""
    with run("job", inputs=SHOP) as r:
        r.add_output(OUT, derived_from=[SHOP, SHOP["day"]])
    event = last(events)
    facet = event["outputs"][0]["facets"]["columnLineage"]
    assert (facet["fields"], _ends(facet["dataset"])) == ({}, ["shop.public.orders.day"])
    inputs = event["job"]["facets"]["lineage"]["entries"][0]["inputs"]
    assert _ends(inputs) == ["shop.public.orders", "shop.public.orders.day"]


def test_an_empty_list_says_made_of_nothing(events):
    """``derived_from=[]`` and an empty list of sources are told; None is not."""
    with run("job", inputs=SHOP) as r:
        r.add_output(OUT, derived_from=[], columns={"loaded_at": [], "unknown": None})
        r.add_output("s3://lake/other", derived_from=None)
    assert entries(last(events)) == {"totals": ([], {"loaded_at": []})}
    assert columns(last(events)["outputs"][0]) == {"loaded_at": []}


def test_edges_of_several_calls_are_united(events):
    """Each batch adds its sources and columns; what was told before stays, once."""
    with run("job", inputs=[SHOP, RATES]) as r:
        for _ in range(3):
            r.add_output(OUT, rows=1, derived_from=SHOP, columns={"total": SHOP["amount"]})
        r.add_output(OUT, derived_from=RATES, columns={"total": RATES["rate"], "day": SHOP["day"]})
    made = {
        "total": ["shop.public.orders.amount", "shop.public.rates.rate"],
        "day": ["shop.public.orders.day"],
    }
    event = last(events)
    assert entries(event) == {"totals": (["shop.public.orders", "shop.public.rates"], made)}
    assert columns(event["outputs"][0]) == made


def test_names_in_edges_are_those_of_the_datasets():
    """Aliases, dates and partitions are settled in edges as they are in inputs and outputs, once."""
    transport = MemoryTransport()
    aliases = {"warehouse": "old", "old": "mysql://new:3306"}  # taken once, not twice
    configure(transport=transport, config={"namespaces": aliases})
    warehouse = Dataset("warehouse", "shop.public.orders")
    told = LineageJobFacet(
        [LineageDatasetEntry("s3://lake", "x/2026-11-22.csv", inputs=[LineageDatasetInput("warehouse", "t")])]
    )
    declared = Dataset(
        "s3://lake",
        "y",
        {"columnLineage": ColumnLineageDatasetFacet({"a": Fields([InputField("warehouse", "t", "a")])})},
    )
    with run("job", inputs=warehouse, outputs=declared, facets=told) as r:
        source = r.add_input("s3://raw/orders/day=2026-11-22/part-0.parquet")
        columns_ = {"total": [warehouse["amount"], InputField("warehouse", "t", "b")]}
        r.add_output("s3://lake/totals/2026-11-22.csv", derived_from=source, columns=columns_)
        r.add_job_facet(LineageJobFacet([LineageDatasetEntry("warehouse", "z")]))
        r.add_output("s3://lake/w", facets=declared.facets["columnLineage"])
    event = json.loads(transport.envelopes[-1].body)
    known = {(one["namespace"], one["name"]) for one in event["inputs"] + event["outputs"]}
    mentioned = {
        (part["namespace"], part["name"])
        for facet in (event["job"]["facets"]["lineage"], *(one.get("facets") for one in event["outputs"]))
        for part in _named(facet)
    }
    by_hand = {("old", "t"), ("s3://lake", "x"), ("old", "z")}
    assert mentioned - known <= by_hand
    assert {*by_hand, ("old", "shop.public.orders"), ("s3://raw", "orders")} <= mentioned
    assert ("s3://lake", "totals") in mentioned


def _named(part):
    """Every object in a tree that has a namespace."""
    if isinstance(part, dict):
        if "namespace" in part:
            yield part
        for value in part.values():
            yield from _named(value)
    elif isinstance(part, list):
        for value in part:
            yield from _named(value)


def test_a_plain_text_is_a_column_that_exactly_one_input_has(events, caplog):
    """By the schemas noted so far; one that two inputs have, or none has, is said once and left out."""
    with run("job") as r:
        r.add_input(SHOP, facets=schema("id", "amount"))
        r.add_input(RATES, pd.DataFrame({"id": [1], "rate": [1.0]}))
        for _ in range(2):
            r.add_output(OUT, columns={"a": ["amount", "rate"], "b": "id", "c": ["amout", "rate"]})
    assert columns(last(events)["outputs"][0]) == {
        "a": ["shop.public.orders.amount", "shop.public.rates.rate"],
        "c": ["shop.public.rates.rate"],
    }
    assert sorted(record.message.partition(";")[2] for record in caplog.records) == [
        " did you mean 'amount'?",
        " say which, as in ORDERS['id']",
    ]


def test_derived_from_decides_between_inputs_with_the_same_column(events):
    """A text is looked for among what the output was derived from first."""
    with run("job") as r:
        r.add_input(SHOP, facets=schema("id"))
        r.add_input(RATES, facets=schema("id", "rate"))
        r.add_output(OUT, derived_from=SHOP, columns={"id": "id", "rate": "rate"})
    assert columns(last(events)["outputs"][0]) == {
        "id": ["shop.public.orders.id"],
        "rate": ["shop.public.rates.rate"],
    }


def test_a_plain_text_may_name_the_only_input_or_a_whole_one(events, caplog):
    """With one input of unknown columns a text is its column; a name, URL or path is the whole input."""
    with run("one", inputs=SHOP) as r:
        r.add_output(OUT, columns={"total": "amount"})
    assert columns(last(events)["outputs"][0]) == {"total": ["shop.public.orders.amount"]}
    with run("two", inputs=[SHOP, "raw/rates.csv"]) as r:
        r.add_output(OUT, columns={"a": "shop.public.orders", "b": "raw/rates.csv", "c": "amount"})
    event = last(events)
    assert entries(event)["totals"][1] == {
        "a": ["shop.public.orders"],
        "b": [f"{Path.cwd()}/raw/rates.csv"],
    }
    assert "facets" not in event["outputs"][0]
    assert len(caplog.records) == 1


def test_the_structs_of_the_standard_say_how(events):
    """InputField and LineageDatasetInput carry transformations into both facets, whichever was given."""
    how = [Transformation("DIRECT", "AGGREGATION", "sum", False)]
    amount = InputField(SHOP.namespace, SHOP.name, "amount", how)
    with run("job", inputs=SHOP) as r:
        r.add_output(OUT, columns={"total": amount, "n": Fields([InputField(*amount_of("n"))])})
        r.add_output(OUT, columns={"total": SHOP["amount"]})
    event = last(events)
    wanted = [{"type": "DIRECT", "subtype": "AGGREGATION", "description": "sum", "masking": False}]
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert fields["total"]["inputFields"][0]["transformations"] == wanted
    assert columns(event["outputs"][0])["n"] == ["shop.public.orders.n"]
    told = event["job"]["facets"]["lineage"]["entries"][0]["fields"]["total"]["inputs"]
    assert [one["transformations"] for one in told] == [wanted]


def amount_of(column):
    """A column of the orders in the words of the standard."""
    return SHOP.namespace, SHOP.name, column


def test_edges_join_what_was_declared(events):
    """Outputs and facets of the decorator, facets of the call and edges of the body become one facet each."""
    declared = {"columnLineage": ColumnLineageDatasetFacet({"a": Fields([InputField(*amount_of("a"))])})}
    given = {"columnLineage": {"fields": {"b": {"inputFields": [{**named(SHOP), "field": "b"}]}}}}
    facet = LineageJobFacet([LineageDatasetEntry("s3://lake", "elsewhere", inputs=[])])

    @lineage_job("job", inputs=SHOP, outputs=Dataset(OUT.namespace, OUT.name, declared), facets=facet)
    def job():
        from lineage_kit import current_run

        current_run().add_output(OUT, facets=given, columns={"c": SHOP["c"]})
        current_run().add_job_facet(LineageJobFacet([LineageDatasetEntry("s3://lake", "totals", inputs=[])]))

    for _ in range(2):  # what one run adds is not on the next one's START
        job()
        start, complete = (json.loads(body) for body in events.bodies[-2:])
        assert columns(start["outputs"][0]) == {"a": ["shop.public.orders.a"]}
        assert list(columns(complete["outputs"][0])) == ["a", "b", "c"]
        assert entries(start) == {"elsewhere": ([], {})}
        assert entries(complete) == {"elsewhere": ([], {}), "totals": ([], {"c": ["shop.public.orders.c"]})}


def named(dataset):
    """The name of a dataset as the standard writes it."""
    return {"namespace": dataset.namespace, "name": dataset.name}


def test_inputs_have_edges_too(events):
    """A view that is read may say what it was made of."""
    with run("job") as r:
        r.add_input("s3://views/orders", derived_from=SHOP, columns={"id": SHOP["id"]})
    event = last(events)
    assert entries(event) == {"orders": (["shop.public.orders"], {"id": ["shop.public.orders.id"]})}
    assert columns(event["inputs"][0]) == {"id": ["shop.public.orders.id"]}


def test_a_failed_run_tells_its_edges(events):
    """FAIL carries edges as COMPLETE does."""
    with pytest.raises(ValueError, match="x"), run("job", inputs=SHOP) as r:
        r.add_output(OUT, columns={"total": SHOP["amount"]})
        raise ValueError("x")
    assert columns(last(events)["outputs"][0]) == {"total": ["shop.public.orders.amount"]}


def test_bad_counts_and_facets_cost_themselves_only(events, caplog):
    """The dataset, its other facets and its edges are noted all the same."""
    with run("job", inputs=SHOP) as r:
        r.add_output(OUT, rows=-1, bytes=7, facets=[3, schema("id")], derived_from=SHOP)
    event = last(events)
    assert event["outputs"][0]["outputFacets"]["outputStatistics"]["size"] == 7
    assert event["outputs"][0]["facets"]["schema"]["fields"] == [{"name": "id"}]
    assert entries(event) == {"totals": (["shop.public.orders"], {})}
    assert len(caplog.records) == 2


def test_too_many_are_cut_and_said(caplog):
    """At most 2,000 columns and 1,000 sources of one."""
    transport = MemoryTransport()
    configure(transport=transport)
    with run("job", inputs=SHOP) as r:
        r.add_output(OUT, columns={f"c{number}": SHOP["x"] for number in range(2500)})
        r.add_output("s3://lake/b", columns={"c": [SHOP[f"x{number}"] for number in range(1100)]})
    made = entries(json.loads(transport.envelopes[-1].body))
    assert (len(made["totals"][1]), len(made["b"][1]["c"])) == (2000, 1000)
    assert "more than 2,000 columns" in caplog.records[0].message


def test_threads_add_to_one_run_without_loss():
    """Rows, edges and checks of several threads all count, while events are sent beside them."""
    transport = MemoryTransport()
    configure(transport=transport)
    was = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with run("job") as r, ThreadPoolExecutor(5) as pool:

            def add(number):
                for step in range(200):
                    r.add_output(OUT, rows=1, derived_from=f"/raw/{number}/{step}.csv")
                    r.check(OUT, f"check {number} {step % 50}", True)

            futures = [pool.submit(add, number) for number in range(4)]
            futures += [pool.submit(r.heartbeat) for _ in range(20)]
            for future in futures:
                future.result()
    finally:
        sys.setswitchinterval(was)
    event = json.loads(transport.envelopes[-1].body)
    [output] = event["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 800
    assert len(output["facets"]["dataQualityAssertions"]["assertions"]) == 200
    assert len(event["job"]["facets"]["lineage"]["entries"][0]["inputs"]) == len(event["inputs"]) == 800
    assert len(transport.envelopes) == 22
