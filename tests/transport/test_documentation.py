"""The page about transports: complete, and every example on it works."""

import re
import sys
import types
from pathlib import Path

import pytest
import yaml

from lineage_kit.config.dotted import load
from lineage_kit.transport.registry import KNOWN, create

PAGE = Path(__file__).parents[2] / "docs" / "transports.md"
TEXT = PAGE.read_text(encoding="utf-8")
SNIPPETS = {
    language: re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL) for language in ("python", "yaml")
}


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_every_type_and_each_of_its_options_is_described(kind) -> None:
    """With its default where it has one that a table can show."""
    assert f"`{kind}`" in TEXT
    for field in load(KNOWN[kind], "docs").config_class.__struct_fields__:
        assert f"`{field}`" in TEXT, field


@pytest.mark.parametrize("snippet", SNIPPETS["python"])
def test_each_python_example_runs(snippet) -> None:
    """As it stands."""
    scope: dict = {}
    exec(compile(snippet, str(PAGE), "exec"), scope)
    client = scope.get("client")
    if client is not None:
        client.close()


@pytest.mark.parametrize("snippet", SNIPPETS["yaml"])
def test_each_configuration_is_valid(snippet, monkeypatch) -> None:
    """The class of one's own is the one from the page."""
    mine = types.ModuleType("my_package")
    own = next(snippet for snippet in SNIPPETS["python"] if "class QueueTransport" in snippet)
    exec(own, mine.__dict__)
    monkeypatch.setitem(sys.modules, "my_package", mine)
    create(yaml.safe_load(snippet)["transport"]).close()
