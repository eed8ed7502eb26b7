"""A first call where nothing can be loaded: the user's code runs as if nothing were there."""

import inspect

import pytest

from lineage_kit import ActiveRun
from lineage_kit.lifecycle.defaults import Unloaded
from tests.support.scripts import Folder

NO_DESCRIPTORS = """
    import resource, sys
    from lineage_kit import lineage_job, run
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    @lineage_job
    def job(x):
        return x

    @lineage_job
    def items():
        yield 1

    if "warm" in sys.argv:
        job(0)
    held = []
    try:
        while True:
            held.append(open("/dev/null"))
    except OSError:
        pass
    print(job(1), *items())
    try:
        with run("block") as r:
            r.check(r.add_output("s3://lake/orders"), "rows", True)
            1 / 0
    except ZeroDivisionError:
        print("raised")
"""

AT_SHUTDOWN = """
    import os
    from lineage_kit import lineage_job, run

    @lineage_job
    def late():
        with run("inner"):
            return b"late ran"

    class Last:
        def __init__(self):
            self.me, self.call, self.write = self, late, os.write

        def __del__(self):
            self.write(1, self.call())

    last = Last()
"""

DEEP = """
    import sys
    from lineage_kit import lineage_job

    @lineage_job
    def job():
        return 1

    def deep(n):
        return deep(n - 1) if n else job()

    sys.setrecursionlimit(300)
    print(deep(int(sys.argv[1])))
"""

WHILE_LOADING = """
    import signal
    from lineage_kit import lineage_job, run

    ticks = []

    @lineage_job
    def tick():
        with run("beside"):
            ticks.append(1)

    @lineage_job
    def job():
        return 1

    signal.signal(signal.SIGALRM, lambda *_: tick())
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    done = [job() for _ in range(3)]
    while not ticks:
        signal.pause()
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(*done)
"""

NO_IMPORTS = """
    import builtins, sys
    from lineage_kit import lineage_job, run

    @lineage_job
    def job():
        return 1

    @lineage_job
    def lazily():
        return (n for n in [2])

    warm = "warm" in sys.argv
    if warm:
        job()
    real = builtins.__import__

    def guard(name, *args, **kwargs):
        if name.startswith("lineage_kit"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    builtins.__import__ = guard
    print(job(), *(lazily() if warm else [2]))
    with run("block") as r:
        print(r.add_output("s3://lake/orders"))
"""


@pytest.mark.parametrize("disabled", ["", "true"])
@pytest.mark.parametrize(
    ("program", "args", "printed"),
    [
        pytest.param(NO_DESCRIPTORS, ["cold"], "1 1\nraised\n", id="no descriptors"),
        pytest.param(NO_DESCRIPTORS, ["warm"], "1 1\nraised\n", id="no descriptors left"),
        pytest.param(AT_SHUTDOWN, [], "late ran", id="at shutdown"),
        pytest.param(DEEP, ["230"], "1\n", id="deep"),
        pytest.param(DEEP, ["280"], "1\n", id="very deep"),
        pytest.param(WHILE_LOADING, [], "1 1 1\n", id="while loading"),
        pytest.param(NO_IMPORTS, [], "1 2\ns3://lake/orders\n", id="no imports"),
        pytest.param(NO_IMPORTS, ["warm"], "1 2\ns3://lake/orders\n", id="no more imports"),
    ],
)
def test_the_program_does_what_it_would_alone(tmp_path, program, args, printed, disabled) -> None:
    """Neither an exception nor a call that is left out: values, output and exit status are the program's own."""
    done = Folder(tmp_path).run(program, "etl.py", *args, OPENLINEAGE_DISABLED=disabled)
    assert (done.stdout, done.returncode) == (printed, 0), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_what_stands_for_a_run_has_all_of_its_names() -> None:
    """User code that touches anything of an `ActiveRun` goes on with an `Unloaded`."""
    stand_in = Unloaded()
    for name, member in inspect.getmembers(ActiveRun):
        if not name.startswith("_"):
            assert callable(getattr(stand_in, name)) == (callable(member)), name
    assert bool(stand_in)
    assert stand_in.job.name
    assert stand_in.root.id == stand_in.id
    assert len({Unloaded().id for _ in range(100)}) == 100
