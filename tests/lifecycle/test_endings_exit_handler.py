"""`sys.exit` in a signal handler of the user's: the program ends wherever the signal strikes, and so do its runs."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="interval timers are a thing of POSIX")

STORM = """
    import random, signal, sys
    from lineage_kit import Transport, configure, lineage_job, run

    runs = {}

    class Wire(Transport):
        delivery = "direct"
        def send(self, envelope):
            runs.setdefault(envelope.run_id, []).append(str(envelope.state))

    configure(transport=Wire())

    @lineage_job("row")
    def row(): ...

    def handler(*_):
        strikes.append(1)
        sys.exit(7)

    row()  # what is loaded once takes longer than a strike is away
    strikes, ended = [], 0
    signal.signal(signal.SIGALRM, handler)
    for _ in range(200):
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0003 + random.random() / 1000)
            while not strikes or len(strikes) == ended:
                row()
                with run("block"):
                    pass
        except SystemExit as stop:
            ended += stop.code == 7
        assert len(strikes) == ended, "a signal handler asked the program to end, and it went on"
    row()
    told = [list(dict.fromkeys(states)) for states in runs.values()]
    whole = (["START", "COMPLETE"], ["START", "ABORT"], ["START", "FAIL"])
    late = sum(states == ["START"] for states in told)  # Ctrl-C's own gap: the first instruction of an __exit__
    print(ended, [states for states in told if states not in whole and states != ["START"]], late <= 20)
"""


def test_the_program_ends_wherever_the_signal_strikes(folder) -> None:
    """Two hundred signals in the middle of runs: each ends what runs, none is swallowed, no run ends in two ways."""
    done = folder.run(STORM)
    assert (done.returncode, done.stdout) == (0, "200 [] True\n"), done.stderr
