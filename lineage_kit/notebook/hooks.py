"""What IPython calls: a transformer that takes the ``%%lineage`` line out, and the events before and after a cell.

The cell itself is run by IPython as ever: no frame of ours is on its stack, so tracebacks, ``await``, other magics and
the debugger see what they would see without us. Nothing raised here reaches IPython but the usage of a wrong line.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError as IPythonUsageError

from lineage_kit import report
from lineage_kit.delivery.door import attempt
from lineage_kit.errors import UsageError
from lineage_kit.notebook.cell import read_cell, without_magic
from lineage_kit.notebook.display.lines import badge
from lineage_kit.notebook.options import read_options
from lineage_kit.notebook.session import Ended, Session


class Transformer:
    """Takes the ``%%lineage`` line out of a cell. Raises IPython's `UsageError` for one that cannot be read."""

    has_side_effects = (
        True  # asked whether a cell is complete, IPython leaves it out: the line is a magic then
    )

    def __init__(self, check: Callable[[str], None]) -> None:
        self._check = check

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines to run."""
        cell = read_cell("".join(lines))
        if cell.options is None:
            return lines
        self._check(cell.options)
        return without_magic(lines)


class Listener(ast.NodeTransformer):
    """Hears that a cell is Python, right before it runs; changes nothing."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard

    def visit(self, node: ast.AST) -> ast.AST:
        """The node as it is."""
        self._heard()
        return node


class Hooks:
    """One shell with its session."""

    def __init__(self, shell: Any, session: Session) -> None:
        self.session = session
        self._shell = shell
        self._transformer = Transformer(self._check)
        self._listener = Listener(self._speak)
        self._shown: dict[int, Any] = {}  # cell → the last error that IPython had shown before it

    def attach(self) -> None:
        """Have IPython call from now on."""
        shell = self._shell
        cleanups = shell.input_transformer_manager.cleanup_transforms
        names = [getattr(one, "__name__", "") for one in cleanups]
        cleanups.insert(
            names.index("cell_magic") if "cell_magic" in names else len(cleanups), self._transformer
        )
        shell.events.register("pre_run_cell", self.before)
        shell.events.register("post_run_cell", self.after)

    def detach(self) -> None:
        """Have IPython call no more."""
        shell = self._shell
        attempt(shell.input_transformer_manager.cleanup_transforms.remove, self._transformer)
        for event, callback in (("pre_run_cell", self.before), ("post_run_cell", self.after)):
            attempt(shell.events.unregister, event, callback)
        self.session.close()
        self._wait_for_python()

    def before(self, info: Any) -> None:
        """A cell is about to run. What is silent, and what leaves no trace in the history, is no cell of the user's."""
        if not info.silent and info.store_history:
            self._safely(self._before, info)

    def after(self, result: Any) -> None:
        """A cell has run, or could not be; `result` is None where it was cut off."""
        self._safely(self._after, result)

    def _before(self, info: Any) -> None:
        self._shown[id(info)] = getattr(sys, "last_value", None)
        self.session.begin_cell(info, info.raw_cell, getattr(info, "cell_id", None), self._fill)
        self._wait_for_python()

    def _after(self, result: Any) -> None:
        cells = self.session.cells
        token = getattr(result, "info", None)
        if result is None and cells:
            token = cells[-1].token
        if id(token) not in self._shown:
            return  # run by a magic within a cell, or by a program
        error = self._error(result, self._shown.pop(id(token)))
        ended = self.session.end_cell(token, error)
        self._wait_for_python()
        if ended is not None:
            self._show(ended)

    def _wait_for_python(self) -> None:
        """Listen while a cell waits for it, and only then: IPython goes through each cell once more for who listens."""
        listeners = self._shell.ast_transformers
        if self._listener in listeners:
            listeners.remove(self._listener)
        if any(cell.is_asked for cell in self.session.cells):
            listeners.append(self._listener)

    def _error(self, result: Any, shown_before: Any) -> BaseException | None:
        """What ended the cell; also what a magic around it (``%%time``, ``%%capture``) has shown and swallowed."""
        if result is None:
            return KeyboardInterrupt()
        error = result.error_before_exec or result.error_in_exec
        shown = getattr(sys, "last_value", None)
        if error is None and shown is not shown_before and isinstance(shown, BaseException):
            return shown
        return error  # type: ignore[no-any-return]

    def _show(self, ended: Ended) -> None:
        bundle = badge(ended)
        if bundle:
            self._shell.display_pub.publish(data=bundle, metadata={})

    def _check(self, options: str) -> None:
        try:
            read_options(options, self._shell.user_ns, self._fill)
        except UsageError as error:
            raise IPythonUsageError(str(error)) from None

    def _fill(self, text: str) -> str:
        """``{day}`` and ``$day`` filled from variables, as in any line of a magic; as it stands where that fails."""
        return str(self._shell.var_expand(text)) if "{" in text or "$" in text else text

    def _speak(self) -> None:
        self._safely(self.session.speak)

    def _safely(self, step: Callable[..., None], *arguments: Any) -> None:
        error = attempt(step, *arguments)
        if error is not None and not isinstance(error, UsageError):
            attempt(report.problem, "notebook", "a cell could not be followed", error)
