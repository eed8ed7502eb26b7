"""Default job names: stable, readable, never a path or an address of this machine."""

from __future__ import annotations

import functools
import inspect
import sys
from os import path
from typing import Any

from lineage_kit.errors import LineageError
from lineage_kit.strangers import ask_always, module_of

_LIFECYCLE = path.join(path.dirname(path.dirname(__file__)), "")
_MAIN = ("__main__", "__mp_main__")  # the latter: the main module again, in a spawned process


class _Interactive:
    title = "interactive"  # of `python -c`, a program on standard input, a prompt


def call_interactive(title: str) -> None:
    """What the main module is called from now on where it has no file: the name of a notebook."""
    _Interactive.title = title


def default_name(function: Any) -> str:
    """Module and qualified name without ``<locals>``; for the main module the stem of the script."""
    while isinstance(function, functools.partial):
        function = function.func
    try:
        module, name = ask_always(lambda: (getattr(function, "__module__", None), function.__qualname__))
    except LineageError:  # an object may answer anything
        module = name = None
    if type(name) is not str:
        module, name = module_of(type(function)), type(function).__qualname__
    return job_name(module if type(module) is str and module else module_of(type(function)), name)


def job_name(module: str | None, qualified: str) -> str:
    """``etl.clean`` from the names Python gives."""
    parts = [part.strip("<>") for part in qualified.split(".") if part != "<locals>"]
    return ".".join([module_name(module), *parts])


def module_name(module: str | None) -> str:
    """The module's name; of the main module what it was run as."""
    if module and module not in _MAIN:
        return module
    main = sys.modules.get(module or "__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name and spec.name not in _MAIN:
        return str(spec.name.removesuffix(".__main__"))  # python -m package
    file = getattr(main, "__file__", None)
    if not file or str(file).startswith("<"):
        return _Interactive.title
    folder, name = path.split(str(file))
    stem = path.splitext(name)[0]
    # a zipapp or folder runs its __main__.py
    return path.splitext(path.basename(folder))[0] if stem == "__main__" else stem


def held_as(module: Any, qualified: Any) -> Any:
    """What a module of this process holds under a qualified name; None when there is nothing."""
    found: Any = sys.modules.get(module) if type(module) is str and type(qualified) is str else None
    for part in qualified.split(".") if found is not None else ():
        found = inspect.getattr_static(found, part, None)
        if isinstance(found, staticmethod):
            found = found.__func__
    return found


def source_file(function: Any) -> str | None:
    """The file a function is written in, or None."""
    code = getattr(function, "__code__", None)
    file = getattr(code, "co_filename", None)
    if isinstance(file, str) and file.startswith(_LIFECYCLE):
        # a session that writes an edited function over the decorated one compiles it under that one's file: our wrapper
        file = getattr(sys.modules.get(function.__module__), "__file__", None)
    return file if isinstance(file, str) and not file.startswith("<") else None
