"""The public names as users write them: checked by mypy --strict, never run."""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any, assert_type

from lineage_kit import (
    ActiveRun,
    Dataset,
    InputDataset,
    Job,
    OpenLineageClient,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    Transport,
    attach,
    configure,
    current_run,
    flush,
    lineage_job,
    log_filter,
    propagate,
    run,
    status,
)
from lineage_kit.event import decode, encode
from lineage_kit.event.envelope import Envelope
from lineage_kit.facets import RunFacet, SchemaDatasetFacet, SchemaDatasetFacetFields
from lineage_kit.lifecycle.parent import RunRef

ORDERS = Dataset("postgres://db:5432", "shop.public.orders")


@lineage_job
def bare(count: int, *, name: str = "") -> str:
    return name * count


@lineage_job(
    "land.{table}", inputs="s3://raw/{table}/{day}.csv", outputs=[ORDERS, Path("lake/orders.parquet")]
)
def described(table: str, day: date) -> int:
    return 1


@lineage_job(outputs=lambda args, result: Dataset(f"s3://lake/{args.table}/{result}"))
async def waiting(table: str) -> float:
    return 0.5


@lineage_job()
def stream(count: int) -> Iterator[int]:
    yield from range(count)


@lineage_job()
async def flow() -> AsyncIterator[bytes]:
    yield b""


class Loader:
    @lineage_job("{self.table}.load")
    def load(self, day: date) -> list[date]:
        return [day]

    @classmethod
    @lineage_job
    def all(cls) -> int:
        return 0


assert_type(bare(1, name="a"), str)
assert_type(described("orders", day=date(2026, 11, 22)), int)
assert_type(stream(3), Iterator[int])
assert_type(flow(), AsyncIterator[bytes])
assert_type(Loader().load(date(2026, 11, 22)), list[date])
assert_type(Loader.all(), int)

bare("one")  # type: ignore[arg-type]  # parameters are kept
described(table="orders")  # type: ignore[call-arg]


async def awaited() -> None:
    assert_type(await waiting("orders"), float)
    async with run("report") as r:
        assert_type(r, ActiveRun)


def block(frame: Any) -> None:
    with run("report", inputs=ORDERS, tags={"tier": "gold"}) as r:
        assert_type(r, ActiveRun)
        assert_type(r.id, str)
        assert_type(r.job.name, str)
        assert_type(r.root.id, str)
        assert_type(r.parent, RunRef | None)
        assert_type(r.state, RunState | None)
        assert_type(r.add_input("s3://raw/orders.csv", rows=3), str)
        assert_type(r.add_output(Path("orders.parquet"), frame), Path)
        assert_type(r.add_output(ORDERS), Dataset)
        made_of = {"total": [ORDERS["amount"], "tax"]}
        assert_type(r.add_output("s3://lake/x", columns=made_of, derived_from=[ORDERS, Path("a.csv")]), str)
        r.check(ORDERS["id"], "not_null", passed=True, expected=0, actual=3.5)
        assert_type(r.env(), dict[str, str])
        r.run_tag("exhausted", "false")
        r.fail("no rows")
    with attach(None), attach("shop/orders/01890a5d-ac96-774b-bcce-b302099a8057"):
        assert_type(current_run(), ActiveRun)
    assert_type(propagate(bare)(2), str)


class RowQualityRunFacet(RunFacet, key="rowQuality", schema="https://example.com/RowQuality.json"):
    bad_rows: int
    checked: int = 0


class PrintTransport(Transport):
    kind = "print"

    def send(self, envelope: Envelope) -> None:
        print(envelope.body.decode())


def by_hand() -> None:
    configure("http://localhost:5000", namespace="shop")
    configure(config=Path("lineage.yml"))
    configure(config={"notice": "never"})
    OpenLineageClient(config="lineage.yml")
    client = OpenLineageClient(transport=PrintTransport())
    event = RunEvent(
        RunState.START,
        "2026-11-22T00:00:00Z",
        Run("01890a5d-ac96-774b-bcce-b302099a8057", {"rowQuality": RowQualityRunFacet(bad_rows=2)}),
        Job("shop", "orders"),
        "https://example.com/etl",
        [InputDataset("s3://raw", "orders")],
        [
            OutputDataset(
                "s3://lake", "orders", {"schema": SchemaDatasetFacet([SchemaDatasetFacetFields("id")])}
            )
        ],
    )
    assert_type(client.emit(event), None)
    assert_type(encode(event), bytes)
    decode(encode(event), strict=True)
    assert_type(flush(1.0), bool)
    logging.getLogger().addFilter(log_filter())
    status()
