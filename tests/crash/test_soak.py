"""The short form of ``make soak``."""

from pathlib import Path

from tests.crash.soak import soak


def test_a_long_job_loses_nothing_and_stays_small_while_its_backend_comes_and_goes(tmp_path: Path) -> None:
    """Thousands of events over a backend that falls again and again: all arrive, in order, within 16 MiB of memory."""
    seen = soak(4000, 1, tmp_path, longest=0.5)
    assert not seen["problems"], seen
    assert seen["falls"] > 0
