"""Sessions of notebooks: what they are called, configuration, loading and unloading, several at once, and bounds."""

from __future__ import annotations

import gc
import threading

from IPython.core.interactiveshell import InteractiveShell

from lineage_kit.lifecycle.recording.recorder import OPEN
from lineage_kit.strangers import module_of
from lineage_kit.testing import Recording
from tests.notebook.conftest import Notebook

WRITES = "current_run().add_output('/tmp/a.csv', rows=3)"


def test_the_rest_of_the_cell_that_loads_the_extension_counts(lineage_events: Recording) -> None:
    """And what follows an unloading is ended as it ends."""
    made = Notebook(lineage_events)
    made.cell("%unload_ext lineage_kit")
    made.cell(f"# lineage: name=a\n%load_ext lineage_kit\n{WRITES}")
    assert made.states == ["START ipython.a", "COMPLETE ipython.a"]
    made.cell(f"# lineage: name=b\n{WRITES}\n%unload_ext lineage_kit\n1 / 0")
    assert made.events.states[3:] == ["START ipython.b", "FAIL ipython.b", "COMPLETE ipython"]
    made.cell("%load_ext lineage_kit")
    made.cell(f"# lineage: name=c\n{WRITES}\n%reload_ext lineage_kit\n{WRITES}")
    assert made.events.states[-1] == "COMPLETE ipython.c"
    made.close()
    assert lineage_events.states.count("COMPLETE ipython") == 3


def test_session_and_cells_have_one_name(notebook) -> None:
    """Where the title becomes known late, it counts from the first cell that tells something."""
    notebook.prepare("__vsc_ipynb_file__ = '/home/somebody/My report.ipynb'")
    notebook.cell(f"# lineage: name=a\n{WRITES}")
    notebook.prepare("__vsc_ipynb_file__ = '/home/somebody/Other.ipynb'")
    notebook.cell(f"# lineage: name=b\n{WRITES}")
    assert {event.job.name for event in notebook.events} == {"My report", "My report.a", "My report.b"}


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
        objects = sum(module_of(type(one)).startswith("lineage_kit.") for one in gc.get_objects())
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
    notebook.cell(
        '# Parameters\nday = "2026-11-29"\nlimits = [1, 2.5, float("nan")]\ntoken = "t0ps3cret"\nnothing = None\n'
        'nested = {"a": [-1]}\n'
    )
    notebook.cell(WRITES)
    told = notebook.events[0].run.facets["executionParameters"].parameters
    values = {one.key: one.value for one in told}
    assert values["day"] == "2026-11-29"
    assert values["limits"] in ("[1, 2.5, float('nan')]", "[1, 2.5, nan]")
    assert (values["nothing"], values["nested"]) == ("None", "<dict of 1>")  # which nobody looks into
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


def test_a_generator_that_lives_longer_than_its_cell_leaves_nothing_current(notebook) -> None:
    """After its end the cells are the session's again, and one that is switched off is off."""
    notebook.cell("# lineage: name=a\ndef g():\n    with run('gen'): yield 1; yield 2\nit = g(); next(it)")
    notebook.cell("# lineage: name=b\nx = list(it)")
    notebook.cell(f"# lineage: off\n{WRITES}\nassert not current_run()").raise_error()
    notebook.cell(f"# lineage: name=c\n{WRITES}")
    parents = {event.job.name: event.run.facets["parent"].job.name for event in notebook.events.all[1:]}
    assert parents == {"ipython.a": "ipython", "gen": "ipython.a", "ipython.c": "ipython"}


def test_the_cell_that_names_the_notebook_belongs_to_it(notebook) -> None:
    """By the new name, below the new session; and the one that switches lineage off says nothing more."""
    notebook.cell(f"# lineage: name=a\n%lineage on etl\n{WRITES}\nwith run('inner'): ...")
    assert notebook.events.states[:3] == ["START etl", "START etl.a", "START inner"]
    assert notebook.events[1].run.facets["parent"].job.name == "etl"
    notebook.cell(f"# lineage: name=b\n%lineage off\n{WRITES}")
    assert notebook.events.states[-1] == "COMPLETE etl"


def test_functions_are_named_after_the_notebook_that_calls_them_first(
    notebook, lineage_events: Recording
) -> None:
    """However many there are."""
    other = Notebook(lineage_events)
    try:
        other.cell(f"%lineage on other\n{WRITES}")
        notebook.cell("@lineage_job\ndef f(): ...\nf()")
    finally:
        other.close()
    assert "START ipython.f" in lineage_events.states


def test_in_strict_mode_trouble_is_shown(notebook, capsys) -> None:
    """IPython shows what its callbacks raise; the cell runs."""
    notebook.cell("lk.configure(strict=True, transport={'type': 'noop'})")
    notebook.cell(f"# lineage: nmae=x\n{WRITES}\nran = True")
    assert "means nothing" in capsys.readouterr().out
    assert notebook.shell.user_ns["ran"]
    notebook.cell("lk.configure(transport={'type': 'noop'})")
