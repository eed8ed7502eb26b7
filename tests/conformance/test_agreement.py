"""Our check and the standard's schemas agree on events that were broken at random."""

import copy
import json
import random
from typing import Any

import pytest

from lineage_kit.event.check import problems
from lineage_kit.event.decoding import decode
from lineage_kit.event.encoding import encode
from tests.support.judge import STRUCTURE, event_breaches
from tests.support.shared import documents, needs_shared, real_events

pytestmark = needs_shared

VALUES: list[Any] = [
    None,
    True,
    0,
    3,
    3.0,
    0.5,
    "",
    "x",
    [],
    {},
    ["x"],
    [{}],
    {"x": {}},
    "2026-11-22",
    "{{ x }}",
]
ROUNDS = 4


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in the tree, containers included."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = [path] if path else []
    for key, value in pairs:
        found += _places(value, (*path, key))
    return found


def _broken(event: dict[str, Any], chance: random.Random) -> tuple[dict[str, Any], str]:
    """A copy with one value deleted, replaced, renamed or added, and what was done."""
    event = copy.deepcopy(event)
    *way, last = chance.choice(_places(event))
    holder: Any = event
    for step in way:
        holder = holder[step]
    act = chance.choice(["delete", "replace", "rename", "add"])
    value = chance.choice(VALUES)
    if act == "rename" and isinstance(holder, dict):
        holder[f"{last}_"] = holder.pop(last)
    elif act == "add" and isinstance(holder[last], dict):
        holder[last][chance.choice(["extra", "run", "type", "inputs", "_deleted", "facets", "fields"])] = (
            value
        )
    elif act == "delete":
        del holder[last]
    else:
        holder[last] = value
    return event, f"{act} {'.'.join(map(str, (*way, last)))} {value!r}"


def _is_bend(event: dict[str, Any]) -> bool:
    """Both a job and a dataset, without a run: an error for us however broken one of the two is."""
    return "job" in event and "dataset" in event and "run" not in event


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_errors_are_those_the_schemas_find(seed: int) -> None:
    """A broken event has an error exactly where a schema refuses it, but for the bends that are written down."""
    for name, text in real_events():
        chance = random.Random(f"{name} {seed}")
        event, done = _broken(json.loads(text), chance)
        ours = [problem for problem in problems(event) if problem.severity == "error"]
        theirs = event_breaches(event, STRUCTURE, own_version_only=True)
        assert _is_bend(event) or bool(ours) == bool(theirs), (name, done, ours, theirs)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_nothing_a_schema_finds_is_silent(seed: int) -> None:
    """Whatever a schema holds against a broken event, formats included, is an error or a warning of ours."""
    for name, text in real_events():
        chance = random.Random(f"{name} silent {seed}")
        event, done = _broken(json.loads(text), chance)
        deleted = '"_deleted": true' in json.dumps(event)
        assert deleted or problems(event) or not event_breaches(event), (name, done)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_broken_events_are_read_without_loss(seed: int) -> None:
    """Lenient decoding keeps every break: encoding gives it back."""
    for name, text in documents():
        tree = json.loads(text)
        chance = random.Random(f"{name} read {seed}")
        if isinstance(tree, dict) and isinstance(tree.get("job"), dict):
            event, done = _broken(tree, chance)
            if isinstance(event.get("job"), dict):
                assert json.loads(encode(decode(json.dumps(event)))) == event, (name, done)
