"""Log records say which run and job they belong to."""

from __future__ import annotations

import asyncio
import io
import logging
import logging.config
import logging.handlers
import queue
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import lineage_kit
from lineage_kit import lineage_job, log_filter, propagate, run
from lineage_kit.testing import record_events


@pytest.fixture(autouse=True)
def _events():
    """Nothing is sent anywhere."""
    with record_events(strict=True):
        yield


@pytest.fixture
def logger(request):
    """A logger of this test, whose lines are in `logger.written`."""
    own = logging.getLogger(request.node.nodeid)
    own.propagate = False
    own.written = io.StringIO()
    handler = logging.StreamHandler(own.written)
    handler.setFormatter(logging.Formatter("%(job)s|%(run_id)s|%(message)s"))
    handler.addFilter(log_filter())
    own.addHandler(handler)
    return own


def lines(logger):
    """What was written, as (job, run id, message)."""
    return [tuple(line.split("|")) for line in logger.written.getvalue().splitlines()]


def test_records_name_the_innermost_run(logger):
    """Inside runs the job's name and run id, outside empty texts; an ended run is not named."""
    logger.warning("before")
    with run("outer") as outer:
        with run("inner") as inner:
            logger.warning("%s", "in")
        logger.warning("between")
    logger.warning("after")
    assert lines(logger) == [
        ("", "", "before"),
        ("inner", inner.id, "in"),
        ("outer", outer.id, "between"),
        ("", "", "after"),
    ]


def test_threads_and_tasks_have_their_own(logger):
    """A thread names the run it was handed, a task the one it is in, whatever runs beside it."""

    @lineage_job("task.{number}")
    async def task(number):
        await asyncio.sleep(0)
        logger.warning("%s", number)

    async def all_tasks():
        await asyncio.gather(*(task(number) for number in range(3)))

    asyncio.run(all_tasks())
    with run("main") as main, ThreadPoolExecutor(1) as pool:
        pool.submit(propagate(logger.warning), "with").result()
        pool.submit(logger.warning, "without").result()
    found = [(job, message) for job, _, message in lines(logger)]
    assert sorted(found[:3]) == [("task.0", "0"), ("task.1", "1"), ("task.2", "2")]
    assert lines(logger)[3:] == [("main", main.id, "with"), ("", "", "without")]


def test_what_a_record_has_already_stays(logger):
    """`extra` of the user's, and what a queue handler's filter put there in the thread that logged."""
    waiting = queue.SimpleQueue()
    through = logging.handlers.QueueHandler(waiting)
    through.addFilter(log_filter())
    sender = logging.getLogger("log_filter.sender")
    sender.propagate = False
    sender.addHandler(through)
    with run("job") as r:
        sender.warning("queued")
    logger.handle(waiting.get())
    logger.warning("mine", extra={"run_id": "42"})
    assert lines(logger) == [("job", r.id, "queued"), ("", "42", "mine")]


def test_on_a_logger_and_from_a_dictionary():
    """It works on loggers as on handlers, and `logging.config` builds it from its name."""
    heard = []
    own = logging.getLogger("log_filter.own")
    own.propagate = False
    own.addFilter(log_filter())
    own.addHandler(handler := logging.Handler())
    handler.emit = heard.append
    with run("job"):
        own.error("x")
    assert [record.job for record in heard] == ["job"]
    configurator = logging.config.DictConfigurator({"version": 1})
    assert isinstance(configurator.configure_filter({"()": "lineage_kit.log_filter"}), logging.Filter)


def test_lineage_that_is_off_gives_empty_texts(logger):
    """Disabled, a format with run and job works all the same."""
    lineage_kit.configure(enabled=False)
    with run("job"):
        logger.warning("x")
    assert lines(logger) == [("", "", "x")]


def test_logging_is_loaded_on_use_only():
    """Importing the names of the front page does not load logging; asking for the filter does."""
    program = (
        "import sys\n"
        "from lineage_kit import lineage_job, run\n"
        "assert 'logging' not in sys.modules\n"
        "from lineage_kit import log_filter\n"
        "assert 'logging' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=lineage_kit.__path__[0] + "/..")
