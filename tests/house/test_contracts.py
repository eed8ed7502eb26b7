"""Who may import whom."""

import ast
import subprocess
import sys

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
