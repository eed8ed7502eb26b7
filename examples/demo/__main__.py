"""The demo: ``python examples/demo [--break]`` runs a real pipeline and shows the lineage that happened by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
from pipeline import pipeline
from source import data_folder

import lineage_kit
from lineage_kit import session
from lineage_kit.transport import CompositeConfig, CompositeTransport

OUTPUT = Path(__file__).parents[1] / "output"
COPY = OUTPUT / "lineage.ndjson"


def main() -> int:
    """Run, then show; 1 when the pipeline failed and nobody had asked for it."""
    copied = keep_a_copy()
    failed, asked = False, "--break" in sys.argv
    try:
        ranking = pipeline(data_folder(), OUTPUT, broken=asked)
        print(ranking.head(5).to_string(index=False), end="\n\n")
    except duckdb.Error as error:
        failed = True
        print(f"The pipeline failed{', as asked' if asked else ''}: {str(error).splitlines()[0]}\n")
    is_shown = show(["--file", str(COPY)] if copied else [])
    if failed and is_shown:
        print("The failure is recorded, with the error and the line it came from.")
    return int(failed and not asked)


def keep_a_copy() -> bool:
    """Send events where they are configured to go, and to a file too where `lineage-kit log` could not find them."""
    chosen = session.open_client().settings.transport
    if chosen is None or chosen["type"] == "local":
        return False
    file = {"type": "file", "log_file_path": str(COPY), "append": True}
    lineage_kit.configure(transport=CompositeTransport(CompositeConfig([chosen, file])))
    return True


def show(where: list[str]) -> bool:
    """The tree, and where the events are; False where there are none."""
    destinations = lineage_kit.status()["destinations"]
    if not destinations:
        print("Lineage is switched off here: there is no tree.")
        return False
    sys.stdout.flush()  # what was printed so far comes first, also in a pipe
    subprocess.run([sys.executable, "-m", "lineage_kit", "log", *where], check=False)  # noqa: S603 - our own command
    print()
    for one in destinations:
        owed = f", {one.owed} on their way" if one.owed else ""
        print(f"{one.delivered} events at {one.destination}{owed}")
    return True


if __name__ == "__main__":
    raise SystemExit(main())
