"""Coroutines, generators and async generators are jobs as well; the run ends when they end."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from lineage_kit import current_run, lineage_job, run


@lineage_job(inputs="https://example.com/{page}.json")
async def fetch(page: int) -> int:
    await asyncio.sleep(0.01)
    return page * 100


@lineage_job(outputs="out/batches.parquet")
def batches(rows: int) -> Iterator[int]:
    """One run from the first item to the last."""
    for start in range(0, rows, 100):
        current_run().add_output("out/batches.parquet", rows=min(100, rows - start))
        yield start


@lineage_job
async def ticks(count: int) -> AsyncGenerator[int, None]:
    """Closed early by its consumer: COMPLETE, tagged exhausted=false."""
    for number in range(count):
        yield number


async def main() -> None:
    async with run("example.async"):
        print("fetched", sum(await asyncio.gather(*(fetch(page) for page in range(3)))))
        print("batches", len(list(batches(250))))
        stream = ticks(10)
        print("first tick", await anext(stream))
        await stream.aclose()


asyncio.run(main())
