"""The getting-started program of the OpenLineage Python client's documentation; only the imports differ."""

from datetime import datetime

from lineage_kit import Dataset, Job, OpenLineageClient, Run, RunEvent, RunState
from lineage_kit.event import new_id

client = OpenLineageClient.from_environment()
producer = "OpenLineage.io/website/blog"

inventory = Dataset(namespace="food_delivery", name="public.inventory")
menus = Dataset(namespace="food_delivery", name="public.menus_1")
orders = Dataset(namespace="food_delivery", name="public.orders_1")

job = Job(namespace="food_delivery", name="example.order_data")
run = Run(new_id())

client.emit(RunEvent(RunState.START, datetime.now().isoformat(), run, job, producer))
client.emit(
    RunEvent(
        RunState.COMPLETE,
        datetime.now().isoformat(),
        run,
        job,
        producer,
        inputs=[inventory],
        outputs=[menus, orders],
    )
)
