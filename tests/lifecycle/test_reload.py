"""Jobs in an interactive session whose modules are edited and loaded anew."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.util import find_spec
from textwrap import dedent

import pytest

from lineage_kit import lineage_job
from tests.support.scripts import Folder

with_ipython = pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not installed")

# IPython writes over single functions where it can tell that nothing else changed, else it loads the whole module
EDITS = {"functions alone": "", "the whole module": "print(VERSION, file=__import__('sys').stderr)"}

SESSION = """
    import os
    from pathlib import Path
    from textwrap import dedent
    from IPython.core.interactiveshell import InteractiveShell

    def write(version):
        file = Path("jobs.py")
        text = Path("jobs.txt").read_text().replace("VERSION", repr(version))
        file.write_text(text.replace("GIVE", "return" if version == "old" else "yield"))
        os.utime(file, (1_900_000_000 + len(version), 1_900_000_000 + len(version)))

    write("old")
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")

    def cell(text):
        done = shell.run_cell(text)
        done.raise_error()
"""

FUNCTIONS = """
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
"""

CLASSES = """
    from lineage_kit import lineage_job

    class Loader:
        day = "1"

        @lineage_job(inputs="s3://raw/" + VERSION + "/{self.day}x.csv")
        def load(self):
            return VERSION

        @classmethod
        @lineage_job
        def make(cls):
            return VERSION

        @lineage_job
        @staticmethod
        def help():
            return VERSION

        @lineage_job("rows of {self.day}", description=VERSION)
        def rows(self):
            yield VERSION

        @lineage_job
        async def fetch(self):
            return VERSION

        @lineage_job
        async def pages(self):
            yield VERSION

    class Other:
        @lineage_job
        def load(self):
            return VERSION
"""

CALLS = """
    async def listed(pages):
        return [page async for page in pages]

    def calls(made, held, kind):
        first = [made.load(), held(), made.make(), kind.make(), kind.help(), made.help(), other.load()]
        return *first, *made.rows(), asyncio.run(made.fetch()), *asyncio.run(listed(made.pages()))
"""


def session(tmp_path, jobs, edit, *cells):
    """What a session printed that ran the last of `cells` before and after an edit of `jobs`; and its events."""
    folder = Folder(tmp_path)
    (tmp_path / "jobs.txt").write_text(dedent(jobs) + EDITS[edit] + "\n")
    *first, every = cells
    steps = [*(f"cell({dedent(text)!r})" for text in first), f"cell({every!r})", 'write("newer")']
    done = folder.run(
        dedent(SESSION) + "\n".join([*steps, *[f"cell({every!r})"] * 2]), IPYTHONDIR=str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert ("newer" in done.stderr) == (edit == "the whole module"), done.stderr
    return [line for line in done.stdout.splitlines() if "old" in line or "newer" in line], folder.events()


@with_ipython
@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_module_runs_its_new_body(tmp_path, edit):
    """After an edit under ``%autoreload 2`` imported names and the module's own run the new body."""
    every = "print(load(), jobs.load(), *rows(), asyncio.run(fetch()))"
    imports = "import asyncio, jobs; from jobs import load, rows, fetch"
    lines, events = session(tmp_path, FUNCTIONS, edit, imports, every)
    assert lines == [" ".join(["old"] * 4), " ".join(["newer"] * 4), " ".join(["newer"] * 4)]
    assert {event["job"]["name"] for event in events} == {
        f"jobs.{name}" for name in ("load", "rows", "fetch")
    }


@with_ipython
@pytest.mark.parametrize("edit", EDITS)
def test_methods_of_what_exists_run_their_new_body(tmp_path, edit):
    """So do methods of every kind, of classes and objects from before the edit, and bound methods kept from then."""
    imports = "import asyncio, jobs; from jobs import Loader, Other; one, two, other = Loader(), jobs.Loader(), Other()"
    every = (
        "print(*calls(one, held, Loader), *calls(two, held, jobs.Loader), *calls(Loader(), held, type(one)))"
    )
    lines, events = session(tmp_path, CLASSES, edit, imports, CALLS, "held = one.load", every)
    assert lines == [" ".join(["old"] * 30), " ".join(["newer"] * 30), " ".join(["newer"] * 30)]
    assert {event["job"]["name"] for event in events} == {
        *(f"jobs.Loader.{name}" for name in ("load", "make", "help", "fetch", "pages")),
        "rows of 1",
        "jobs.Other.load",
    }


@with_ipython
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_that_makes_another_kind_of_function(tmp_path, edit):
    """A job that returned and now yields does so where it was imported, and in objects that exist."""
    jobs = """
    from lineage_kit import lineage_job

    class Loader:
        @lineage_job
        def load(self):
            GIVE [VERSION]

    @lineage_job
    def load():
        GIVE [VERSION]
    """
    imports = "import jobs; from jobs import Loader, load; one = Loader()"
    lines, events = session(tmp_path, jobs, edit, imports, "print(*one.load(), *load(), *jobs.load())")
    assert lines == ["old old old", *["['newer'] ['newer'] ['newer']"] * 2]
    assert {event["job"]["name"] for event in events} == {"jobs.Loader.load", "jobs.load"}


@with_ipython
@pytest.mark.parametrize("edit", EDITS)
def test_edited_settings_come_with_the_edited_body(tmp_path, edit):
    """Inputs and description of a job that exists are those of its new body, and it is still known where that is."""
    where = "[os.path.basename(job.lineage.source) for job in (Loader.load, load)]"
    every = f"print(one.load(), *one.rows(), load(), {where})"
    imports = "import jobs, os; from jobs import Loader, load; one = Loader()"
    lines, events = session(tmp_path, CLASSES + LOAD, edit, imports, every)
    assert [line.partition(" [")[2] for line in lines] == ["'jobs.py', 'jobs.py']"] * 3
    ended = [event for event in events if event["eventType"] == "COMPLETE"]
    read = {
        name: [one["inputs"][0]["name"] for one in ended if one["job"]["name"] == f"jobs.{name}"]
        for name in ("Loader.load", "load")
    }
    assert read == {
        "Loader.load": ["old/1x.csv", "newer/1x.csv", "newer/1x.csv"],
        "load": ["old.csv", "newer.csv", "newer.csv"],
    }
    told = [
        one["job"]["facets"]["documentation"]["description"] for one in ended if one["job"]["name"][0] == "r"
    ]
    assert told == ["old", "newer", "newer"]


LOAD = """
    @lineage_job(inputs="s3://raw/" + VERSION + ".csv")
    def load():
        return VERSION
"""


def test_a_module_loaded_anew_by_hand(tmp_path, monkeypatch):
    """``importlib.reload`` gives the module its new job; what was imported before stays, as functions do."""
    from lineage_kit.testing import record_events

    file = tmp_path / "reloaded_by_hand.py"
    monkeypatch.syspath_prepend(tmp_path)
    file.write_text(
        dedent(LOAD).replace("VERSION", "'old'").replace("@", "from lineage_kit import lineage_job\n@")
    )
    module = importlib.import_module("reloaded_by_hand")
    before, again = module.load, lineage_job("again")(module.load)
    file.write_text(file.read_text().replace("old", "newer"))
    os.utime(file, (1_900_000_000, 1_900_000_000))
    with record_events(strict=True) as events:
        importlib.reload(module)
        assert (module.load(), before(), again()) == ("newer", "old", "old")
    sys.modules.pop("reloaded_by_hand")
    read = [(event.job.name, event.inputs[0].name) for event in events if event.eventType == "COMPLETE"]
    name = "reloaded_by_hand.load"
    assert read == [(name, "newer.csv"), (name, "old.csv"), ("again", "old.csv")]


SECOND = """
    from lineage_kit import lineage_job

    def load():
        return VERSION

    load = lineage_job(load)

    def raw(day=VERSION):
        return day

    fast = lineage_job("fast")(raw)
"""


@with_ipython
def test_second_jobs_run_the_new_body(tmp_path):
    """Jobs over functions that have a name already are loaded anew as others are, and stay jobs."""
    folder = Folder(tmp_path)
    (tmp_path / "jobs.txt").write_text(dedent(SECOND))
    every = 'cell("print(load(), jobs.load(), fast(), jobs.fast())")'
    steps = ['cell("import jobs; from jobs import load, fast")', every, 'write("newer")', every, every]
    done = folder.run(dedent(SESSION) + "\n".join(steps), IPYTHONDIR=str(tmp_path))
    lines = [line for line in done.stdout.splitlines() if "old" in line or "newer" in line]
    assert done.returncode == 0, done.stderr
    assert lines == [" ".join(["old"] * 4), " ".join(["newer"] * 4), " ".join(["newer"] * 4)]
    assert folder.states().count("COMPLETE fast") == folder.states().count("COMPLETE jobs.load") == 6
