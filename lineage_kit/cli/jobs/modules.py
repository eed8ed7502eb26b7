"""Modules imported for a look at them: by dotted name, file or package folder, while no run of theirs counts."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import pkgutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from types import ModuleType

from lineage_kit import session
from lineage_kit.client.client import OpenLineageClient
from lineage_kit.config.model import Settings
from lineage_kit.notes import suppressed
from lineage_kit.user_code import own_line


class Imported:
    """The modules of some command line arguments, and a sentence for each that could not be imported."""

    def __init__(self) -> None:
        self.modules: list[ModuleType] = []
        self.problems: list[str] = []
        self.client: OpenLineageClient | None = None
        """The client that a module configured; None when none did."""
        self.interrupted = False
        """Whether Ctrl-C was pressed: a module may raise KeyboardInterrupt of its own."""

    def interrupt(self, *_: object) -> None:
        """Handle SIGINT."""
        self.interrupted = True
        raise KeyboardInterrupt

    def add(self, argument: str) -> None:
        """Import what one argument names, packages with all they hold."""
        if argument.endswith(".py") or os.sep in argument or os.path.isdir(argument):
            self._add_path(argument)
        else:
            self._import(argument, lambda: importlib.import_module(argument))

    def _add_path(self, path: str) -> None:
        path = os.path.abspath(path)
        if not os.path.exists(path):
            near = _nearest(os.path.basename(path), os.path.dirname(path))
            self.problems.append(f"{os.path.relpath(path)} is not there{near}")
            return
        folder, name = os.path.split(path.removesuffix(".py"))
        is_package = os.path.isdir(path)
        if is_package and not os.path.isfile(os.path.join(path, "__init__.py")):
            self.problems.append(
                f"{os.path.relpath(path)} is no package: it has no __init__.py; name its files"
            )
            return
        while os.path.isfile(os.path.join(folder, "__init__.py")):
            folder, package = os.path.split(folder)
            name = f"{package}.{name}"
        name = name.removesuffix(".__init__")
        sys.path.insert(0, folder)
        if is_package or "." in name:
            self._import(name, lambda: importlib.import_module(name))
        else:
            self._import(os.path.relpath(path), lambda: _load_file(path, name))

    def _import(self, name: str, load: Callable[[], ModuleType]) -> None:
        try:
            module = load()
            inside = list(pkgutil.iter_modules(vars(module).get("__path__", ()), f"{module.__name__}."))
        except BaseException as error:  # door: importing runs the user's code
            if self.interrupted:
                raise
            self.problems.append(_why(name, error))
            return
        if any(module is one for one in self.modules):
            return
        self.modules.append(module)
        for found in inside:
            if not found.name.endswith(".__main__"):
                self._import(found.name, lambda full=found.name: importlib.import_module(full))  # type: ignore[misc]


@contextmanager
def importing() -> Iterator[Imported]:
    """Modules imported inside open no runs, send nothing, and print to standard error."""
    result = Imported()
    silent = OpenLineageClient.of(Settings(disabled=True))
    before = session.swap(silent)
    is_usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_usual:
        signal.signal(signal.SIGINT, result.interrupt)
    try:
        with suppressed(), redirect_stdout(sys.stderr):
            yield result
        if session.active is not silent:
            result.client = session.active
    finally:
        if is_usual:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        session.swap(before)


def _load_file(path: str, name: str) -> ModuleType:
    """A file as the module it would be beside its neighbours; another module of that name is left in place."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("no Python file")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    if before is not None and getattr(before, "__file__", None) == path:
        return before
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        if before is not None:
            sys.modules[name] = before
    return module


def _why(name: str, error: BaseException) -> str:
    """Which module, what went wrong, where, and what to do."""
    if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
        return (
            f"there is no module {error.name!r} here or among the installed ones{_nearest(error.name, '.')}"
        )
    lines = traceback.format_exception_only(error) if isinstance(error, Exception) else [type(error).__name__]
    said = f"{name} cannot be imported: {lines[-1].strip()[:500]}{_place(error)}"
    if isinstance(error, SystemExit):
        said += ". What a script does when it runs belongs under if __name__ == '__main__'"
    return said


def _place(error: BaseException) -> str:
    """The line of the user's own code, rather than where a library or this package found the mistake."""
    found = own_line(error)
    return f", at {os.path.relpath(found[0])}:{found[1]}" if found else ""


def _nearest(name: str, folder: str) -> str:
    """A hint at a module or file of nearly this name in a folder."""
    try:
        there = os.listdir(folder or ".")
    except OSError:
        return ""
    stems = {entry.removesuffix(".py"): entry for entry in there}
    near = difflib.get_close_matches(name.removesuffix(".py"), stems, 1, 0.6)
    return f"; did you mean {stems[near[0]] if name.endswith('.py') else near[0]}?" if near else ""
