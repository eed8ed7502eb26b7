"""What docs/workers.md shows is true: its programs run, and their workers' runs belong to the program's."""

from pathlib import Path

import pytest

from tests.support.pages import programs
from tests.support.scripts import ROOT, Folder

pytestmark = pytest.mark.skipif(
    not (ROOT / "docs" / "workers.md").exists(), reason="there is no page on workers here"
)
PROGRAMS = programs("workers.md", "How the parent gets there")  # of the others tests/integration makes use
IDS = ["propagate", "attach"]


@pytest.mark.parametrize("program", PROGRAMS, ids=IDS[: len(PROGRAMS)])
def test_programs_run_and_their_workers_are_children(tmp_path: Path, program: str) -> None:
    """Each program prints what its workers return; their runs have the program's run as parent."""
    folder = Folder(tmp_path)
    done = folder.run(program)
    assert done.returncode == 0, done.stderr
    assert "monday" in done.stdout
    loads = [event for event in folder.events() if event["job"]["name"] == "etl.load"]
    assert loads
    assert {event["run"]["facets"]["parent"]["job"]["name"] for event in loads} == {"daily"}
