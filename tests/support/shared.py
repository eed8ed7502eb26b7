"""The material shared beside the project, read in place: the standard's schemas and events of real producers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED: Path = Path(__file__).resolve().parents[2].parent / "shared"
SPEC = SHARED / "spec"
CORPUS = SHARED / "corpus"

needs_shared = pytest.mark.skipif(
    not SPEC.is_dir() or not CORPUS.is_dir(),
    reason="the standard's schemas and the corpus of events do not lie beside the project",
)

FRAGMENTS = {"openlineage-compat-producer", "openlineage-spec-tests"}
WHOLE_EVENT = "example_full_event.json"


def documents() -> Iterator[tuple[str, str]]:
    """Name and text of every JSON document in the corpus; one a line in NDJSON files."""
    for path in sorted(CORPUS.rglob("*")):
        name = path.relative_to(CORPUS).as_posix()
        if path.suffix == ".json":
            yield name, path.read_text(encoding="utf-8")
        elif path.suffix == ".ndjson":
            lines = path.read_text(encoding="utf-8").splitlines()
            yield from ((f"{name}:{number}", line) for number, line in enumerate(lines, 1))


def real_events() -> Iterator[tuple[str, str]]:
    """The documents that real producers sent as they are: no fragment, no template, none made invalid on purpose."""
    for name, text in documents():
        top = name.partition("/")[0]
        if name.endswith(("metadata.template.json", "event_without_schema_url.json")):
            continue
        if top not in FRAGMENTS or name.endswith(WHOLE_EVENT):
            yield name, text
