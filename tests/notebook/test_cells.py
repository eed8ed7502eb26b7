"""Cells that do not ask: each is a run as soon as there is something to tell."""

from __future__ import annotations

import contextvars
import gc
import re
import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lineage_kit.lifecycle.recording.recorder import OPEN
from lineage_kit.testing import Recording
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


def test_off_and_on(notebook) -> None:
    """Off ends the session; on begins another, which may be called something."""
    notebook.cell(f"# lineage: name=a\n{WRITES}")
    notebook.cell("%lineage off")
    assert notebook.events.states[-1] == "COMPLETE ipython"
    notebook.cell(WRITES)
    notebook.cell("%lineage on 'daily report'")
    notebook.cell(f"# lineage: name=a\n{WRITES}\n@lineage_job\ndef f(): ...\nf()")
    assert notebook.events.states[4:] == [
        "START daily report",
        "START daily report.a",
        "START daily report.f",
        "COMPLETE daily report.f",
        "COMPLETE daily report.a",
    ]


def test_a_new_configuration_counts_from_the_cell_that_makes_it(notebook) -> None:
    """What has not spoken yet speaks by it; a session that has spoken is ended, and another begins."""
    notebook.cell("lk.configure(namespace='one', transport={'type': 'noop'})\n" + WRITES)
    assert {event.job.namespace for event in notebook.events} == {"one"}
    notebook.cell("lk.configure(namespace='two', transport={'type': 'noop'})")
    notebook.cell(WRITES)
    assert notebook.events.states[3] == "COMPLETE ipython"
    assert {event.job.namespace for event in notebook.events.all[4:]} == {"two"}
    notebook.cell("lk.configure(enabled=False)\n" + WRITES)
    assert len(notebook.events) == 7
    notebook.cell(WRITES)
    assert notebook.events.states[7:] == ["COMPLETE ipython"]


def test_filters_leave_cells_out(notebook) -> None:
    """A cell that a filter leaves out is no parent; jobs in it belong to the session."""
    notebook.cell(
        "lk.configure(transport={'type': 'noop'}, config={'filters': [{'type': 'exact', 'match': 'ipython.a'}]})"
    )
    notebook.cell(f"# lineage: name=a\n{WRITES}\nwith run('inner'): ...")
    assert notebook.states == ["START inner", "COMPLETE inner"]
    assert notebook.events[-1].run.facets["parent"].job.name == "ipython"


def test_running_a_cell_a_thousand_times_grows_nothing(notebook) -> None:
    """Neither what is kept for showing nor what the shell calls."""
    cell = f"# lineage: name=a\n{WRITES}\nwith run('inner'): ..."
    shell = notebook.shell
    shell.display_pub.publish = lambda *_args, **_settings: None  # thousands of badges

    def sizes() -> list[int]:
        gc.collect()
        heard = _session(notebook).heard.records()
        objects = sum(type(one).__module__.startswith("lineage_kit.") for one in gc.get_objects())
        lists = [shell.ast_transformers, *shell.events.callbacks.values(), OPEN, heard]
        return [*map(len, lists), objects]

    for _ in range(20):
        notebook.cell(cell)
    notebook.events.clear()
    before = sizes()
    for _ in range(1000):
        notebook.cell(cell)
    notebook.events.clear()
    after = sizes()
    assert after[:-1] == before[:-1]
    assert after[-1] - before[-1] < 50


def test_a_cell_with_very_many_runs_is_shown_in_part(notebook) -> None:
    """What is kept is bounded, and the session is always part of it."""
    notebook.cell("# lineage: name=many\nfor number in range(3000):\n    with run(f'r{number % 50}'): ...")
    notebook.cell(f"# lineage: name=last\n{WRITES}")
    assert len(_session(notebook).heard.records()) <= 1000
    (root,) = _session(notebook).forest()
    assert root.record.job == "ipython"
    assert root.children[-1].record.job == "ipython.last"


def test_threads_and_redefinitions_do_no_harm(notebook) -> None:
    """A thread that a cell leaves behind goes on, and a function defined again is the new one."""
    notebook.shell.user_ns["go"] = go = threading.Event()
    notebook.cell(
        "# lineage: name=a\nimport threading\n"
        "def work():\n    go.wait(10)\n    with run('late'): ...\n"
        f"thread = threading.Thread(target=lk.propagate(work))\nthread.start()\n{WRITES}"
    )
    go.set()
    notebook.shell.user_ns["thread"].join(10)
    assert notebook.states[-2:] == ["START late", "COMPLETE late"]
    assert notebook.events[-1].run.facets["parent"].job.name == "ipython.a"
    for version in (1, 2):
        notebook.cell(f"@lineage_job\ndef f(): return {version}\nanswer = f()")
        assert notebook.shell.user_ns["answer"] == version


def test_several_notebooks_in_one_process(notebook, lineage_events: Recording) -> None:
    """Each has its session and its names; cells of one are no children of the other."""
    other = Notebook(lineage_events)
    try:
        other.cell("%lineage on other")
        notebook.cell("%lineage on one")
        for which in (notebook, other, notebook):
            which.cell(f"# lineage: name=a\n{WRITES}")
    finally:
        other.close()
    parents = {event.job.name: event.run.facets.get("parent") for event in lineage_events}
    assert {name: parent and parent.job.name for name, parent in parents.items()} == {
        "one": None,
        "one.a": "one",
        "other": None,
        "other.a": "other",
    }


def test_loading_twice_is_loading_once_and_unloading_takes_all_back(lineage_events: Recording) -> None:
    """After it the shell is as it was."""
    made = Notebook(lineage_events)
    shell: InteractiveShell = made.shell
    made.cell("%load_ext lineage_kit\n%reload_ext lineage_kit")
    made.cell(f"# lineage: name=a\n{WRITES}")
    assert made.states == ["START ipython.a", "COMPLETE ipython.a"]
    made.close()
    assert lineage_events.states[-1] == "COMPLETE ipython"
    assert not shell.ast_transformers
    assert "lineage" not in shell.magics_manager.magics["line"]
    made.cell(WRITES)
    assert len(lineage_events) == 4


def test_parameters_of_papermill_are_told_with_the_session(notebook) -> None:
    """Literals only; what looks alike but computes is an ordinary cell."""
    notebook.cell("# Parameters\nsecret = print('run')\n")
    notebook.cell('# Parameters\nday = "2026-11-29"\nlimits = [1, 2.5]\ntoken = "t0ps3cret"\n')
    notebook.cell(WRITES)
    told = notebook.events[0].run.facets["executionParameters"].parameters
    values = {one.key: one.value for one in told}
    assert values["day"] == "2026-11-29"
    assert values["limits"] == "[1, 2.5]"
    assert values["token"] != "t0ps3cret"


def test_the_machinery_of_a_cell_breaks_nothing_when_it_breaks(notebook, caplog, monkeypatch) -> None:
    """Whatever goes wrong on our side, the cell runs and its value is shown."""
    monkeypatch.setattr("lineage_kit.notebook.session.read_cell", lambda _source: 1 / 0)
    result = notebook.cell("40 + 2")
    assert result.success
    assert result.result == 42
    assert "a cell could not be followed" in caplog.text


def _session(notebook: Notebook):
    from lineage_kit.notebook.extension import _attached

    return _attached[notebook.shell].session
