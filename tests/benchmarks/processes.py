"""What only fresh interpreters can tell: the time of an import, and whether memory stays flat."""

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

IMPORTS = {
    "ours": "from lineage_kit import lineage_job, run",
    "theirs": "import openlineage.client",
    "floor": "import msgspec, inspect",
}

TIMED = "import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"

GROWTH = """
import resource
from lineage_kit import configure, lineage_job
configure(transport={"type": "noop"})

@lineage_job("bench.empty")
def empty():
    pass

for _ in range(20_000):
    empty()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(100_000):
    empty()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def import_times(rounds: int) -> dict[str, float]:
    """Milliseconds of each import, measured inside the interpreter, in turns; the median."""
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for number in range(rounds + 1):
        for name, statement in IMPORTS.items():
            took = float(_python(TIMED.format(statement=statement)))
            if number:  # the first round writes byte code
                times[name].append(took * 1e3)
    return {name: statistics.median(found) for name, found in times.items()}


def memory_growth() -> float:
    """By how many kB 100,000 calls of a decorated function raise the peak of resident memory."""
    return float(_python(GROWTH))


def _python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
