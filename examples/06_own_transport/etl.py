"""openlineage.yml names a class, `configure` takes an object: events go through a transport of your own."""

import os

from own_transports import Lines

from lineage_kit import configure, flush, run

with run("orders.load"):
    pass
flush()

if "OPENLINEAGE_URL" not in os.environ:  # code would win over the environment
    configure(transport=Lines())
with run("orders.check"):
    pass
