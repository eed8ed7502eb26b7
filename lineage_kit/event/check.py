"""What is wrong in an event's JSON: every breach of the standard's structure, and what producers bend, with its path.

Judged from the structs of `lineage_kit.event`; agrees with the standard's own JSON schemas, except that

- a run id that is no UUID, a URI without scheme, a time without zone, a schema URL that points nowhere known are
  warnings, and so is all in a facet that names another schema, or another major version, than the standard's newest;
- a facet that says ``_deleted: true`` may lack its other fields;
- an event that holds both a job and a dataset, without a run, is an error even where one of the two is broken;
- columns and conditions nested more than a hundred deep are an error.

Source: OpenLineage 2-0-2, ``OpenLineage.json`` and ``facets/*.json``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lineage_kit.errors import DecodeError
from lineage_kit.event.facet import CORE_SCHEMA
from lineage_kit.event.model import RunState
from lineage_kit.event.problem import Problem, join
from lineage_kit.event.shapes.formats import schema_url
from lineage_kit.event.shapes.kinds import Field, Items, Plain, Record, Shape, is_text
from lineage_kit.event.shapes.parsing import parse
from lineage_kit.event.shapes.structs import DATE_TIME, NAME, URI, UUID, Facets, one_of

__all__ = ["Problem", "problems"]


def problems(data: bytes | str | dict[str, Any]) -> list[Problem]:
    """Everything that is wrong with one event, errors and warnings, each with its path; empty when it is fine."""
    found: list[Problem] = []
    try:
        tree = parse(data, _noting_twins)
    except DecodeError as error:
        return [problem for problem in error.problems if isinstance(problem, Problem)]
    if isinstance(data, (bytes, bytearray)) and data.startswith(b"\xef\xbb\xbf"):
        found.append(Problem("event", "warning", "starts with a byte order mark, which many readers refuse"))
    _check_twins(tree, "", found)
    kind = _kind(tree, found)
    if kind is not None:
        _events()[kind].check(tree, "", found)
    return found


def _kind(tree: dict[str, Any], found: list[Problem]) -> str | None:
    """Which event it is by the keys it has, as the standard tells them apart."""
    has_run, has_job, has_dataset = (name in tree for name in ("run", "job", "dataset"))
    if has_dataset and has_job:
        if has_run:
            found.append(
                Problem("dataset", "warning", "is ignored in a run event; inputs and outputs hold datasets")
            )
        else:
            message = "holds both job and dataset: a job event has no dataset, a dataset event no job"
            found.append(Problem("event", "error", message))
            return None
    if has_dataset and not has_job:
        return "DatasetEvent"
    if has_run or has_job:
        return "RunEvent" if has_run else "JobEvent"
    message = "holds neither run and job (a run event), nor job (a job event), nor dataset (a dataset event)"
    found.append(Problem("event", "error", message))
    return None


@cache
def _events() -> dict[str, Shape]:
    names = {"namespace": _need("namespace", NAME), "name": _need("name", NAME)}
    dataset = names | _facets("facets", "dataset")
    run = Record(lambda: {"runId": _need("runId", UUID)} | _facets("facets", "run"))
    job = Record(lambda: names | _facets("facets", "job"))
    inputs = Items(Record(lambda: dataset | _facets("inputFacets", "input")))
    outputs = Items(Record(lambda: dataset | _facets("outputFacets", "output")))
    lists = {"inputs": Field("inputs", inputs), "outputs": Field("outputs", outputs)}
    own = {
        "RunEvent": {
            "eventType": Field("eventType", one_of(RunState)),
            "run": _need("run", run),
            "job": _need("job", job),
            **lists,
        },
        "JobEvent": {"job": _need("job", job), **lists},
        "DatasetEvent": {"dataset": _need("dataset", Record(lambda: dataset))},
    }
    return {kind: _event(kind, fields) for kind, fields in own.items()}


def _event(kind: str, fields: dict[str, Field]) -> Shape:
    return Record(lambda: _base(kind) | fields)


def _base(kind: str) -> dict[str, Field]:
    schema = Plain("a URI", is_text, schema_url(CORE_SCHEMA + kind))
    return {
        "eventTime": _need("eventTime", DATE_TIME),
        "producer": _need("producer", URI),
        "schemaURL": _need("schemaURL", schema),
    }


def _need(name: str, shape: Shape) -> Field:
    return Field(name, shape, required=True)


def _facets(name: str, home: str) -> dict[str, Field]:
    return {name: Field(name, Facets(home))}


class _Twins(dict[str, Any]):
    """An object in which a key stands twice."""

    twice: str


def _noting_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    noted, seen = _Twins(plain), set[str]()
    noted.twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return noted


def _check_twins(value: Any, path: str, found: list[Problem]) -> None:
    waiting = [(value, path)]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, _Twins):
            message = "stands twice in one object; readers keep one of the two"
            found.append(Problem(join(path, value.twice), "warning", message))
        if isinstance(value, dict):
            waiting.extend((item, join(path, key)) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend((item, join(path, index)) for index, item in enumerate(value))
