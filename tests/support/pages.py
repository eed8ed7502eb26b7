"""The programs that pages of documentation show."""

import re

from tests.support.scripts import ROOT


def programs(page: str, section: str | None = None) -> list[str]:
    """Those of ``docs/<page>``: of the section with this heading, or all of them, in order."""
    path = ROOT / "docs" / page
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if section is not None:
        text = re.split(r"^## ", text.partition(f"## {section}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
