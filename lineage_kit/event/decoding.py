"""JSON → event: lenient, which loses nothing, or strict, which takes only what the standard allows.

A facet becomes a typed struct where the struct gives back the same JSON, else it stays a plain dict. What fits into no
field (unknown keys, nulls, a missing producer) waits beside the fields, in ``__dict__["kept"]``, and `encode` puts it
back: encoding a decoded event gives the JSON it was read from.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from lineage_kit.errors import DecodeError
from lineage_kit.event.model import (
    Dataset,
    DatasetEvent,
    Event,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    W,
    restore,
)
from lineage_kit.event.shapes.parsing import parse, unreadable
from lineage_kit.event.shapes.structs import build_facet


def decode(data: bytes | str | dict[str, Any], strict: bool = False) -> Event:
    """The event in one JSON document, or in a dict parsed from one (whose parts the event may then hold).

    Lenient (the default) raises `DecodeError` only for what is no JSON object or holds neither run and job, nor job,
    nor dataset; what it cannot read is in the event's JSON all the same. `strict` raises one `DecodeError` that lists
    every problem, warnings too.
    """
    tree = parse(data)
    if strict:
        from lineage_kit.event.check import problems

        if found := problems(data):
            raise DecodeError(found)
    kind = _kind(tree)
    parts: list[dict[str, Any]] = []
    event: Event = _read(kind, tree, parts)
    if any(parts) or _holds_null(data):
        event.__dict__.setdefault("kept", {})
    return event


def _kind(tree: dict[str, Any]) -> type[RunEvent | JobEvent | DatasetEvent]:
    held = {name for name in ("run", "job", "dataset") if isinstance(tree.get(name), dict)}
    if {"run", "job"} <= held:
        return RunEvent
    if held & {"job", "dataset"}:
        return JobEvent if "job" in held else DatasetEvent
    raise unreadable(
        "holds neither run and job (a run event), nor job (a job event), nor dataset (a dataset event)"
    )


def _holds_null(data: bytes | str | dict[str, Any]) -> bool:
    """Whether a null may stand in it: the word is enough, in a text too."""
    text = json.dumps(data, default=lambda _: None) if isinstance(data, dict) else data
    return "null" in text if isinstance(text, str) else b"null" in text


def _read(kind: type[W], tree: dict[str, Any], parts: list[dict[str, Any]]) -> W:
    """One object of the event from its JSON; what its fields cannot hold goes beside them, and into `parts`."""
    readers = _READERS[kind]
    fields: dict[str, Any] = {}
    kept: dict[str, tuple[Any, Any]] = {key: (UNSET, tree[key]) for key in tree.keys() - readers.keys()}
    for name, (read, blank, written) in readers.items():
        original = tree.get(name, UNSET)
        value = UNSET if original is UNSET else read(original, parts)
        if value is UNSET:
            value = blank()
            if original is not written:
                kept[name] = (written, original)
        fields[name] = value
    parts.append(kept)
    return restore(kind, fields, {"kept": kept} if kept else {})


def _text(value: Any, parts: list[dict[str, Any]]) -> Any:
    return value if isinstance(value, str) else UNSET


def _state(value: Any, parts: list[dict[str, Any]]) -> Any:
    return RunState(value) if isinstance(value, str) and value in RunState.__members__ else UNSET


def _facets(home: str) -> Callable[..., Any]:
    def read(value: Any, parts: list[dict[str, Any]]) -> Any:
        if not isinstance(value, dict) or not value:
            return UNSET
        return {key: build_facet(home, key, facet) for key, facet in value.items()}

    return read


def _one(kind: type[W]) -> Callable[..., Any]:
    def read(value: Any, parts: list[dict[str, Any]]) -> Any:
        return _read(kind, value, parts) if isinstance(value, dict) else UNSET

    return read


def _many(kind: type[W]) -> Callable[..., Any]:
    def read(value: Any, parts: list[dict[str, Any]]) -> Any:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            return UNSET
        return [_read(kind, item, parts) for item in value]

    return read


def _nothing() -> Any:
    return UNSET


# field → how it is read, what it holds when it cannot be, and what `encode` writes for that.
_Field = tuple[Callable[..., Any], Callable[[], Any], Any]
_TEXT: _Field = (_text, str, "")
_DATASET: dict[str, _Field] = {"namespace": _TEXT, "name": _TEXT, "facets": (_facets("dataset"), dict, UNSET)}
_EVENT: dict[str, _Field] = {"eventTime": _TEXT, "producer": _TEXT, "schemaURL": _TEXT}
_LISTS: dict[str, _Field] = {
    "inputs": (_many(InputDataset), list, []),
    "outputs": (_many(OutputDataset), list, []),
}
_JOB: dict[str, _Field] = {"job": (_one(Job), _nothing, UNSET)}
_READERS: dict[type, dict[str, _Field]] = {
    Run: {"runId": _TEXT, "facets": (_facets("run"), dict, UNSET)},
    Job: {"namespace": _TEXT, "name": _TEXT, "facets": (_facets("job"), dict, UNSET)},
    Dataset: _DATASET,
    InputDataset: _DATASET | {"inputFacets": (_facets("input"), dict, UNSET)},
    OutputDataset: _DATASET | {"outputFacets": (_facets("output"), dict, UNSET)},
    RunEvent: {"eventType": (_state, _nothing, UNSET), "run": (_one(Run), _nothing, UNSET)}
    | _EVENT
    | _JOB
    | _LISTS,
    JobEvent: _EVENT | _JOB | _LISTS,
    DatasetEvent: _EVENT | {"dataset": (_one(Dataset), _nothing, UNSET)},
}
