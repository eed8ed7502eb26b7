"""A block is a run too; datasets are noted where they are read and written."""

import json

from lineage_kit import Dataset, run

ORDERS = Dataset("postgres://db:5432", "shop.public.orders")

with run("orders.export", inputs=ORDERS, tags={"requested_by": "finance"}) as export:
    orders = [{"order": 1, "amount": 30.0}, {"order": 2, "amount": 12.5}]
    export.add_input(ORDERS, rows=len(orders))

    with run("orders.write_json") as writing:  # a child of the run around it
        path = writing.add_output("export/orders.json", rows=len(orders))
        text = json.dumps(orders)

    if not orders:
        export.fail("there are no orders")

print(f"{export.job.name} {export.state}: {len(text)} characters for {path}")
