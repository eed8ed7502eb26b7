"""What docs/notebooks.md shows is true: its cells, run one after the other, are the runs that it says."""

from __future__ import annotations

import json
import re

from tests.support.scripts import ROOT, Folder

PAGE = ROOT / "docs" / "notebooks.md"
CELLS = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)

PROGRAM = """
    import json
    from pathlib import Path
    from IPython.core.interactiveshell import InteractiveShell

    Path("flights.csv").write_text("flight,arr_delay" + chr(10) + "1,10" + chr(10) + "2,90" + chr(10))
    shell = InteractiveShell.instance()
    shell.run_cell("import pandas as pd; from lineage_kit import current_run").raise_error()
    for cell in json.loads(Path("cells.json").read_text()):
        shell.run_cell(cell, store_history=True).raise_error()
"""


def test_its_cells_are_runs(folder: Folder) -> None:
    """With the names, columns and rows of the page."""
    load, late, line = CELLS
    (folder.path / "cells.json").write_text(json.dumps([load, late, f"{line}x = 1"]))
    done = folder.run(PROGRAM)
    assert done.returncode == 0, done.stderr
    session = json.loads(folder.tool("log", "--json").stdout)
    assert (session["job"], session["state"]) == ("ipython", "COMPLETE")
    assert [run["job"] for run in session["children"]] == ["ipython.late", "reports.late"]
    assert session["children"][0]["outputs"][0]["rows"] == 1
    sides = [
        [one["name"].rpartition("/")[2] for one in session["children"][1][side]]
        for side in ("inputs", "outputs")
    ]
    assert sides == [["flights.csv"], ["late.parquet"]]
