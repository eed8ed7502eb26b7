"""What docs/workers.md shows is true: its programs run, and their workers' runs belong to the program's."""

import re
from pathlib import Path

import pytest

from tests.support.scripts import ROOT, Folder

PAGE = ROOT / "docs" / "workers.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="there is no page on workers here")
TEXT = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=["propagate", "attach"])
def test_programs_run_and_their_workers_are_children(tmp_path: Path, program: str) -> None:
    """Each program prints what its workers return; their runs have the program's run as parent."""
    folder = Folder(tmp_path)
    done = folder.run(program)
    assert done.returncode == 0, done.stderr
    assert "monday" in done.stdout
    loads = [event for event in folder.events() if event["job"]["name"] == "etl.load"]
    assert loads
    assert {event["run"]["facets"]["parent"]["job"]["name"] for event in loads} == {"daily"}
