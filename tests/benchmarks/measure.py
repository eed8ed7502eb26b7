"""Time per call of several things that are measured in turns, so that what disturbs one disturbs all."""

import gc
import statistics
import time
from collections.abc import Callable

Call = Callable[[], object]


def medians(calls: dict[str, Call], rounds: int = 15, batch_seconds: float = 0.03) -> dict[str, float]:
    """Microseconds per call of each, as the median of `rounds` batches of about `batch_seconds`, taken in turns."""
    counts = {name: _batch_size(call, batch_seconds) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            times[name].append(_batch(calls[name], counts[name]) / counts[name] * 1e6)
    return {name: statistics.median(found) for name, found in times.items()}


def _batch_size(call: Call, seconds: float) -> int:
    call()  # what the first call loads is not what a call costs
    count = 1
    while (took := _batch(call, count)) < seconds / 4:
        count *= 2
    return max(1, int(count * seconds / took))


def _batch(call: Call, count: int) -> float:
    repeat = range(count)
    gc.collect()
    start = time.perf_counter()
    for _ in repeat:
        call()
    return time.perf_counter() - start
