"""The installed package, alone: a nested run and a decorated function reach the local log, and `log` prints them."""

import importlib.metadata
import json
import os
import subprocess
from pathlib import Path

import lineage_kit
from lineage_kit import current_run, flush, lineage_job, run

assert not Path(lineage_kit.__file__).is_relative_to(Path.cwd()), (
    "this is the checkout, not the installed package"
)


@lineage_job("smoke.copy", inputs="s3://raw/{table}/2026-11-22.csv", outputs="s3://lake/{table}")
def copy(table: str) -> int:
    """Copy one table."""
    current_run().add_output("s3://lake/orders", rows=3)
    return 3


with run("smoke"):
    assert copy("orders") == 3
assert flush(5)

state = Path(os.environ["LINEAGE_KIT_STATE"])
lines = [line for path in state.rglob("*") if path.is_file() for line in path.read_bytes().splitlines()]
events = [event for line in lines if isinstance(event := json.loads(line), dict) and "eventType" in event]
ended = sorted(event["job"]["name"] for event in events if event["eventType"] == "COMPLETE")
assert ended == ["smoke", "smoke.copy"], ended

shown = subprocess.run(["lineage-kit", "log"], capture_output=True, text=True, check=True).stdout
print(shown)
for word in ("smoke.copy", "COMPLETE", "lake"):
    assert word in shown, word
print("lineage-kit", importlib.metadata.version("lineage-kit"), "works on its own")
