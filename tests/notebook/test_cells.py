"""Cells that do not ask: each is a run as soon as there is something to tell."""

from __future__ import annotations

import contextvars
import re
from typing import Any

import pytest

from tests.notebook.conftest import Notebook

WRITES = "current_run().add_output('/tmp/a.csv', rows=3)"


def _jobs(notebook: Notebook) -> list[str]:
    return [state.removeprefix("COMPLETE ") for state in notebook.states if state.startswith("COMPLETE ")]


def test_a_cell_without_datasets_leaves_no_event(notebook) -> None:
    """Nor does the session; cells that fail do not either."""
    for cell in ("x = 1", "1 / 0", "import json", "print(current_run())", "current_run().id"):
        notebook.cell(cell)
    assert notebook.events.states == []


def test_a_cell_with_a_dataset_is_a_run_of_the_session(notebook) -> None:
    """Both START events come first, and carry the times at which things began."""
    notebook.cell(f"# lineage: name=load\n{WRITES}")
    assert notebook.events.states == ["START ipython", "START ipython.load", "COMPLETE ipython.load"]
    session, start, end = notebook.events
    assert end.run.facets["parent"].run.runId == session.run.runId
    assert end.run.facets["parent"].root.run.runId == session.run.runId
    assert session.eventTime <= start.eventTime <= end.eventTime
    notebook.events.completed("ipython.load").wrote("/tmp/a.csv", rows=3)


def test_a_job_makes_its_cell_a_run(notebook) -> None:
    """Session, cell and job are one tree, though the cell itself noted nothing."""
    notebook.cell("# lineage: name=etl\n@lineage_job(outputs='/tmp/a.csv')\ndef load(): ...\nload()")
    states = ["START ipython", "START ipython.etl", "START ipython.load", "COMPLETE ipython.load"]
    assert notebook.events.states == [*states, "COMPLETE ipython.etl"]
    job = notebook.events[2]
    assert job.run.facets["parent"].job.name == "ipython.etl"
    assert job.run.facets["parent"].root.job.name == "ipython"


def test_names_are_those_that_stay(notebook) -> None:
    """The comment's name, else the cell's id, else a hash of what it does: never how often it ran."""
    notebook.cell(f"# lineage: name=load it\n{WRITES}", cell_id="a1b2")
    notebook.cell(WRITES, cell_id="a1b2-c3")
    for source in (WRITES, f"\n# why\n{WRITES}   \n\n", WRITES):
        notebook.cell(source, cell_id="vscode-notebook-cell:/home/somebody/x.ipynb#W0sZmlsZQ%3D%3D")
    first, second, *others = _jobs(notebook)
    assert (first, second) == ("ipython.load it", "ipython.a1b2-c3")
    assert len(set(others)) == 1
    assert re.fullmatch(r"ipython\.cell-[0-9a-f]{8}", others[0])


def test_a_name_that_cannot_be_one_costs_the_name(notebook, caplog) -> None:
    """It is said, and the cell is a run all the same."""
    notebook.cell(f"# lineage: name=\u202eevil\n{WRITES}", cell_id="c1")
    assert _jobs(notebook) == ["ipython.c1"]
    assert "the name of a cell is left out" in caplog.text


def test_a_comment_switches_one_cell_off(notebook, caplog) -> None:
    """And one that means nothing is said."""
    notebook.cell(f"# lineage: off\n{WRITES}")
    assert notebook.events.states == []
    notebook.cell(f"# lineage: nmae=x\n{WRITES}", cell_id="c1")
    assert _jobs(notebook) == ["ipython.c1"]
    assert "'# lineage: nmae=x' means nothing" in caplog.text


@pytest.mark.parametrize("settings", [{"silent": True}, {"store_history": False}])
def test_what_programs_run_is_no_cell(notebook, settings) -> None:
    """Silent executions, and those that the history does not keep, are not the user's."""
    notebook.cell(WRITES, **settings)
    assert notebook.states == []


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("raise ValueError('no')", "FAIL"),
        ("raise KeyboardInterrupt", "ABORT"),
        ("raise SystemExit(2)", "FAIL"),
        ("raise SystemExit(0)", "COMPLETE"),
        ("import asyncio; raise asyncio.CancelledError", "ABORT"),
        ("raise BaseException('odd')", "ABORT"),
        ("current_run().complete(); 1 / 0", "COMPLETE"),
        ("await 1", "FAIL"),
    ],
)
@pytest.mark.filterwarnings("ignore:To exit. use 'exit', 'quit', or Ctrl-D.")
def test_each_ending_is_told_as_it_was(notebook, ending: str, state: str) -> None:
    """The kernel goes on, and the next cell is a run like any other."""
    notebook.cell(f"# lineage: name=load\n{WRITES}\n{ending}")
    assert notebook.states == ["START ipython.load", f"{state} ipython.load"]
    notebook.cell(f"# lineage: name=next\n{WRITES}")
    assert notebook.states[2:] == ["START ipython.next", "COMPLETE ipython.next"]
    assert notebook.events[-1].run.facets["parent"].job.name == "ipython"


def test_cells_know_nothing_of_each_other_where_contexts_do_not_survive(notebook) -> None:
    """As in kernels that run each cell, or its events, in a context of its own."""
    for number in range(3):
        contextvars.copy_context().run(notebook.cell, f"# lineage: name=c{number}\n{WRITES}")
    assert _jobs(notebook) == ["ipython.c0", "ipython.c1", "ipython.c2"]
    parents = {event.run.facets["parent"].job.name for event in notebook.events.all[1:]}
    assert parents == {"ipython"}


def test_events_in_contexts_of_their_own_end_their_cell(notebook) -> None:
    """Where what begins a cell is not seen by what ends it, the cell ends and the next is no child of it."""
    shell = notebook.shell
    context = contextvars.copy_context()
    for number in range(3):
        after = shell.events.callbacks["post_run_cell"][-1]
        shell.events.unregister("post_run_cell", after)
        context.run(notebook.cell, f"# lineage: name=c{number}\n{WRITES}")
        after(shell.last_execution_result)
        shell.events.register("post_run_cell", after)
    assert _jobs(notebook) == ["ipython.c0", "ipython.c1", "ipython.c2"]
    assert {event.run.facets["parent"].job.name for event in notebook.events.all[1:]} == {"ipython"}


class Unshowable(Exception):
    """An error that IPython cannot show."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_a_cell_that_ipython_describes_anew_is_ended_all_the_same(notebook) -> None:
    """As it does where it cannot show an error, or is interrupted in its own machinery."""
    notebook.shell.user_ns["Unshowable"] = Unshowable
    notebook.cell(f"# lineage: name=a\n{WRITES}\nraise Unshowable")
    assert notebook.states == ["START ipython.a", "FAIL ipython.a"]

    def interrupted(coroutine: Any) -> None:
        coroutine.send(None)
        coroutine.close()
        raise KeyboardInterrupt

    notebook.shell.loop_runner = interrupted
    notebook.cell(f"# lineage: name=b\n{WRITES}\nimport asyncio\nawait asyncio.sleep(0)")
    assert notebook.states[2:] == ["START ipython.b", "ABORT ipython.b"]
    notebook.cell(f"# lineage: name=c\n{WRITES}")
    assert {event.run.facets["parent"].job.name for event in notebook.events.all[1:]} == {"ipython"}


def test_cells_whose_end_nobody_tells_are_aborted(notebook) -> None:
    """However many they are; how they ended is not known."""
    shell = notebook.shell
    after = shell.events.callbacks["post_run_cell"][-1]
    shell.events.unregister("post_run_cell", after)
    for number in range(20):
        notebook.cell(f"# lineage: name=c{number}\n{WRITES}")
    assert notebook.states[-1] == "START ipython.c19"
    assert [state for state in notebook.states if state.startswith("ABORT")] == [
        f"ABORT ipython.c{number}" for number in range(4)
    ]
    shell.events.register("post_run_cell", after)
    notebook.cell("%unload_ext lineage_kit")
    assert sum(state.startswith("ABORT") for state in notebook.states) == 20
    notebook.cell("%load_ext lineage_kit")


@pytest.mark.parametrize(
    "code", ["get_ipython().run_cell('1/0')", "try: 1/0\nexcept Exception: get_ipython().showtraceback()"]
)
def test_an_error_that_the_cell_itself_has_shown_is_no_failure(notebook, code: str) -> None:
    """It went on, and ended well."""
    notebook.cell(f"# lineage: name=a\n{WRITES}\n{code}\nprint('fine')")
    assert notebook.states == ["START ipython.a", "COMPLETE ipython.a"]


def test_an_interrupted_script_is_an_abort(notebook) -> None:
    """IPython tells it as a process that a signal ended."""
    notebook.cell("# lineage: name=a\nimport signal, subprocess")
    notebook.cell(
        f"# lineage: name=b\n{WRITES}\nraise subprocess.CalledProcessError(-signal.SIGINT, 'sleep')"
    )
    assert notebook.states[-1] == "ABORT ipython.b"


@pytest.mark.parametrize(
    "source",
    [
        f"text = '''\n# lineage: off\n'''\n{WRITES}",
        f"text = '''\n# lineage: name=evil\n'''\n{WRITES}",
        f"x = 1\n# lineage: name=late\n{WRITES}",
    ],
)
def test_comments_count_above_the_code_only(notebook, source: str) -> None:
    """A text that looks like one is a text."""
    notebook.cell(source, cell_id="c1")
    assert notebook.states == ["START ipython.c1", "COMPLETE ipython.c1"]


def test_the_comment_of_another_language_is_not_ours(notebook, caplog) -> None:
    """Nor is a remark behind the name a part of it."""
    notebook.cell("%%bash\n# lineage: name=x\n# lineage: a=b\necho")
    assert notebook.states == []
    assert "means nothing" not in caplog.text
    notebook.cell(f"# lineage: name=late  # as in the report\n{WRITES}")
    assert notebook.states == ["START ipython.late", "COMPLETE ipython.late"]


def test_a_run_that_is_left_open_is_the_parent_of_the_next_cells(notebook) -> None:
    """A block entered by hand in one cell and left in another goes on in between."""
    notebook.cell("# lineage: name=a\nblock = run('month')\nr = block.__enter__()")
    notebook.cell(f"# lineage: name=b\n{WRITES}")
    notebook.cell("# lineage: name=c\nblock.__exit__(None, None, None)")
    notebook.cell(f"# lineage: name=d\n{WRITES}")
    parents = {event.job.name: event.run.facets["parent"].job.name for event in notebook.events.all[1:]}
    assert parents == {
        "ipython.a": "ipython",
        "month": "ipython.a",
        "ipython.b": "month",
        "ipython.d": "ipython",
    }
