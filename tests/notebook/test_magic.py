"""``%%lineage``: a cell that asks to be a run."""

from __future__ import annotations

import pytest

from tests.notebook.conftest import Notebook

SIMPLE = ["START daily", "COMPLETE daily"]


def test_a_cell_reads_and_writes_what_its_line_says(notebook: Notebook) -> None:
    """Paths, URLs, and variables that hold a Dataset."""
    notebook.prepare('ORDERS = Dataset("postgres://db:5432", "shop.public.orders")\nday = "monday"')
    notebook.cell(
        "%%lineage --name daily --in ORDERS s3://raw/a.csv --out /tmp/{day}.csv --out gs://x/$day\ntotal = 1"
    )
    assert notebook.states == SIMPLE
    done = notebook.events.completed("daily")
    done.read("s3://raw/a.csv").wrote("/tmp/monday.csv").wrote("gs://x/monday")
    assert [one.name for one in notebook.events[-1].inputs] == ["shop.public.orders", "a.csv"]
    assert notebook.shell.user_ns["total"] == 1


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("%%lineage --name daily\nimport asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "awaited"),
        ("%%lineage --name daily\n%%time\nprint('timed')", "timed"),
        ("%%time\n%%lineage --name daily\nprint('below')", "below"),
        ("%%lineage --name daily\n%%capture out\nprint('hidden')", ""),
        ("%%capture out\n%%lineage --name daily\nprint('hidden')", ""),
        ("%%lineage --name daily\n%%bash\necho from bash", "from bash"),
        ("\n%%lineage --name daily\n%time print('line')", "line"),
        ("%%lineage --name daily\n!echo shell", "shell"),
        ('%%lineage --name "daily"\nif True:\n    print("block")\n', "block"),
    ],
)
def test_the_line_goes_with_other_magics_and_await(notebook, capfd, cell: str, printed: str) -> None:
    """The cell does what it does without the line, and is one run."""
    notebook.cell(cell).raise_error()
    assert notebook.states == SIMPLE
    assert printed in capfd.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--nmae x", "no option '--nmae'; did you mean '--name'?"),
        ("--out", "--out"),
        ("--name", "--name"),
        ("--name ''", "cannot be empty"),
        ("--name 'daily", "No closing quotation"),
        ("daily", "unrecognized arguments: daily"),
        ("--in=", "empty"),
        ("--name x --out http:// ", "http://"),
        ("--name {1/0}", "'{1/0}' holds braces that could not be filled"),
        ("--out s3://raw/{nothing}.csv", "{nothing}"),
        ("--out {interrupt()}", "interrupted while its braces were filled"),
        ("--out {exit_now(3)}", "what stands in its braces ends the program"),
    ],
)
def test_a_wrong_line_stops_the_cell_with_its_usage(notebook, capsys, options: str, said: str) -> None:
    """No traceback, no event, and the code does not run; whatever happens while braces are filled."""
    notebook.prepare("from sys import exit as exit_now\ndef interrupt(): raise KeyboardInterrupt")
    result = notebook.cell(f"%%lineage {options}\nran = True")
    shown = capsys.readouterr()
    assert not result.success
    assert "ran" not in notebook.shell.user_ns
    assert said in shown.err + shown.out
    assert "usage: %%lineage [--name N] [--in X]... [--out Y]..." in shown.err + shown.out
    assert "Traceback" not in shown.err + shown.out
    assert notebook.states == []


def test_one_clean_traceback_with_the_lines_as_they_stand(notebook, capsys) -> None:
    """The error is on the third line of the cell, and no frame of ours is shown."""
    notebook.cell("%%lineage --name daily --out /tmp/x.csv\nx = 1\n1 / 0")
    shown = capsys.readouterr().out
    assert shown.count("ZeroDivisionError: division by zero") == 1
    assert "----> 3 1 / 0" in shown
    assert "lineage_kit/" not in shown
    assert notebook.states == ["START daily", "FAIL daily"]
    facet = notebook.events[-1].run.facets["errorMessage"]
    assert facet.message == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize("magic", ["%%time", "%%capture"])
def test_an_error_that_another_magic_swallows_is_a_failure(notebook, magic: str) -> None:
    """What is shown to the user as an error is told as one."""
    notebook.cell(f"%%lineage --name daily --out /tmp/x.csv\n{magic}\n1 / 0")
    assert notebook.states == ["START daily", "FAIL daily"]


def test_an_error_of_an_earlier_cell_is_not_told_again(notebook) -> None:
    """Only what was shown by this cell counts."""
    notebook.cell("1 / 0")
    notebook.cell("%%lineage --name daily\nx = 1")
    assert notebook.states == SIMPLE


@pytest.mark.parametrize(
    "cell",
    ["x =", "  x = 1\n y = 2", "def f(:\n  pass", "return 5", "break", "def f(a, a): ...", "%%time\nx ="],
)
def test_what_is_no_python_is_no_run(notebook, cell: str) -> None:
    """A SyntaxError leaves nothing behind; the next cell is a run of its own."""
    notebook.cell(f"%%lineage --name broken --out /tmp/x.csv\n{cell}")
    if not cell.startswith("%%"):  # a magic takes any text: the cell around it is Python
        assert notebook.states == []
    notebook.cell("%%lineage --name daily\nx = 1")
    assert notebook.states[-2:] == SIMPLE


def test_start_leaves_before_the_cell_does_anything(notebook) -> None:
    """A cell that takes hours is seen from its beginning."""
    notebook.shell.user_ns["events"] = notebook.events
    notebook.cell("%%lineage --name daily\nseen = [state for state in events.states if 'daily' in state]")
    assert notebook.shell.user_ns["seen"] == ["START daily"]


def test_the_line_works_while_lineage_is_off(notebook) -> None:
    """Off means that nothing is a run unless it asks for it."""
    notebook.cell("%lineage off")
    notebook.cell("current_run().add_output('/tmp/a.csv')")
    assert notebook.states == []
    notebook.cell("%%lineage --name daily --out /tmp/b.csv\nx = 1")
    assert notebook.states == SIMPLE


def test_the_line_within_code_is_not_ours(notebook, capsys) -> None:
    """Called from elsewhere the magic says where it belongs."""
    notebook.cell("get_ipython().run_cell_magic('lineage', '', 'x = 1')")
    shown = capsys.readouterr()
    assert "belongs to the first lines" in shown.out + shown.err
    assert notebook.states == []


def test_a_text_that_holds_the_line_stays_as_it_is(notebook) -> None:
    """Only the top of a cell is looked at."""
    notebook.cell('text = """\n%%lineage --name daily\n"""').raise_error()
    assert notebook.shell.user_ns["text"] == "\n%%lineage --name daily\n"
    assert notebook.states == []


def test_a_prompt_reads_on_below_the_line(notebook) -> None:
    """IPython asks whether a cell is complete: after the line alone it is not, as with any magic."""
    for options in ("--name x", "--nmae x"):
        for text in ("", "\nx = 1", "\nx = 1\n\n"):
            asked = notebook.shell.check_complete(f"%%lineage {options}{text}")
            assert asked == notebook.shell.check_complete(f"%%time {options}{text}")


def test_variables_are_filled_once(notebook) -> None:
    """Whatever else IPython asks of the line: it may count."""
    notebook.prepare("numbers = iter(range(100))")
    notebook.cell(
        "%%lineage --name n{next(numbers)} --out s3://raw/o_{next(numbers)}.csv\nseen = next(numbers)"
    )
    assert notebook.shell.user_ns["seen"] == 2
    notebook.events.completed("n0").wrote("s3://raw/o_1.csv")


def test_a_program_may_ask_for_a_run_too(notebook) -> None:
    """What leaves no trace in the history is no run, unless its first line says so."""
    notebook.cell("x = 1\ncurrent_run().add_output('/tmp/a.csv')", store_history=False)
    assert notebook.states == []
    notebook.cell("get_ipython().run_cell('%%lineage --name daily --out /tmp/a.csv\\nx = 1')")
    assert notebook.states == SIMPLE


def test_cells_that_say_other_datasets_are_other_jobs(notebook) -> None:
    """Though their code is the same."""
    for letter in "ab":
        notebook.cell(f"%%lineage --out s3://raw/{letter}\n%%bash\necho")
    first, second = {event.job.name for event in notebook.events} - {"ipython"}
    assert first != second


def test_an_indented_cell_runs_as_without_the_line(notebook) -> None:
    """IPython takes the indentation away."""
    notebook.cell("%%lineage --name daily\n    x = 1\n    y = 2").raise_error()
    assert notebook.shell.user_ns["y"] == 2
    assert notebook.states == SIMPLE


def test_a_comment_may_stand_above_the_line(notebook) -> None:
    """Most write one sooner or later."""
    notebook.cell("# what this does\n%%lineage --name daily\nx = 1").raise_error()
    assert notebook.states == SIMPLE


def test_a_file_that_is_written_keeps_its_lines(notebook, tmp_path) -> None:
    """In what other magics take, the line is a text like any other."""
    notebook.cell("%%writefile cell.txt\n%%lineage --name daily\nx = 1").raise_error()
    assert (tmp_path / "cell.txt").read_text() == "%%lineage --name daily\nx = 1\n"
    assert notebook.states == []


def test_a_magic_of_the_users_may_run_the_rest_of_the_cell(notebook) -> None:
    """As a cell of its own, whose first line is ours."""
    notebook.prepare(
        "from IPython.core.magic import register_cell_magic\n"
        "@register_cell_magic\n"
        "def rerun(line, cell):\n    get_ipython().run_cell(cell)"
    )
    notebook.cell("%%rerun\n%%lineage --name daily --out s3://raw/a\nx = 1")
    notebook.events.completed("daily").wrote("s3://raw/a")


def test_variables_are_filled_anew_each_time(notebook) -> None:
    """Also below a magic that runs the rest of the cell by itself."""
    for day in ("monday", "tuesday"):
        notebook.prepare(f"day = {day!r}")
        notebook.cell("%%capture\n%%lineage --name daily --out s3://raw/{day}/a.csv\nx = 1")
    assert [event.outputs[0].name for event in notebook.events if event.eventType == "COMPLETE"] == [
        "monday/a.csv",
        "tuesday/a.csv",
    ]


def test_an_interrupt_while_a_cell_is_told_of_stops_it(notebook, monkeypatch) -> None:
    """Ctrl-C belongs to the user, also in the moment before the code begins."""

    def interrupted(_run: object, _client: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lineage_kit.lifecycle.recording.quiet.Quiet._speak", interrupted)
        result = notebook.cell("%%lineage --name daily\nran = True")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "ran" not in notebook.shell.user_ns
    notebook.cell("%%lineage --name daily\nx = 1")
    assert notebook.states == SIMPLE
