"""``%lineage on|off|status|show|export``, and what ``%%lineage`` is where it stands out of its place."""

from __future__ import annotations

import os
import shlex
from difflib import get_close_matches
from typing import Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from lineage_kit.errors import UsageError
from lineage_kit.notebook.display.exporting import export
from lineage_kit.notebook.display.lines import status_text
from lineage_kit.notebook.display.views import View
from lineage_kit.notebook.options import USAGE
from lineage_kit.notebook.session import Session
from lineage_kit.strangers import told

LINE_USAGE = """\
%lineage on [NAME]     make each cell a run; NAME: what the notebook is called in job names
%lineage off           only cells with a %%lineage line are runs
%lineage status        what is recorded, and where it goes
%lineage show          runs and datasets of this session, as a tree and a graph
%lineage export FILE   the same as .html, .svg, .txt or .json"""

MOST_ARGUMENTS = {"on": 1, "off": 0, "status": 0, "show": 0, "export": 1}


@magics_class
class LineageMagics(Magics):
    """The magics of one shell."""

    def __init__(self, shell: Any, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @line_magic
    def lineage(self, line: str) -> Any:
        """Lineage of this notebook: on [NAME], off, status, show, export FILE."""
        words: list[str] = []
        try:
            words = shlex.split(line)
            return self._run(words[0] if words else "status", words[1:])
        except UsageError as error:
            why = told(error)
        except OSError as error:
            why = f"{words[-1]} cannot be written ({error.strerror or type(error).__name__})"
        except ValueError as error:  # a quotation that has no end
            why = str(error)
        raise IPythonUsageError(f"%lineage: {why}\nusage:\n{LINE_USAGE}")

    @cell_magic("lineage")  # type: ignore[arg-type]  # IPython's own types know it without a name only
    def lineage_cell(self, line: str, cell: str) -> None:
        """Make this cell a run: %%lineage [--name N] [--in X]... [--out Y]..., as its first line."""
        raise IPythonUsageError(
            f"%%lineage belongs to the first lines of a cell that is run by itself\nusage: {USAGE}"
        )

    def _run(self, word: str, arguments: list[str]) -> Any:
        session = self._session
        if word not in MOST_ARGUMENTS:
            near = get_close_matches(word, MOST_ARGUMENTS, 1)
            raise UsageError(f"there is no {word!r}{f'; did you mean {near[0]!r}?' if near else ''}")
        if len(arguments) > MOST_ARGUMENTS[word]:
            raise UsageError(f"{word} has too many arguments; a name with blanks stands in quotes")
        if word == "on":
            session.turn_on(*arguments)
        elif word == "off":
            session.turn_off()
        elif word == "status":
            print(status_text(session))  # noqa: T201 - the magic's answer
        elif word == "show":
            return View(session.forest(), session.title)
        else:
            self._export(arguments)
        return None

    def _export(self, arguments: list[str]) -> None:
        if not arguments:
            raise UsageError("export takes the file to write")
        path = os.path.expanduser(arguments[0])
        export(View(self._session.forest(), self._session.title), path)
        print(f"written to {arguments[0]}")  # noqa: T201 - the magic's answer
