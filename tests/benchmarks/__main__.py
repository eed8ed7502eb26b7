"""`make bench`: speed beside the released OpenLineage client, as a table and as benchmarks.json.

Everything is measured in turns on one machine; the ratios are what counts, absolute times drift.
"""

import argparse
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGETS = {  # theirs / ours, at least
    "build and serialise a pair, minimal": 20,
    "build and serialise a pair, full": 40,
    "run of an empty function, minimal": 20,
    "run of an empty function, full": 40,
    "import": 1 / 0.15,
}


def main() -> int:
    """Measure, print, save."""
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("--quick", action="store_true", help="a third of the rounds: for a glance")
    options.add_argument("--durable", action="store_true", help="only what durability costs and brings")
    chosen = options.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        if not chosen.durable:
            print(f"{'':52}{'ours':>12}{'theirs':>12}{'ratio':>8}  {'aim':>7}")
            rows += measure(5 if chosen.quick else 15, Path(folder))
        rows += durable(Path(folder), quick=chosen.quick)
    result = {
        "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "openlineage-python": version("openlineage-python"),
        "rows": rows,
    }
    (ROOT / "benchmarks.json").write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"\nagainst openlineage-python {result['openlineage-python']}, Python {result['python']}, {result['machine']}"
    )
    print("saved as benchmarks.json")
    return 0


def measure(rounds: int, folder: Path) -> list[dict[str, object]]:
    """All rows, each printed as it comes."""
    os.environ["LINEAGE_KIT_STATE"] = str(folder / "state")
    for name in [name for name in os.environ if name.startswith("OPENLINEAGE")]:
        del os.environ[name]
    from tests.benchmarks import processes, sides
    from tests.benchmarks.measure import medians

    rows = []
    sections = (sides.serialise, sides.decorated, sides.shapes, lambda: sides.to_file(folder), sides.disabled)
    for rows_of in (section() for section in sections):
        for name, (ours, theirs) in rows_of:
            times = medians({"ours": ours, "theirs": theirs}, rounds)
            rows.append(_row(name, times["ours"], times["theirs"], "µs"))
    times = processes.import_times(rounds)
    rows.append(_row("import", times["ours"], times["theirs"], "ms"))
    rows.append(_row("import, beside msgspec and inspect alone", times["ours"], times["floor"], "ms"))
    rows.append(_row("growth over 100,000 calls", processes.memory_growth(), None, "kB"))
    return rows


def durable(folder: Path, *, quick: bool) -> list[dict[str, object]]:
    """What durability costs and brings, each row printed as it comes."""
    from tests.benchmarks.durable import rows

    print(f"\n{'through the journal':64}{'':>16}  aim")
    found = []
    for name, value, unit, aim in rows(folder, quick=quick):
        print(f"{name:64}{value:>12,.2f} {unit:3}  {aim}", flush=True)
        found.append({"name": name, "unit": unit, "ours": value, "aim": aim})
    return found


def _row(name: str, ours: float, theirs: float | None, unit: str) -> dict[str, object]:
    ratio = theirs / ours if theirs and ours else None
    aim = TARGETS.get(name)
    shown = [
        f"{name:52}",
        f"{ours:>9,.2f} {unit}",
        f"{theirs:>9,.1f} {unit}" if theirs is not None else " " * 12,
    ]
    shown.append(f"{ratio:>7.1f}×" if ratio else " " * 8)
    if aim:
        shown.append(f"  ≥ {aim:>4.1f}×" + ("" if ratio and ratio >= aim else "  missed"))
    print("".join(shown), flush=True)
    return {"name": name, "unit": unit, "ours": ours, "theirs": theirs, "ratio": ratio, "aim": aim}


if __name__ == "__main__":
    sys.exit(main())
