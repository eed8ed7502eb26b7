"""Several destinations at once: a composite only holds them; each gets a delivery of its own from the client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any, ClassVar

import msgspec

from lineage_kit.config import Raw
from lineage_kit.config.problems import Problems, shown_key
from lineage_kit.config.tree import is_null
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Options, Transport
from lineage_kit.transport.common.destination import Destination


class CompositeConfig(Options, frozen=True):
    """transports: a list or a mapping name → transport; each a mapping as under ``transport``, or an object.

    continue_on_failure, continue_on_success: whether the next destination is tried after one failed or succeeded.
    sort_transports: try those of higher ``priority`` first.
    """

    transports: list[Raw] | dict[str, Raw]
    continue_on_failure: bool = True
    continue_on_success: bool = True
    sort_transports: bool = False

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """No transports, or none in a form that can be read."""
        if "transports" not in given:
            return
        if not isinstance(given["transports"], (list, tuple, dict)):
            yield "transports", "transports must be a list or a mapping of transports"
        elif all(_is_empty(item) for item in _items(given["transports"])):
            yield "transports", "transports is empty: name at least one transport"

    @classmethod
    def check_parts(cls, params: Mapping[str, Any], path: str) -> None:
        """Each of the transports by itself."""
        transports = params.get("transports")
        if isinstance(transports, (list, dict)):
            _build(transports, f"{path}.transports")


class CompositeTransport(Transport):
    """``type: composite``: `destinations` are what it holds, in the order in which they are to be tried."""

    kind: ClassVar[str | None] = "composite"
    config_class: ClassVar[type] = CompositeConfig
    placed: ClassVar[bool] = True

    def __init__(self, config: CompositeConfig, path: str = "$.transport") -> None:
        self.config: CompositeConfig = config
        destinations = _build(config.transports, f"{path}.transports")
        if config.sort_transports:
            destinations.sort(key=lambda destination: -destination.priority)
        self.destinations: tuple[Destination, ...] = tuple(destinations)

    def flat(self) -> tuple[Destination, ...]:
        """The destinations with those of nested composites in their place, named ``outer.inner``."""
        found: list[Destination] = []
        for destination in self.destinations:
            if isinstance(destination.transport, CompositeTransport):
                inner = destination.transport.flat()
                found += (
                    msgspec.structs.replace(one, name=f"{destination.name}.{one.name}") for one in inner
                )
            else:
                found.append(destination)
        return tuple(found)

    def send(self, envelope: Envelope) -> str | None:
        """Never: a client delivers to each destination by itself, so that only the one that failed tries again."""
        raise TypeError("a composite sends nothing itself: give it to OpenLineageClient(transport=…)")

    def close(self, timeout: float = 1.0) -> None:
        """Close all destinations, the last first, whatever one of them raises."""
        with ExitStack() as closing:
            for destination in self.destinations:
                closing.callback(destination.transport.close, timeout / len(self.destinations))

    def describe(self) -> str:
        """All destinations."""
        return ", ".join(destination.transport.describe() for destination in self.destinations)


def _is_empty(item: Any) -> bool:
    return is_null(item) or item == {}


def _items(transports: Any) -> Any:
    return transports.values() if isinstance(transports, dict) else transports


def _build(transports: Any, path: str) -> list[Destination]:
    """What each section describes; one `ConfigError` tells what is wrong with all of them."""
    from lineage_kit.transport.registry import destination

    problems = Problems()
    found: list[Destination] = []
    used: set[str] = set()
    if isinstance(transports, dict):
        given = [
            (str(name), f"{path}.{shown_key(str(name), path)}", item) for name, item in transports.items()
        ]
    else:
        given = [("", f"{path}[{index}]", item) for index, item in enumerate(transports)]
    for name, place, item in given:
        if _is_empty(item):
            continue  # how a file or variable takes out what another layer put in
        built = problems.attempt(partial(destination, item, place, name))
        if built is not None:
            unique = _unique(built.name, used)
            used.add(unique)
            found.append(msgspec.structs.replace(built, name=unique))
    problems.finish()
    return found


def _unique(name: str, used: set[str]) -> str:
    number, unique = 1, name
    while unique in used:
        number += 1
        unique = f"{name}-{number}"
    return unique
