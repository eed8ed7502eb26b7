"""What becomes of events when the process ends: delivered within a bound, the rest counted and said."""

from pathlib import Path

import pytest

from tests.delivery.conftest import RunScript
from tests.delivery.stand_ins import lines

EMIT_FIFTY = """
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "wire")
for run in range(25):
    for one in whole_run(run):
        assert delivery.submit(one)
"""

SLOWLY = """
import time
def slow(envelope):
    time.sleep(0.01)  # sleep: a slow destination
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent", slow), "wire")
for run in range(25):
    for one in whole_run(run):
        assert delivery.submit(one)
"""

BLACK_HOLE = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
def never(envelope):
    with socket.create_connection(listener.getsockname()) as connection:
        connection.sendall(envelope.body)
        connection.recv(1)
delivery = BackgroundDelivery(Recorder(never), "wire", exit_timeout=0.2)
for one in whole_run("a"):
    assert delivery.submit(one)
"""


CANNOT_BE_CLOSED = """
from lineage_kit.delivery.process import before_end
def fails(why):
    raise OSError
before_end(fails)
"""


def _bodies(folder: Path) -> "list[str]":
    return [body for _, body in lines(folder / "sent")]


@pytest.mark.parametrize("emit", [EMIT_FIFTY, SLOWLY], ids=["fast", "slow"])
@pytest.mark.parametrize(
    ("ending", "status"),
    [("", 0), ("sys.exit(3)", 3), ("1 / 0", 1), ("raise KeyboardInterrupt", 130), ("del delivery", 0)],
)
def test_a_script_that_ends_delivers_all_its_events(
    run_script: RunScript, tmp_path: Path, emit: str, ending: str, status: int
) -> None:
    """Fifty of fifty, in order, however the script ends; its exit status is its own."""
    done = run_script(emit + ending)
    assert done.returncode in (status, -2 if status == 130 else status), done.stderr
    bodies = _bodies(tmp_path)
    assert len(bodies) == 50
    assert [body.split(":")[0] for body in bodies] == [str(run) for run in range(25) for _ in range(2)]
    assert "lineage" not in done.stderr.replace("lineage_kit", "")


def test_a_destination_that_never_answers_holds_up_exit_within_the_bound(run_script: RunScript) -> None:
    """A black hole costs the exit time-out; what was lost is one line."""
    done = run_script(BLACK_HOLE)
    assert done.returncode == 0
    assert done.stderr == "2 lineage events were lost at exit, not delivered in time: wire\n"


def test_a_destination_known_to_be_down_gets_one_try_at_exit(run_script: RunScript, tmp_path: Path) -> None:
    """No waiting for what is known not to answer, even with a long time-out: one knock, then the loss is said."""
    done = run_script("""
import atexit
wire = Recorder(Outage())
hour = RetryPolicy(total=0, factor=3600.0, longest=3600.0)
delivery = BackgroundDelivery(wire, "wire", exit_timeout=1000.0, retry=hour)
atexit.register(lambda: print(len(wire.tries), delivery.status()[0].dropped))
for one in whole_run("a"):
    delivery.submit(one)
wire.wait(lambda wire: len(wire.tries) == 1)
""")
    assert done.returncode == 0
    assert done.stdout in ("2 {'exit': 2}\n", "3 {'exit': 2}\n"), done.stderr  # one more may be under way
    assert "2 lineage events were lost at exit" in done.stderr


def test_a_destination_that_came_back_gets_everything_at_exit(run_script: RunScript, tmp_path: Path) -> None:
    """The knock at exit may be answered: then all that waited is delivered."""
    done = run_script("""
outage = Outage()
wire = LineFile(sys.argv[1] + "/sent", outage)
hour = RetryPolicy(total=0, factor=3600.0, longest=3600.0)
delivery = BackgroundDelivery(wire, "wire", exit_timeout=1000.0, retry=hour)
for run in range(10):
    delivery.submit(event(run))
while delivery.status()[0].last_error is None:
    pass
outage.over()
""")
    assert done.returncode == 0
    assert "lost" not in done.stderr
    assert len(_bodies(tmp_path)) == 10


def test_several_destinations_share_the_time(run_script: RunScript, tmp_path: Path) -> None:
    """One that hangs does not keep the others from delivering, and the loss names only the one."""
    done = run_script("""
hanging = [BackgroundDelivery(Recorder(Gate()), f"hanging-{n}", exit_timeout=0.3) for n in range(3)]
healthy = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "healthy", exit_timeout=0.3)
for run in range(100):
    for delivery in (*hanging, healthy):
        delivery.submit(event(run))
""")
    assert done.returncode == 0
    assert len(_bodies(tmp_path)) == 100
    assert "300 lineage events were lost at exit" in done.stderr
    assert "hanging-0" in done.stderr
    assert "healthy" not in done.stderr


def test_a_process_may_choose_not_to_wait(run_script: RunScript, tmp_path: Path) -> None:
    """With exit_timeout 0 the program ends at once, and says what that cost."""
    done = run_script("""
delivery = BackgroundDelivery(Recorder(Gate()), "wire", exit_timeout=0.0)
delivery.submit(event("a"))
""")
    assert (done.returncode, done.stderr.count("1 lineage event was lost")) == (0, 1)


@pytest.mark.parametrize("worker_runs", [True, False], ids=["with-worker", "first-event"])
def test_events_emitted_by_exit_handlers_are_delivered(
    run_script: RunScript, tmp_path: Path, worker_runs: bool
) -> None:
    """Before our own exit handler or after it, when threads can no longer start: handed over is delivered."""
    first = 'delivery.submit(event("first"))' if worker_runs else ""
    done = run_script(f"""
import atexit
delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent"), "wire")
atexit.register(lambda: delivery.submit(event("after-ours")))
{first}
atexit.register(lambda: delivery.submit(event("before-ours")))
""")
    assert (done.returncode, done.stderr) == (0, "")
    expected = (["first"] if worker_runs else []) + ["before-ours", "after-ours"]
    assert [body.split(":")[0] for body in _bodies(tmp_path)] == expected


def test_events_emitted_at_exit_to_a_hanging_destination_do_not_hang(run_script: RunScript) -> None:
    """The bound is one for the whole exit, late events included."""
    done = run_script("""
import atexit
delivery = BackgroundDelivery(Recorder(Gate()), "wire", exit_timeout=0.2)
for run in range(20):
    atexit.register(lambda run=run: delivery.submit(event(f"after-{run}")))
delivery.submit(event("first"))
for run in range(20):
    atexit.register(lambda run=run: delivery.submit(event(f"before-{run}")))
""")
    assert done.returncode == 0
    assert "lineage events were lost at exit" in done.stderr


def test_who_interrupts_the_exit_has_waited_enough(run_script: RunScript) -> None:
    """Ctrl-C while events are being delivered at exit ends the wait; the loss is said, without a traceback."""
    done = run_script("""
import signal, threading
gate = Gate()
def interrupt(envelope):
    threading.main_thread().join()  # ends when the interpreter has begun to shut down
    signal.raise_signal(signal.SIGINT)
    gate(envelope)
delivery = BackgroundDelivery(Recorder(interrupt), "wire", exit_timeout=1000.0)
delivery.submit(event("a"))
""")
    assert done.returncode == 0
    assert done.stderr == "1 lineage event was lost at exit, not delivered in time: wire\n"


def test_os_exit_is_not_held_up(run_script: RunScript) -> None:
    """Who leaves by os._exit leaves."""
    done = run_script(EMIT_FIFTY + "os._exit(4)")
    assert (done.returncode, done.stderr) == (4, "")


def test_a_client_dropped_without_closing_still_delivers(run_script: RunScript, tmp_path: Path) -> None:
    """A delivery that nobody refers to any more keeps what it owes until the end of the process."""
    done = run_script("""
import gc, time
def slow(envelope):
    time.sleep(0.002)  # sleep: a slow destination
def emit():
    delivery = BackgroundDelivery(LineFile(sys.argv[1] + "/sent", slow), "wire")
    for run in range(100):
        delivery.submit(event(run))
emit()
gc.collect()
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(_bodies(tmp_path)) == 100


@pytest.mark.parametrize("closing", ["", "wire.close(1.0)"])
def test_what_was_lost_on_the_callers_thread_is_counted_once(closing: str, run_script: RunScript) -> None:
    """A direct delivery tells at its close, else at exit, how many events were lost; a forked child tells its own."""
    done = run_script(f"""
wire = DirectDelivery(Recorder(Answers([OSError()] * 9)), "file")
for number in range(3):
    wire.submit(event(f"run{{number}}"))
{closing}
if hasattr(os, "fork"):
    child = os.fork()
    if not child:
        sys.exit()
    os.waitpid(child, 0)
""")
    first, last = done.stderr.splitlines()
    assert "file did not take an event" in first
    assert last == "3 lineage events were lost: file did not take them"


def test_what_cannot_be_closed_costs_no_event(run_script: RunScript, tmp_path: Path) -> None:
    """What is open at exit may fail to end: that is said, and what is owed is delivered all the same."""
    done = run_script(SLOWLY + CANNOT_BE_CLOSED)
    assert len(_bodies(tmp_path)) == 50
    assert "could not be ended (OSError)" in done.stderr
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
