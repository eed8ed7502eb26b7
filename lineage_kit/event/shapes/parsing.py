"""Bytes or text → the one JSON object in them, or one problem that says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lineage_kit.errors import DecodeError
from lineage_kit.event.problem import Problem, show

_BOM = b"\xef\xbb\xbf"


def parse(
    data: bytes | str | dict[str, Any], pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The JSON object in `data`; raises `DecodeError` with the one problem that keeps it from being read.

    `pairs` makes each object from its pairs, as in `json.loads`.
    """
    if isinstance(data, dict):
        return data
    try:
        text = data if isinstance(data, str) else bytes(data).removeprefix(_BOM).decode()
        tree = json.loads(
            text.removeprefix("\ufeff"), parse_constant=_refuse_constant, object_pairs_hook=pairs
        )
    except UnicodeDecodeError as error:
        raise unreadable(f"is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}") from None
    except RecursionError:
        raise unreadable("is nested too deep to be read") from None
    except ValueError as error:
        raise unreadable(f"is not JSON: {error}") from None
    if not isinstance(tree, dict):
        raise unreadable(f"must be one JSON object, not {show(tree)}")
    return tree


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def unreadable(message: str) -> DecodeError:
    """The error for a document that cannot be read at all."""
    return DecodeError([Problem("event", "error", message)])
