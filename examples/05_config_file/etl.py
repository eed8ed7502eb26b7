"""Where events go, how jobs are tagged and what is left out stands in openlineage.yml beside this file."""

from lineage_kit import Dataset, lineage_job, run


@lineage_job("orders.load", outputs=Dataset("warehouse", "shop.public.orders"))
def load() -> None:
    """Sent to both destinations of the file, in namespace shop, tagged with the stage."""


@lineage_job("orders.ping")
def ping() -> None:
    """A filter leaves this job out: the function is called straight through."""


with run("orders"):
    ping()
    load()
