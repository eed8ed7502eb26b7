"""Importing the package costs little and does nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT, Source, sources

HEAVY = [
    "IPython",
    "asyncio",
    "click",
    "concurrent.futures",
    "confluent_kafka",
    "http.client",
    "logging",
    "multiprocessing",
    "pandas",
    "platformdirs",
    "polars",
    "pyarrow",
    "requests",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "wrapt",
    "yaml",
]

LOADED = """
import sys
import msgspec
before = set(sys.modules)
from lineage_kit import lineage_job, run
print(*sorted(set(sys.modules) - before), sep="\\n")
"""

QUIET = """
import importlib, os, signal, sys, threading
import msgspec
def state():
    return {
        "threads": threading.active_count(),
        "directory": os.getcwd(),
        "environment": dict(os.environ),
        "excepthook": sys.excepthook,
        "tracing": (sys.gettrace(), sys.getprofile(), threading.excepthook),
        "signals": [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)],
        "handlers": [h for log in (logging.getLogger(), logging.getLogger("lineage_kit")) for h in log.handlers],
        "finders": list(sys.meta_path),
        "children": os.path.exists("/proc/self/fd") and len(os.listdir("/proc/self/fd")),
    }
import logging
before = state()
for name in sys.argv[1:]:
    importlib.import_module(name)
after = state()
for what, value in before.items():
    assert after[what] == value, (what, value, after[what])
"""


def _python(program: str, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{program}",
    ]
    return subprocess.run([*command, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_front_page_loads_nothing_heavy(tmp_path: Path) -> None:
    """Importing lineage_job and run brings in no library and no part of Python that takes milliseconds."""
    done = _python(LOADED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(set(done.stdout.split()) & set(HEAVY)) == []


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    """No thread, file, output, warning, signal handler, log handler or variable comes from importing."""
    names = [source.module for source in sources(PACKAGE) if not source.name.endswith("__main__.py")]
    done = _python(QUIET, *names, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", sources(PACKAGE), ids=lambda source: source.module)
def test_modules_only_define(source: Source) -> None:
    """At the top of a module stand docstrings, imports, definitions and assignments, nothing that acts."""
    acting = [node.lineno for node in source.tree.body if _acts(node)]
    assert acting == [] or source.name.endswith("__main__.py")


def _acts(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If | ast.Try):  # a choice between imports or definitions
        return any(_acts(part) for part in [*node.body, *node.orelse, *getattr(node, "finalbody", [])])
    return isinstance(node, ast.For | ast.While | ast.With | ast.Delete)
