"""What may go wrong × how events travel: nothing that was accepted is ever gone, and the program is not another one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cell import SINGLE, Cell, Fault, Scene
from tests.faults.matrix import CELLS, table, why_not

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="actors are forked")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A stage for actors, and two backends."""
    with Scene(tmp_path_factory.mktemp("scene")) as scene:
        yield scene


@pytest.mark.parametrize(
    ("fault", "column"), [pytest.param(*cell, id=f"{cell[0].name}-{cell[1]}") for cell in CELLS]
)
def test_a_fault_loses_nothing(fault: Fault, column: str, scene: Scene, tmp_path: Path) -> None:
    """Delivered, owed, set aside or in the ledger; runs in order; the program's result its own; then all is well."""
    if reason := why_not(fault, column):
        pytest.skip(reason)
    assert Cell(scene, fault, column, tmp_path).play().words()


def test_the_books_find_what_is_gone(scene: Scene, tmp_path: Path) -> None:
    """A cell whose events somebody takes away while they are owed does not pass."""

    def takes_away(cell: Cell) -> None:
        for home in cell.journal.glob("*-*"):
            shutil.rmtree(home)
        cell.ill.come_up()

    fault = Fault("theft", before=lambda cell: cell.ill.go_down(), after=takes_away, heir=True)
    with pytest.raises(AssertionError, match="LOST at http"):
        Cell(scene, fault, SINGLE, tmp_path).play()


def test_the_table_has_a_cell_for_every_fault_and_transport() -> None:
    """What was not seen is a dash."""
    seen = {(fault.name, column): "kept 4" for fault, column in CELLS}
    lines = list(table(seen))
    assert len(lines) == 2 + len({fault.name for fault, _ in CELLS})
    assert all(line.count("|") == lines[0].count("|") for line in lines)
    assert sum(line.count("kept 4") for line in lines) == len(seen)
