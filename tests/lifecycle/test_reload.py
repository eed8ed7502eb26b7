"""Jobs in an interactive session whose modules are edited and loaded anew."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.support.scripts import Folder

SOURCE = """
    import os
    from pathlib import Path
    from textwrap import dedent
    from IPython.core.interactiveshell import InteractiveShell

    JOBS = '''
    from lineage_kit import lineage_job

    @lineage_job(inputs="{where}")
    def load(where="s3://raw/a.csv"):
        return VERSION

    @lineage_job
    def rows():
        yield VERSION

    @lineage_job
    async def fetch():
        return VERSION
    '''

    def write(version):
        file = Path("jobs.py")
        file.write_text(dedent(JOBS).replace("VERSION", repr(version)))
        os.utime(file, (1_900_000_000 + len(version), 1_900_000_000 + len(version)))

    write("old")
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")

    def cell(text):
        done = shell.run_cell(text)
        done.raise_error()

    cell("import asyncio, jobs; from jobs import load, rows, fetch")
    every = "print(load(), jobs.load(), *rows(), asyncio.run(fetch()))"
    cell(every)
    write("newer")
    cell(every)
    cell("from jobs import load")
    cell(every)
"""


@pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not installed")
def test_an_edited_module_runs_its_new_body(tmp_path):
    """After an edit under ``%autoreload 2`` imported names and the module's own run the new body."""
    folder = Folder(tmp_path)
    done = folder.run(SOURCE, IPYTHONDIR=str(tmp_path))
    lines = [line for line in done.stdout.splitlines() if "old" in line or "newer" in line]
    assert done.returncode == 0, done.stderr
    assert lines == [" ".join(["old"] * 4), " ".join(["newer"] * 4), " ".join(["newer"] * 4)]
    assert {event["job"]["name"] for event in folder.events()} == {
        f"jobs.{name}" for name in ("load", "rows", "fetch")
    }
