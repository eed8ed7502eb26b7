"""What each output was made of, down to its columns, and what was checked; log lines that say which run they are of."""

import csv
import logging
import sys
from pathlib import Path

from lineage_kit import Dataset, log_filter, run

ORDERS = Dataset("postgres://db:5432", "shop.public.orders")
RATES = Dataset("postgres://db:5432", "shop.public.rates")

handler = logging.StreamHandler(sys.stdout)
handler.addFilter(log_filter())
logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(levelname)s [%(job)s] %(message)s")
log = logging.getLogger(__name__)

with run("orders.report", inputs=[ORDERS, RATES]) as report:
    orders = [(1, 30.0, "EUR"), (2, None, "SEK")]
    rates = {"EUR": 1.0, "SEK": 0.09}

    missing = sum(amount is None for _, amount, _ in orders)  # a check that fails does not fail the run
    report.check(ORDERS["amount"], "not_null", missing == 0, expected=0, actual=missing)

    totals = report.add_output(
        Path("totals.csv"),
        derived_from=[ORDERS, RATES, ORDERS["currency"]],  # all rows depend on this column: it is joined on
        columns={"id": ORDERS["id"], "total": [ORDERS["amount"], RATES["rate"]]},
    )
    currencies = report.add_output(Path("currencies.csv"), derived_from=RATES)  # RATES alone, not ORDERS
    rows = [(number, (amount or 0) * rates[currency]) for number, amount, currency in orders]
    for path, lines in ((totals, rows), (currencies, rates.items())):
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    report.check(totals, "row_count", len(rows) == len(orders), expected=len(orders), actual=len(rows))
    log.info("%d rows, %d without an amount", len(rows), missing)

log.info("done")
