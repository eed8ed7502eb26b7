"""Real kernels, as Jupyter and its runners start them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripts import ROOT, Folder

EXAMPLE = ROOT / "examples" / "11_notebook" / "flights.ipynb"
TREE = ["flights", "flights.late", "flights.carriers", "flights.by_carrier", "flights.worst"]

CONVERSATION = """
    import json, queue, sys
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    shown = {}

    def send(code, cell_id=None):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": False}
        message = client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def until_said(asked, text):
        while True:
            message = client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") == asked and text in json.dumps(message["content"]):
                return

    def outcome(asked):
        while True:
            reply = client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == asked:
                return reply["content"]["status"], reply["content"].get("ename")

    def run(code, cell_id=None):
        return outcome(send(code, cell_id))

    assert run("%load_ext lineage_kit") == ("ok", None)
    assert run("from lineage_kit import current_run, run") == ("ok", None)
    WRITES = "current_run().add_output('/tmp/a.csv')" + chr(10)
"""

HOSTILE = """
    def interrupt(name, code):
        says = "print('run' + 'ning', flush=True)" + chr(10)
        asked = send(f"# lineage: name={name}" + chr(10) + WRITES + says + code)
        until_said(asked, "running")
        manager.interrupt_kernel()
        return asked

    def cell(name, code):
        return run(f"# lineage: name={name}" + chr(10) + WRITES + code)

    assert outcome(interrupt("waiting", "import threading; threading.Event().wait(60)"))[0] == "error"
    interrupt("awaited", "import asyncio; await asyncio.Event().wait()")
    while run("1")[0] != "ok":  # a kernel may leave out what was asked right after such an interrupt
        pass
    assert outcome(interrupt("endless", "while True: print('x' * 100)"))[0] == "error"
    assert cell("task", "task = asyncio.ensure_future(asyncio.Event().wait())") == ("ok", None)
    assert cell("exit", "import sys; sys.exit(3)")[0] == "error"
    assert run(WRITES, "a1b2c3") == ("ok", None)
    assert cell("late", "await asyncio.wait([task], timeout=0)") == ("ok", None)
    assert run("current_run().job.name") == ("ok", None)
"""


def _jupyter(folder: Folder, *args: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", *args],
        cwd=folder.path,
        env=folder.environ(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _runs(folder: Folder) -> list[dict[str, Any]]:
    """The last tree, as a list of its runs; every event in the log has to be valid."""
    checked = folder.tool("validate", "--strict", *map(str, (folder.state / "log").iterdir()))
    assert checked.returncode == 0, checked.stdout
    tree = json.loads(folder.tool("log", "--json").stdout)
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop(0)
        found.append(node)
        waiting = [*node["children"], *waiting]
    return found


@pytest.fixture
def example(folder: Folder) -> Path:
    """A copy of the example."""
    return Path(shutil.copy(EXAMPLE, folder.path))


def test_the_example_runs_and_its_page_shows_the_graph(folder: Folder, example: Path) -> None:
    """By nbclient, as nbconvert calls it; in light and in dark the page has the picture, once, and no error."""
    _jupyter(folder, "nbconvert", "--execute", "--to", "notebook", "--output", "done.ipynb", example.name)
    runs = _runs(folder)
    assert [run["job"] for run in runs] == TREE
    assert {run["state"] for run in runs} == {"COMPLETE"}
    late, carriers = runs[1]["outputs"][0], runs[3]["outputs"][0]
    assert (late["rows"], len(late["columns"])) == (487, 19)
    assert carriers["columns"] == ["name", "late", "minutes"]
    for theme in ("light", "dark"):
        _jupyter(folder, "nbconvert", "--to", "html", "--theme", theme, "--output", theme, "done.ipynb")
        page = (folder.path / f"{theme}.html").read_text(encoding="utf-8")
        graph = page[page.index('<div class="lk-graph">') :]
        graph = graph[graph.index("<svg") : graph.index("</div>")]
        for label in ("flights.csv.zip", "flights.late", "late.parquet", "flights.by_carrier", "worst.txt"):
            assert f">{label}</text>" in graph
        assert page.count('<div class="lk-graph">') == 1
        assert "1 in → 1 out" in page
        assert "stderr" not in page.split("</head>")[-1]


def test_papermill_tells_its_parameters(folder: Folder, example: Path) -> None:
    """As a run facet of the session; the file it writes is the notebook with its outputs."""
    _jupyter(folder, "papermill", example.name, "out.ipynb", "-p", "month", "2", "-p", "airport", "LGA")
    runs = _runs(folder)
    assert [run["job"] for run in runs] == TREE
    assert runs[1]["outputs"][0]["rows"] == 350
    first = next((folder.state / "log").iterdir()).read_text(encoding="utf-8").splitlines()[0]
    told = json.loads(first)["run"]["facets"]["executionParameters"]["parameters"]
    assert {one["key"]: one["value"] for one in told} == {"month": "2", "airport": "LGA"}


def test_a_kernel_that_is_shut_down_ends_its_session_well(folder: Folder) -> None:
    """After cells that were interrupted, that ended in ``sys.exit``, left a task behind, or wrote without end."""
    end = "\n    client.stop_channels()\n    manager.shutdown_kernel()\n"
    done = folder.run(CONVERSATION + HOSTILE + end)
    assert done.returncode == 0, done.stderr
    session, *cells = _runs(folder)
    assert (session["job"], session["state"]) == ("notebook", "COMPLETE")
    assert {cell["job"]: cell["state"] for cell in cells} == {
        "notebook.waiting": "ABORT",
        "notebook.awaited": "ABORT",
        "notebook.endless": "ABORT",
        "notebook.task": "COMPLETE",
        "notebook.exit": "FAIL",
        "notebook.a1b2c3": "COMPLETE",
        "notebook.late": "COMPLETE",
    }
    assert {cell["parent"]["run_id"] for cell in cells} == {session["run_id"]}


def test_a_badge_takes_nothing_away(folder: Folder) -> None:
    """Of a cell that has asked for its output to be replaced by what comes next."""
    cell = """
    shown = run(WRITES + "from IPython.display import clear_output" + chr(10)
                + "print('step'); clear_output(wait=True)")
    assert shown == ("ok", None)
    kinds = []
    while True:
        message = client.get_iopub_msg(timeout=30)
        kinds.append(message["msg_type"])
        if "clear_output" in kinds and kinds[-1] == "status":
            break
    assert "display_data" not in kinds, kinds
    client.stop_channels()
    manager.shutdown_kernel()
    """
    done = folder.run(CONVERSATION + cell)
    assert done.returncode == 0, done.stderr
    assert [run["state"] for run in _runs(folder)] == ["COMPLETE", "COMPLETE"]


def test_a_session_is_called_after_its_notebook(folder: Folder) -> None:
    """As Jupyter Server names it; jobs that are defined in it too."""
    ends = "\n    client.stop_channels()\n    manager.shutdown_kernel()\n"
    cell = "assert run(WRITES + 'from lineage_kit import lineage_job' + chr(10) + '@lineage_job' + chr(10)"
    cell += " + 'def f(): ...' + chr(10) + 'f()', 'c1') == ('ok', None)"
    done = folder.run(f"{CONVERSATION}\n    {cell}{ends}", JPY_SESSION_NAME="reports/Daily report.ipynb")
    assert done.returncode == 0, done.stderr
    assert [run["job"] for run in _runs(folder)] == ["Daily report", "Daily report.c1", "Daily report.f"]
