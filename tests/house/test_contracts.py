"""Who may import whom."""

import ast
import subprocess
import sys

import grimp

from tests.house.source import PACKAGE, ROOT, assert_none, sources


def test_the_import_contracts_of_setup_cfg_are_kept() -> None:
    """Data goes one way, and each library has its one home."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run(
        [*command, "--config", "setup.cfg", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_two_files_need_each_other() -> None:
    """No file is imported, by whatever way round, by what it imports; imports inside functions count."""
    graph = grimp.build_graph(PACKAGE.name, exclude_type_checking_imports=True, cache_dir=None)
    assert_none(
        f"{importer} needs {imported}, which needs it"
        for importer in sorted(graph.modules)
        for imported in graph.find_modules_directly_imported_by(importer)
        if graph.chain_exists(importer=imported, imported=importer)
    )


def test_nothing_inside_imports_the_front_page() -> None:
    """Modules import each other, never the names that `lineage_kit` gathers for users."""
    inside = {path.stem if path.is_file() else path.name for path in PACKAGE.iterdir()}
    assert_none(
        f"{source.name}:{node.lineno} {name.name}"
        for source in sources(PACKAGE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "lineage_kit"
        for name in node.names
        if name.name not in inside
    )
