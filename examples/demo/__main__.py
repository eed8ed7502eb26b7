"""The demo: ``python examples/demo [--break]`` runs a real pipeline and shows the lineage that happened by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
from pipeline import pipeline
from source import data_folder

import lineage_kit

OUTPUT = Path(__file__).parents[1] / "output"


def main() -> int:
    """Run, then show; 1 when the pipeline failed, as it would be without lineage."""
    failed = False
    try:
        ranking = pipeline(data_folder(), OUTPUT, broken="--break" in sys.argv)
        print(ranking.head(5).to_string(index=False), end="\n\n")
    except duckdb.Error as error:
        failed = True
        print(f"The pipeline failed, as asked: {str(error).splitlines()[0]}\n")
    show()
    return int(failed)


def show() -> None:
    """The tree, where events stayed on this machine, and where they are."""
    destinations = lineage_kit.status()["destinations"]
    if any(one.name == "local" for one in destinations):
        subprocess.run([sys.executable, "-m", "lineage_kit", "log"], check=False)
        print()
    for one in destinations:
        owed = f", {one.owed} on their way" if one.owed else ""
        print(f"{one.delivered} events at {one.destination}{owed}")


if __name__ == "__main__":
    raise SystemExit(main())
