"""The page on configuration knows every setting with its default, and every variable."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineage_kit.config import env, plain
from lineage_kit.config.model import Sections, Settings
from lineage_kit.config.notyet import NOT_YET

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
ROWS = {cell.strip().strip("`"): row for row in PAGE.splitlines() for cell in row.split("|")[1:2]}


def settings_of(kind: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and default of every setting, sections themselves left out."""
    for field in msgspec.structs.fields(kind):
        default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        if isinstance(default, msgspec.Struct):
            yield from settings_of(type(default), f"{path}{field.name}.")
        else:
            yield f"{path}{field.name}", default


@pytest.mark.parametrize(("path", "default"), list(settings_of(Sections)))
def test_every_setting_has_a_row_with_its_default(path: str, default: Any) -> None:
    """A setting that is added without a word about it fails here."""
    assert path in ROWS
    words = {"()": "[]", "None": None, "True": "true", "False": "false"}
    shown = words.get(repr(default), str(default))
    if shown is not None:
        assert f"| `{shown}` |" in ROWS[path]


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_has_a_row(variable: env.Variable) -> None:
    """A variable that is added without a word about it fails here."""
    assert any(f"`{variable.name}`" in row for row in ROWS.values())


@pytest.mark.parametrize("kind", ["auth", "transport"])
def test_what_is_not_there_yet_is_named(kind: str) -> None:
    """Types that the OpenLineage client for Python has and this version lacks are listed."""
    java = {"dataplex", "gcs", "kinesis", "s3"}
    assert [name for name in NOT_YET[kind] if f"`{name}`" not in PAGE and name not in java] == []


def test_the_example_of_the_page_is_valid(read: Callable[..., Settings]) -> None:
    """The first file on the page is one that works."""
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    settings = read(example, {"LINEAGE_KEY": "k"})
    assert (settings.namespace, settings.tags.job) == ("etl.prod", {"team": "sales"})
    assert plain(settings.transport)["auth"] == {"type": "api_key", "apiKey": "k"}
