"""A library that a delivery's thread is loading is whole in a process that is forked meanwhile."""

from pathlib import Path

from tests.support.scripts import Folder


def test_fork_waits_until_a_library_is_loaded(tmp_path: Path) -> None:
    """A fork in the middle of an import happens after it; the lock is free on both sides, also for the next fork."""
    done = Folder(tmp_path).run(
        """
        import os, threading, time
        from lineage_kit.transport.common.loading import prepare, undivided

        prepare()
        loaded, begun = [], threading.Event()

        def load():
            with undivided():
                begun.set()
                time.sleep(0.2)  # sleep: stands for a long import
                loaded.append(True)

        for number in (1, 2):
            thread = threading.Thread(target=load)
            thread.start()
            begun.wait()
            child = os.fork()
            if not child:
                with undivided():
                    os._exit(len(loaded))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == number
            thread.join()
            begun.clear()
            with undivided():
                pass
        print("done")
        """
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
