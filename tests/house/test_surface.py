"""What users may import is promised, complete and sorted."""

import importlib
import re
import subprocess
import sys
import tomllib

import pytest

import lineage_kit
from lineage_kit.event.facet import VERSION
from tests.house.source import PACKAGE, ROOT, Source, sources

SHADOWED = """
import ast, importlib, sys, types
for package, name in ast.literal_eval(sys.argv[1]):
    importlib.import_module(f"{package}.{name}")
    if isinstance(getattr(sys.modules[package], name), types.ModuleType):
        print(package, name)
"""

WITH_ALL = [source for source in sources(PACKAGE) if re.search(r"^__all__", source.text, re.MULTILINE)]
SUBMODULES = {
    path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
}


def test_everything_visible_on_the_front_page_is_promised() -> None:
    """dir(lineage_kit) without its modules is exactly __all__."""
    visible = {name for name in dir(lineage_kit) if not name.startswith("_")} - SUBMODULES
    assert visible == set(lineage_kit.__all__) - {"__version__"}


def test_no_public_name_is_a_module_too() -> None:
    """A name of the front page never changes its meaning because a module was imported."""
    assert sorted(SUBMODULES & set(lineage_kit.__all__)) == []


@pytest.mark.parametrize("source", WITH_ALL, ids=lambda source: source.module)
def test_what_is_promised_exists_once_and_in_order(source: Source) -> None:
    """__all__ is sorted (constants, classes, functions), holds no name twice, and each can be imported."""
    module = importlib.import_module(source.module)
    assert list(module.__all__) == sorted(set(module.__all__), key=_rank)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def _rank(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_a_name_wins_over_the_module_it_comes_from() -> None:
    """`event.encode` is the function, even for who imported the module `event.encode` first."""
    named = [
        (source.module, name)
        for source in WITH_ALL
        for name in importlib.import_module(source.module).__all__
        if (source.path.parent / f"{name}.py").exists()
    ]
    done = subprocess.run(
        [sys.executable, "-c", SHADOWED, repr(named)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_the_version_is_said_once() -> None:
    """pyproject.toml and the producer of every facet name the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
