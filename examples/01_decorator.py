"""A decorated function is a job; each call is a run, failures included."""

import csv

from lineage_kit import lineage_job


@lineage_job(inputs="orders.csv", outputs="paid_orders.csv", owners="team:shop", tags={"layer": "clean"})
def keep_paid_orders() -> int:
    """Keeps the orders that were paid."""
    with open("orders.csv") as source, open("paid_orders.csv", "w", newline="") as target:
        rows = [row for row in csv.DictReader(source) if row["paid"] == "yes"]
        writer = csv.DictWriter(target, ["order", "paid"])
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


with open("orders.csv", "w") as file:
    file.write("order,paid\n1,yes\n2,no\n3,yes\n")

print(keep_paid_orders(), "orders were paid")

try:
    lineage_job("example.broken")(lambda: 1 / 0)()
except ZeroDivisionError as error:
    print("the job failed as it would without lineage:", error)
