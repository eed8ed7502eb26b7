"""What docs/datasets.md shows is true: its programs run, and what they leave is what it says."""

import json
import re
from pathlib import Path

import pytest

from lineage_kit.event.check import problems
from tests.support.scripts import ROOT, Folder

TEXT = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_programs_run_and_leave_valid_events(program: str, tmp_path: Path) -> None:
    """Each runs as it stands, says nothing is wrong, and its events are flawless."""
    folder = Folder(tmp_path)
    done = folder.run(program)
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr
    assert [problems(json.dumps(event)) for event in folder.events()] == [[], []]


def test_the_first_program_says_what_the_page_tells(tmp_path: Path) -> None:
    """Edges of both outputs, the masked column, and the checks of an input and an output."""
    folder = Folder(tmp_path)
    folder.run(PROGRAMS[0])
    _, complete = folder.events()
    currencies, totals = complete["outputs"]
    assert "facets" not in currencies
    facet = totals["facets"]["columnLineage"]
    assert list(facet["fields"]) == ["total", "buyer"]
    assert [one["field"] for one in facet["dataset"]] == ["currency"]
    assert facet["fields"]["buyer"]["inputFields"][0]["transformations"] == [
        {"type": "DIRECT", "masking": True}
    ]
    assert totals["facets"]["dataQualityAssertions"]["assertions"][0]["success"] is False
    assert "dataQualityAssertions" in complete["inputs"][0]["inputFacets"]
