"""How a dataset name is shortened: the folding of dates and partitions, and the user's own trimmers after it.

The existing client has four built-in trimmers, named here so that its configurations keep their meaning; switching off
one of the three for dates switches off all folding of dates.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from lineage_kit import report
from lineage_kit.config.dotted import load_trimmer
from lineage_kit.config.model import TRIMMERS, DatasetSettings
from lineage_kit.errors import ConfigError
from lineage_kit.naming import fold, unmark
from lineage_kit.naming.dates import foldable

PARTITIONS = TRIMMERS[0]
DATES = frozenset(TRIMMERS[1:])
MAX_PASSES = 16

Trim = Callable[[str], str]


def trim(namespace: str, name: str, settings: DatasetSettings) -> str:
    """The name as `settings` want it. Never raises: a trimmer that fails, or never comes to an end, changes nothing."""
    if settings.disabled_trimmers:
        name = _partly_folded(namespace, name, _off(settings.disabled_trimmers))
    else:
        name = fold(namespace, name)
    if settings.extra_trimmers:
        name = _trimmed(name, _own(settings.extra_trimmers))
    return unmark(name) if "\x1a" in name else name


def _partly_folded(namespace: str, name: str, off: frozenset[str]) -> str:
    if not off:
        return fold(namespace, name)
    if not foldable(namespace) or off == {*DATES, PARTITIONS}:
        return name
    segments = name.split("/")
    partition = next((index for index, segment in enumerate(segments) if "=" in segment), None)
    if PARTITIONS in off:
        return fold(namespace, name) if partition is None else name
    if not partition:
        return name
    tail = fold(namespace, "/".join(("-", *segments[partition:])))  # the head keeps its dates
    return "/".join(segments[:partition]) + tail.removeprefix("-")


@lru_cache(maxsize=16)
def _off(names: tuple[str, ...]) -> frozenset[str]:
    """Which built-in trimmers do not run; all for dates when one of them is named."""
    short = {name.rpartition(".")[2] for name in names}
    for name in sorted(short - DATES - {PARTITIONS}):
        report.problem(
            f"trimmers.disabled:{name}",
            f"dataset.disabled_trimmers names {name!r}; there are {', '.join(sorted(DATES))} and {PARTITIONS}",
        )
    off = {PARTITIONS} & short
    return frozenset(off | DATES if short & DATES else off)


@lru_cache(maxsize=16)
def _own(names: tuple[str, ...]) -> tuple[Trim, ...]:
    """The user's trimmers: functions, classes or objects with a method ``trim(name) -> name``."""
    found = []
    for name in names:
        try:
            found.append(load_trimmer(name, "$.dataset.extra_trimmers"))
        except ConfigError as error:  # settings that were made in code, and never checked
            report.problem(
                f"trimmers.extra:{name}", f"dataset.extra_trimmers: {name!r} cannot be used", error
            )
    return tuple(found)


def _trimmed(name: str, trimmers: tuple[Trim, ...]) -> str:
    """Every trimmer in turn until nothing changes; the name as it was when they lengthen it or go round in circles."""
    seen = {name}
    current = name
    for _ in range(MAX_PASSES):
        before = current
        for function in trimmers:
            current = _once(function, current)
        if current == before:
            return current
        if current in seen or len(current) > len(name):
            break
        seen.add(current)
    report.problem(
        "trimmers.loop", "the trimmers in dataset.extra_trimmers come to no end; a name stays as it was"
    )
    return name


def _once(function: Trim, name: str) -> str:
    try:
        shorter = function(name)
        return shorter if type(shorter) is str and shorter.strip() else name
    except Exception as error:  # the door: the user's function
        report.problem(
            "trimmers.failed", "a trimmer in dataset.extra_trimmers raised and is passed over", error
        )
        return name
