"""What docs/delivery.md shows is true: its commands run, and its numbers are those of the code."""

import re
import shlex

from lineage_kit.config.model import DeliverySettings
from lineage_kit.delivery.sending.blame import BRAKE
from tests.support.scripts import ROOT, Folder

PAGE = (ROOT / "docs" / "delivery.md").read_text("utf-8")


def test_its_commands_run(folder: Folder) -> None:
    """Every `lineage-kit` line is understood where nothing was ever owed."""
    commands = [line for line in PAGE.splitlines() if line.startswith("lineage-kit ")]
    assert len(commands) == 4
    for line in commands:
        done = folder.tool(*shlex.split(line, comments=True)[1:], OPENLINEAGE_URL="http://127.0.0.1:9")
        assert "Usage:" not in done.stderr, (line, done.stderr)
        assert "Traceback" not in done.stderr


def test_its_numbers_are_the_defaults() -> None:
    """Seconds at exit and of the budget, and how many refusals it takes."""
    defaults = DeliverySettings()
    assert f"`delivery.exit_timeout` ({defaults.exit_timeout:g} s" in PAGE
    assert f"`delivery.budget` seconds ({defaults.budget:g} s)" in PAGE
    assert BRAKE == 10
    assert "from the eleventh on" in PAGE


def test_its_layout_is_what_is_on_disk(folder: Folder) -> None:
    """The files of a program whose backend is down have the names that the page gives them."""
    folder.run(
        "from lineage_kit import lineage_job\n@lineage_job\ndef load(): pass\nload()\n",
        OPENLINEAGE_URL="http://127.0.0.1:9",
        OPENLINEAGE__DELIVERY__EXIT_TIMEOUT="0",
    )
    (home,) = (folder.state / "journal").iterdir()
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", home.name)
    names = {path.name for path in home.iterdir()}
    assert {"000001.jsonl", "lock", "meta.json"} < names
    assert any(re.fullmatch(r"http-[0-9a-f]{12}\.ack", name) for name in names)
