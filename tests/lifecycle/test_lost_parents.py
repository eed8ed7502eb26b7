"""The hint for a job in a pool thread that has no parent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lineage_kit import attach, lineage_job, propagate, run
from lineage_kit.testing import record_events

ID = "01a2045d-80b1-7272-951b-472436b08284"


@lineage_job("load")
def load() -> None:
    """A job for pool threads."""


@pytest.fixture
def pool():
    """One thread."""
    with ThreadPoolExecutor(1, "workers") as executor:
        yield executor


@pytest.fixture(autouse=True)
def recording():
    """Events stay here; trouble is said."""
    with record_events(strict=False) as events:
        yield events


def hints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was said about `propagate`."""
    return [record.getMessage() for record in caplog.records if "propagate" in record.getMessage()]


def test_a_job_in_a_pool_thread_gets_one_hint(pool, caplog) -> None:
    """The hint names the job, the thread, the open run and the remedy, once however often it happens."""
    with run("daily"):
        for _ in range(3):
            pool.submit(load).result()
    [hint] = hints(caplog)
    for word in ("load", "workers_0", "daily", "propagate(function)"):
        assert word in hint


def test_strict_does_not_make_it_an_error(pool, caplog) -> None:
    """A hint is advice: tests in strict mode pass."""
    with record_events(strict=True) as events, run("daily"):
        pool.submit(load).result()
    assert events.completed("load")
    assert hints(caplog)


@pytest.mark.parametrize(
    "call",
    [
        lambda: propagate(load),
        lambda: attached,
        lambda: explicit_root,
    ],
    ids=["propagated", "attached", "parent=None"],
)
def test_what_knows_its_parent_gets_none(pool, caplog, call) -> None:
    """A run with a parent, and one that is meant to be a root, give no hint."""
    with run("daily"):
        pool.submit(call()).result()
    assert not hints(caplog)


def test_a_parent_from_the_environment_is_a_parent(pool, caplog, monkeypatch) -> None:
    """Where the process has a parent the thread has it too."""
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", f"ns/dag/{ID}")
    with run("daily"):
        pool.submit(load).result()
    assert not hints(caplog)


def test_roots_with_nothing_open_get_none(pool, caplog) -> None:
    """A pool thread is a fine place for a root."""
    pool.submit(load).result()
    load()
    with run("daily", parent=None):
        load()
    assert not hints(caplog)


def test_the_same_job_in_many_threads_gets_none(caplog) -> None:
    """A hundred roots of one job are meant to be roots."""
    together = Barrier(8)

    @lineage_job("many")
    def many() -> None:
        together.wait(30)

    with ThreadPoolExecutor(8) as executor:
        for future in [executor.submit(many) for _ in range(8)]:
            future.result()
    assert not hints(caplog)


def attached() -> None:
    """A job under a parent of its own."""
    with attach(f"ns/dag/{ID}"):
        load()


def explicit_root() -> None:
    """A root on purpose."""
    with run("root", parent=None):
        pass
