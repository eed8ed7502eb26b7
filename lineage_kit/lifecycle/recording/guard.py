"""The door around everything a run is told: whatever goes wrong is said, and costs that one thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.strangers import told

T = TypeVar("T")


def guarded(what: str, step: Callable[[], T], cause: str = "") -> T | None:
    """What `step` gives; None, and one warning about `what`, where it fails. `cause`: of what is said only once."""
    try:
        return step()
    except LineageError as error:
        report.problem(f"run.{cause or what}", told(error))
    except Exception as error:  # door: what a run is told may be anything
        report.problem(f"run.{cause or what}", f"{what} could not be noted", error)
    return None
