"""Jobs that are tasks of Celery: recycled, killed and shut down, its workers lose no event."""

import signal
import subprocess
import sys

import pytest

from tests.support.lives import PATIENCE, Lives, kill_all, reason_of
from tests.support.pages import programs

WHOLE = ["START", "COMPLETE"]

CONFIGURATION = """
import os

for name in ("queue", "results"):
    os.makedirs(name, exist_ok=True)
broker_url = "filesystem://"
broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "queue"}
broker_connection_retry_on_startup = True
result_backend = f"file://{os.path.abspath('results')}"
worker_max_tasks_per_child = int(os.environ.get("TASKS_PER_CHILD", "1000"))
worker_prefetch_multiplier = 1
"""

[TASKS] = programs("workers.md", "Celery")
TASKS += """

@app.task
def be_killed():
    import os
    from lineage_kit import run

    with run("cut off"):
        os.kill(os.getpid(), 9)
"""

SEND = """
import sys
from celery.exceptions import WorkerLostError
from lineage_kit import run
from tasks import be_killed, load, load_for

if sys.argv[1] == "killed":
    try:
        be_killed.delay().get(timeout=50)
    except WorkerLostError:
        pass
if sys.argv[1] == "parent":
    with run("daily") as daily:
        assert load_for.delay(daily.env(), "monday").get(timeout=50) == "monday"
results = [load.delay(day) for day in range(int(sys.argv[2]))]
assert [result.get(timeout=50) for result in results] == list(range(int(sys.argv[2])))
"""


@pytest.fixture(autouse=True)
def tasks(lives: Lives) -> None:
    """The tasks of the page on workers, and one more."""
    (lives.folder.path / "celeryconfig.py").write_text(CONFIGURATION)
    (lives.folder.path / "tasks.py").write_text(TASKS)


def worker(lives: Lives, **variables: str) -> "subprocess.Popen[str]":
    """A worker with two processes."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
    command = ["-m", "celery", "--app=tasks", "worker", "--pool=prefork", "--concurrency=2", *quiet]
    return lives.launch([sys.executable, *command], **variables)


def send(lives: Lives, what: str, tasks: int) -> None:
    """Have tasks done, and wait for their results."""
    done = lives.start(SEND, what, str(tasks), name="send.py", begin="")
    _, err = done.communicate(timeout=PATIENCE)
    assert done.returncode == 0, err


def shut_down(process: "subprocess.Popen[str]") -> None:
    """The warm shutdown, which lets tasks end."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "lineage" not in said, said


def test_a_carrier_takes_the_parent_along(lives: Lives) -> None:
    """The run of a task has the sender's run as its parent."""
    running = worker(lives)
    send(lives, "parent", 0)
    lives.server.wait_for(4, PATIENCE)
    shut_down(running)
    assert lives.runs() == {"daily": [WHOLE], "tasks.load": [WHOLE]}
    parents = {
        event["run"]["facets"]["parent"]["job"]["name"]
        for event in lives.events()
        if event["job"]["name"] == "tasks.load"
    }
    assert parents == {"daily"}


def test_recycled_workers_and_a_warm_shutdown(lives: Lives) -> None:
    """C3, C16: processes that Celery replaces every two tasks, and ends, leave their events to the next program."""
    first = worker(lives, TASKS_PER_CHILD="2")
    send(lives, "tasks", 10)
    shut_down(first)
    lives.next()
    assert lives.runs() == {"tasks.load": [WHOLE] * 10}
    assert lives.homes() == []


def test_a_worker_killed_in_the_middle_of_a_task(lives: Lives) -> None:
    """C16, C17: the run of a killed worker gets one ABORT, from the worker that takes its place, without a restart."""
    running = worker(lives)
    send(lives, "killed", 4)
    lives.server.wait_for(10, PATIENCE)
    assert lives.runs() == {"tasks.load": [WHOLE] * 4, "cut off": [["START", "ABORT"]]}
    [abort] = [event for event in lives.events() if event["eventType"] == "ABORT"]
    assert "died while the run was open" in reason_of(abort)
    shut_down(running)
    lives.next()
    assert lives.homes() == []
    assert lives.runs() == {"tasks.load": [WHOLE] * 4, "cut off": [["START", "ABORT"]]}


def test_a_worker_that_is_killed_altogether(lives: Lives) -> None:
    """C3, C16: SIGKILL to all processes of a worker: the next worker delivers what they left while it works."""
    first = worker(lives)
    send(lives, "tasks", 6)
    kill_all(first)
    second = worker(lives)
    send(lives, "tasks", 2)
    lives.server.wait_for(16, PATIENCE)
    shut_down(second)
    lives.next()
    assert lives.runs() == {"tasks.load": [WHOLE] * 8}
    assert lives.homes() == []
