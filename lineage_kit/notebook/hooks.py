"""What IPython calls: a transformer that takes the ``%%lineage`` line out, and the events before and after a cell.

The cell itself is run by IPython as ever: no frame of ours is on its stack, so tracebacks, ``await``, other magics and
the debugger see what they would see without us. Nothing raised here reaches IPython but the usage of a wrong line.
"""

from __future__ import annotations

import ast
import signal
import sys
from collections.abc import Callable
from subprocess import CalledProcessError
from typing import Any, NamedTuple

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.inputtransformer2 import leading_indent

from lineage_kit import report
from lineage_kit.delivery.door import attempt
from lineage_kit.errors import UsageError
from lineage_kit.notebook.cell import may_swallow, read_cell, without_magic
from lineage_kit.notebook.display.lines import badge
from lineage_kit.notebook.options import Asked, read_options
from lineage_kit.notebook.session import MOST_OPEN, Ended, Session
from lineage_kit.strangers import told

MOST_WAITING = 16  # lines that were read for cells that have not begun


class Transformer:
    """Takes the ``%%lineage`` line out of a cell, and keeps what it asks for until the cell runs.

    read: reads the options of a line. IPython may transform a cell twice before it runs it: they are read once.
    Raises IPython's `UsageError` for a line that cannot be read.
    """

    has_side_effects = True  # so that IPython leaves it out where it asks whether a cell is complete

    def __init__(self, read: Callable[[str], Asked]) -> None:
        self._read = read
        self._asked: dict[str, Asked] = {}

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines to run."""
        options = read_cell("".join(lines)).options
        if options is None:
            return lines
        try:
            if options not in self._asked:
                self._asked[options] = self._read(options)
        except UsageError as error:
            raise IPythonUsageError(told(error)) from None
        before, after = without_magic(lines)
        return [*before, *(leading_indent(after) if after else after)]  # type: ignore[no-untyped-call]

    def take(self, source: str) -> Asked | None:
        """What the line of the cell that runs now asks for; None where it has none that could be read."""
        options = read_cell(source).options
        while len(self._asked) > MOST_WAITING:  # of cells that were never run
            self._asked.pop(next(iter(self._asked)), None)
        return None if options is None else self._asked.pop(options, None)


class Listener(ast.NodeTransformer):
    """Hears that a cell is Python, right before it runs; changes nothing."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard

    def visit(self, node: ast.AST) -> ast.AST:
        """The node as it is. What parses and still is no Python, as a ``return`` outside of functions, is not heard."""
        if isinstance(node, ast.Module):
            try:
                compile(node, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            except (SyntaxError, ValueError):
                return node
        self._heard()
        return node


class _Running(NamedTuple):
    """A cell as IPython describes it, and the last error that had been shown before it."""

    info: Any
    shown: Any


class Hooks:
    """One shell with its session."""

    def __init__(self, shell: Any, session: Session) -> None:
        self.session = session
        self._shell = shell
        self._transformer = Transformer(lambda line: read_options(line, shell.user_ns, self._fill))
        self._listener = Listener(self._speak)
        self._running: list[_Running] = []
        self._last: _Running | None = None  # the cell with whose end all this ends
        self._clears = False  # whether what is shown next will take the place of all the cell has shown

    def attach(self) -> None:
        """Have IPython call from now on; the cell that runs already counts from here."""
        shell = self._shell
        cleanups = shell.input_transformer_manager.cleanup_transforms
        names = [getattr(one, "__name__", "") for one in cleanups]
        cleanups.insert(
            names.index("cell_magic") if "cell_magic" in names else len(cleanups), self._transformer
        )
        shell.events.register("pre_run_cell", self.before)
        shell.events.register("post_run_cell", self.after)
        attempt(lambda: shell.display_pub.register_hook(self._published))  # of kernels only
        running = getattr(shell.displayhook, "exec_result", None)
        if running is not None and running.info is not None:
            self.before(running.info)

    def detach(self) -> None:
        """Have IPython call no more, once the cell that runs has ended."""
        shell = self._shell
        attempt(shell.input_transformer_manager.cleanup_transforms.remove, self._transformer)
        attempt(shell.events.unregister, "pre_run_cell", self.before)
        if self._running:
            self._last = self._running[-1]
        else:
            self._leave()

    def before(self, info: Any) -> None:
        """A cell is about to run. What is silent, and what leaves no trace in the history, is no cell of the user's."""
        asked = self._transformer.take(info.raw_cell)
        if not info.silent and (info.store_history or self._asks(info.raw_cell)):
            self._clears = False
            del self._running[:-MOST_OPEN]  # whose ends nobody told
            self._running.append(_Running(info, getattr(sys, "last_value", None)))
            self._safely(self._before, info, asked)

    def after(self, result: Any) -> None:
        """A cell has run, or could not be; `result` is None where it was cut off."""
        self._safely(self._after, result)
        if self._last is not None and self._last not in self._running:
            self._safely(self._leave)

    def _asks(self, source: str) -> bool:
        """Whether a program runs a cell that asks for a run, other than a magic the rest of a cell that did."""
        options = read_cell(source).options
        return options is not None and options not in (
            read_cell(cell.info.raw_cell).options for cell in self._running
        )

    def _before(self, info: Any, asked: Asked | None) -> None:
        if asked is not None or read_cell(info.raw_cell).options is None:
            self.session.begin_cell(info, info.raw_cell, getattr(info, "cell_id", None), asked)
        self._wait_for_python()

    def _after(self, result: Any) -> None:
        running = self._found(getattr(result, "info", None))
        if running is None:
            return  # run by a magic within a cell, or by a program
        self._running.remove(running)
        ended = self.session.end_cell(running.info, self._error(result, running))
        self._wait_for_python()
        if ended is not None and not self._clears:
            self._show(ended)

    def _found(self, info: Any) -> _Running | None:
        """The cell that has ended: IPython may describe it anew, or not at all, where it was cut off."""
        running = self._running[::-1]
        same = [cell for cell in running if info is None or cell.info is info]
        if not same and info is not None and info.store_history:
            same = [cell for cell in running if cell.info.raw_cell == info.raw_cell]
        return same[0] if same else None

    def _error(self, result: Any, running: _Running) -> BaseException | None:
        """What ended the cell; also what a magic in it (``%%time``, ``%capture``, ``%run``) has shown and swallowed."""
        if result is None:
            return KeyboardInterrupt()
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        shown = getattr(sys, "last_value", None)
        if error is None and isinstance(shown, BaseException) and shown is not running.shown:
            error = shown if may_swallow(running.info.raw_cell) else None
        if isinstance(error, CalledProcessError) and error.returncode == -signal.SIGINT:
            return KeyboardInterrupt()  # as `%%bash` says it
        return error

    def _wait_for_python(self) -> None:
        """Listen while a cell waits for it, and only then: IPython goes through each cell once more for who listens."""
        listeners = self._shell.ast_transformers
        if self._listener in listeners:
            listeners.remove(self._listener)
        if any(cell.is_asked for cell in self.session.cells):
            listeners.append(self._listener)

    def _leave(self) -> None:
        """Let go of everything; cells whose end was not told go with it."""
        shell = self._shell
        attempt(shell.events.unregister, "post_run_cell", self.after)
        attempt(lambda: shell.display_pub.unregister_hook(self._published))
        self.session.close()
        self._wait_for_python()

    def _published(self, message: Any) -> Any:
        """Something is shown, or taken away; the message as it is."""
        if isinstance(message, dict):
            header, content = message.get("header"), message.get("content")
            kind = header.get("msg_type") if isinstance(header, dict) else None
            self._clears = kind == "clear_output" and isinstance(content, dict) and bool(content.get("wait"))
        return message

    def _show(self, ended: Ended) -> None:
        bundle = badge(ended)
        if bundle:
            self._shell.display_pub.publish(data=bundle, metadata={})

    def _fill(self, text: str) -> str:
        """``{day}`` and ``$day`` filled from variables, as in any line of a magic; as it stands where that fails."""
        return str(self._shell.var_expand(text)) if "{" in text or "$" in text else text

    def _speak(self) -> None:
        self._safely(self.session.speak)

    def _safely(self, step: Callable[..., None], *arguments: Any) -> None:
        error = attempt(step, *arguments)
        if isinstance(error, KeyboardInterrupt) or (error is not None and report.is_strict()):
            raise error  # IPython shows it and goes on; Ctrl-C while a cell is about to run stops it
        if error is not None:
            attempt(report.problem, "notebook", "a cell could not be followed", error)
