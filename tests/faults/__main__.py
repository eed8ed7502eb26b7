"""The fault table as Markdown: ``python -m tests.faults [WORD …]``, all rows or those whose names have a word in them.

Each cell is played with real programs, and says what was observed: how many events were delivered in spite of the
fault, kept in the journal, set aside, and delivered after it. A cell whose books do not balance says so.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from tests.faults.cell import Cell, Fault, Scene
from tests.faults.matrix import CELLS, table, why_not

AT_ONCE = 2


def main(words: list[str]) -> int:
    """Play, print; 1 when a cell is not as it should be."""
    wanted = [cell for cell in CELLS if not words or any(word in cell[0].name for word in words)]
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        scenes: SimpleQueue[Scene] = SimpleQueue()
        for number in range(AT_ONCE):
            place = Path(folder) / f"scene{number}"
            place.mkdir()
            scenes.put(stack.enter_context(Scene(place)))

        def play(number: int, fault: Fault, column: str) -> str:
            if reason := why_not(fault, column):
                return reason
            place = Path(folder) / str(number)
            place.mkdir()
            scene = scenes.get()
            try:
                return Cell(scene, fault, column, place).play().words()
            except Exception as error:  # a table with a hole is worth more than none
                failed.append(f"{fault.name}, {column}: {type(error).__name__}: {error}")
                return "**does not balance**"
            finally:
                scenes.put(scene)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            shown = list(pool.map(play, range(len(wanted)), *zip(*wanted, strict=True)))
    seen = {(fault.name, column): text for (fault, column), text in zip(wanted, shown, strict=True)}
    print("\n".join(table(seen)))
    print("".join(f"\n{one[:2000]}" for one in failed), file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
