"""The standard's own examples of single facets, read and judged."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from lineage_kit.event.facets import standard
from lineage_kit.event.problem import Problem
from lineage_kit.event.shapes.structs import Facets, build_facet
from tests.support.judge import STRUCTURE, facet_breaches
from tests.support.shared import CORPUS, WHOLE_EVENT, needs_shared

pytestmark = needs_shared


def _examples() -> Iterator[Any]:
    folder = CORPUS / "openlineage-spec-tests"
    for path in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
        if path.name != WHOLE_EVENT:
            for key, facet in json.loads(path.read_text()).items():
                home = _home(path.parent.name, key, facet)
                yield pytest.param(home, key, facet, id=f"{path.parent.name}/{path.stem}")


def _home(folder: str, key: str, facet: dict[str, Any]) -> str:
    if folder == "LineageFacet":
        return "job" if "entries" in facet else "dataset"
    if folder == "BaseSubsetDatasetFacet":
        return "input" if "inputCondition" in facet else "output"
    url = f"/{folder}.json"
    return next(home for (home, name), kind in standard().items() if name == key and url in _url(kind))


def _url(kind: type[msgspec.Struct]) -> str:
    return str(next(field.default for field in msgspec.structs.fields(kind) if field.name == "schemaURL"))


every_example = pytest.mark.parametrize(("home", "key", "facet"), list(_examples()))


@every_example
def test_examples_are_read_typed(home: str, key: str, facet: dict[str, Any]) -> None:
    """Each example becomes an object of its facet's class and gives back the same JSON."""
    built = build_facet(home, key, facet)
    assert type(built) is standard()[home, key]
    assert json.loads(msgspec.json.encode(built)) == facet


@every_example
def test_examples_are_judged_as_the_schemas_judge_them(home: str, key: str, facet: dict[str, Any]) -> None:
    """Where the schema finds an error, so do we; where it finds none, neither do we."""
    found: list[Problem] = []
    Facets(home).check({key: facet}, "facets", found)
    errors = [problem for problem in found if problem.severity == "error"]
    assert bool(errors) == bool(facet_breaches(home, key, facet, STRUCTURE)), found
